internal import DequeModule
package import PeerLoop
package import PeerSession
package import PeerWire

/// What the event loop owns of one peer: its connection, decoder and session. It never leaves its loop.
package final class PeerConnection {
    let node: NodeLoop
    let core: NodeCore
    /// The handle other threads hold.
    package let peer: Peer
    /// Sees this peer's events on the loop itself; see ``LoopObserver``.
    package var observer: (any LoopObserver)?
    package internal(set) var session: PeerSession
    var decoder: FrameDecoder
    /// Set when the connection is made; kept until it is over.
    package internal(set) var connection: Connection?
    /// Listener events of this peer; made when the first one comes.
    var lane: PeerLane?
    /// Frames that wait behind a large one or an answer of the host; `nil` while none does.
    var backlog: FrameBacklog?
    var held: [HeldMessage] = []
    /// Requests of the application that are not answered yet.
    var requests: PendingRequests?
    /// Told once whether the handshake was completed: what ``PeerNode/connect(to:)`` waits for.
    var onOutcome: (@Sendable (Result<Peer, DisconnectReason>) -> Void)?
    /// Why the session closed, from then on.
    var closeReason: DisconnectReason?
    /// The deadline the timer is set to; the session's own may have moved later since.
    var armedDeadline: ContinuousClock.Instant?
    /// Bytes queued by the session that are not yet counted in the peer's atomic.
    var unpublishedBytes = 0
    /// Requests whose answers wait until the peer has read more, oldest first.
    var postponed = Deque<PostponedRequest>()
    /// Whether the session was told last that much waits to be sent, and so is owed news of it.
    var isSendQueueWatched = false
    var receivedMessages: UInt64 = 0
    var sentMessages: UInt64 = 0
    var wasOpened = false
    /// What of this peer's frames somebody wants to know.
    var traffic: TrafficInterest = []
    /// Where somebody listens to ``MessageListeners/onWrite``.
    var writeWatch: WriteWatch?
    /// The kinds that somebody hears of this peer; see ``MessageListeners/heardKinds``.
    var heardKinds: UInt64

    struct HeldMessage {
        let message: Message
        let reservedBytes: Int
        let completion: Peer.Completion?
    }

    struct PostponedRequest {
        let event: SessionEvent
        /// Without a view of the input, which is gone by then.
        let frame: Frame
        let message: Message?
    }

    init(node: NodeLoop, peer: Peer, session: PeerSession) {
        self.node = node
        self.peer = peer
        self.session = session
        core = node.core
        heardKinds = peer.heardKinds
        decoder = FrameDecoder(magic: node.core.magic)
        updateTraffic()
    }
}

/// A ``PeerConnection`` stays on its loop.
@available(*, unavailable)
extension PeerConnection: Sendable {}

/// Sees a peer's events on the loop's own thread, before and without any worker. For the load harness, which would
/// otherwise measure its own hand-offs. It must not block.
package protocol LoopObserver: AnyObject {
    /// The handshake is done.
    func established(_ peer: PeerConnection, at now: ContinuousClock.Instant)
    /// A frame that the session accepted. `input` holds its payload unless it was collected.
    func received(_ frame: Frame, in input: RawSpan, from peer: PeerConnection)
    /// The peer is gone, or was never reached.
    func ended(_ peer: PeerConnection, reason: DisconnectReason)
}

extension PeerConnection {
    /// The connect could not even begin; told like one that failed later.
    func failToConnect(_ error: SystemError) {
        handle(.transportClosed(.connectFailed(errno: error.code)), at: node.loop.now)
        end()
    }
}
