import DequeModule
public import PeerSession
public import PeerWire

/// One end of a connection at a node: a session and the host around it.
///
/// The host does what a real one does, with virtual time and a simulated transport: cuts and decodes frames, carries
/// out what the session says, queues, flushes, runs listeners in a lane, asks the application, and reads no further
/// while it must not.
public final class SimPeer: Endpoint {
    /// Its number in traces; no two ends of a simulation have the same.
    public let number: Int
    /// The node whose peer it is.
    public let node: SimNode
    /// Room for whatever the application wants to keep with a peer.
    public var attachment: AnyObject?

    let id: Int32
    let simulation: Simulation
    let connection: SimConnection
    let end: Int
    var session: PeerSession
    var actions = ActionList()
    var books: PeerBooks

    // Input.
    var decoder: FrameDecoder
    var limits: WireLimits
    var partial = PartialHeader()
    /// What was read and not given to the session, while it waits for the host or the lane is full.
    var rest: [UInt8] = []
    var restOffset = 0
    var isReadScheduled = false
    var isReadingPaused = false
    var hasSeenEnd = false
    var nextFrameNumber: Int64 = 0

    // Output.
    var queue = Deque<OutgoingFrame>()
    var pendingByteCount = 0
    var ownPendingByteCount = 0
    var sentByteCount: UInt64 = 0
    var held = Deque<HeldMessage>()
    var isQueueChanged = false

    // Lane.
    var lane = Deque<LaneItem>()
    var laneByteCount = 0
    var framesInLane = 0
    /// Requests in the lane that were postponed: they are no more than waited before.
    var releasedInLane = 0
    var isWorking = false
    var postponed = Deque<PostponedRequest>()
    var question: HostQuestion?

    // Time and end.
    var timerAt: VirtualTime?
    var auditAt: VirtualTime?
    var lastTimer: VirtualTime?
    var repeatedTimers = 0
    var ending: Ending = .none

    /// How far the end of a peer has come.
    enum Ending: Equatable {
        case none
        /// The session has closed; what is queued is flushed, then writing is shut down and input drained.
        case flushing
        case draining
        /// The socket is closed; the lane runs on.
        case closed
        /// The application has been told.
        case over
    }

    /// Why it ended; `nil` before that.
    public internal(set) var disconnectReason: DisconnectReason?
    /// What the peer's `version` said; `nil` until it came.
    public internal(set) var version: VersionMessage?

    init(
        id: Int32, simulation: Simulation, node: SimNode, connection: SimConnection, end: Int,
        direction: PeerSession.Direction
    ) {
        self.id = id
        number = Int(id)
        self.simulation = simulation
        self.node = node
        self.connection = connection
        self.end = end
        // Only what is dialled carries the mark by which a node knows itself.
        let nonce =
            direction == .outbound
            ? node.settings.session.nonceKey.makeNonce(random: UInt32(truncatingIfNeeded: node.random.next()))
            : node.random.next() | 1
        session = PeerSession(
            group: node.group, direction: direction, localNonce: nonce, seed: node.random.next(),
            at: simulation.now.instant)
        books = PeerBooks(node.settings, at: simulation.now)
        decoder = FrameDecoder(magic: node.settings.network.magic)
        limits = node.settings.wire
        node.peers.append(self)
        simulation.livePeerCount += 1
    }

    /// True from the end of the handshake until the session closes.
    public var isEstablished: Bool { session.isEstablished }
    /// Who dialled.
    public var direction: PeerSession.Direction { session.direction }
    /// The version both sides speak.
    public var protocolVersion: ProtocolVersion { session.negotiatedVersion }
    /// What the peer wants and what it is allowed.
    public var preferences: PeerPreferences { session.preferences }
    /// True while the peer's requests wait for it to read.
    public var hasPostponedRequests: Bool { !postponed.isEmpty }
    /// Bytes that wait to be sent.
    public var queuedByteCount: Int { pendingByteCount }
    /// The height of the newest block the peer has said to know; it never falls.
    public func noteBlock(height: Int32) { session.noteBlock(height: height) }
}

/// A frame that waits to be sent.
struct OutgoingFrame {
    let bytes: [UInt8]
    var offset = 0
    /// The message of the application that it is; negative for the session's own.
    let message: Int32
}

/// A message that waits for the handshake.
struct HeldMessage {
    let content: Message
    let message: Int32
}

/// A request that waits until the peer has read more.
struct PostponedRequest {
    let event: SessionEvent
    let content: Message
    let number: Int64
    let mark: FrameMark
}

/// What waits for the worker of a peer's lane.
enum LaneItem {
    case deliver(Message, Delivery)
    case decode(Frame, number: Int64)
    case refused(Command, FrameRefusal, number: Int64)
    case outcome(Int, SendOutcome)
    case handshake
    case disconnected(DisconnectReason)

    /// What is known of a delivery besides the message.
    struct Delivery {
        let number: Int64
        let mark: FrameMark
        var wasPostponed = false
        var withinRate: Int?
        let byteCount: Int
    }
}

/// What the session has asked.
enum HostQuestion {
    case newestBlock
    case acceptance
}

/// The header of the frame under way, as far as it has arrived.
struct PartialHeader {
    private var bytes: [UInt8] = []

    mutating func clear() {
        if !bytes.isEmpty { bytes.removeAll(keepingCapacity: true) }
    }

    mutating func add(_ input: [UInt8], from start: Int) {
        let count = min(Frame.headerByteCount - bytes.count, input.count - start)
        if count > 0 { bytes.append(contentsOf: input[start..<(start + count)]) }
    }

    /// Command and length, once the header is whole.
    var content: FrameMark? { bytes.count == Frame.headerByteCount ? FrameMark(of: bytes) : nil }
}
