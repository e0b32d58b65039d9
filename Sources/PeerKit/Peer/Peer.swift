internal import PeerLoop
internal import PeerSession
internal import Synchronization

/// One peer, as any thread may hold it: a small handle to what the event loop owns.
///
/// Messages are encoded on the thread that queues them. What the handshake settled is read directly; counters are
/// published by the loop as it goes.
public final class Peer: Sendable {
    /// Who made the connection.
    public enum Direction: Sendable, Hashable, BitwiseCopyable {
        /// The peer connected to this node.
        case inbound
        /// This node connected to the peer.
        case outbound
    }

    /// Number of this peer, unique in its node.
    public let id: UInt64
    /// The address of the other side.
    public let address: SocketAddress
    let core: NodeCore
    /// Where the loop keeps what it owns of this peer.
    var slot: Int { place.load(ordering: .relaxed) }
    /// Set once, on the loop; below 0 until then.
    let place = Atomic<Int>(-1)
    let queuedByteCount = Atomic<Int>(0)
    // The small ones together: a gap between them would cost every peer memory.
    /// Who made the connection.
    public let direction: Direction
    let state = Atomic<UInt8>(PeerState.handshaking.rawValue)
    /// Set when the send queue went over its high mark, or was found there, and ``MessageListeners/onWritable`` is
    /// owed.
    let owesWritable = Atomic<Bool>(false)
    /// ``PeerFlags`` as last published.
    let flags = Atomic<UInt8>(PeerFlags.initial.rawValue)
    let negotiated = Atomic<Int32>(0)
    /// Set when the peer's `version` comes: seconds, and the height that only rises from then on.
    let timeOffset = Atomic<Int32>(0)
    let knownHeight = Atomic<Int32>(0)
    let counters: PeerCounters
    /// Set once, when the peer's first `version` comes.
    let remoteVersion = AtomicLazyReference<RemoteVersion>()
    /// Made for those that need it.
    let extras = AtomicLazyReference<PeerExtras>()

    init(id: UInt64, address: SocketAddress, direction: Direction, core: NodeCore) {
        self.id = id
        self.address = address
        self.direction = direction
        self.core = core
        counters = PeerCounters(connectedAt: core.time(of: .now))
    }
}

/// A `version` message that many threads may read.
final class RemoteVersion: Sendable {
    let message: VersionMessage
    /// Made when the peer first announces a block, which is after its version.
    let announcedBlock = AtomicLazyReference<AnnouncedBlock>()

    init(_ message: VersionMessage) {
        self.message = message
    }
}

enum PeerState: UInt8 {
    case handshaking
    case established
    case gone

    /// What ``Peer/state`` says of a peer that waits for its connection: to everybody but who brings one it is
    /// handshaking.
    static let unattached: UInt8 = 3
}

extension Peer {
    var currentState: PeerState { PeerState(rawValue: state.load(ordering: .acquiring)) ?? .handshaking }

    /// True from the end of the handshake until the connection ends.
    public var isConnected: Bool { currentState == .established }

    /// What the peer said of itself, `nil` until its `version` came.
    public var version: VersionMessage? { remoteVersion.load()?.message }

    /// The protocol version both sides speak, `nil` until the handshake is done.
    public var protocolVersion: ProtocolVersion? {
        let number = negotiated.load(ordering: .acquiring)
        return number == 0 ? nil : ProtocolVersion(rawValue: number)
    }

    /// Bytes that wait to be sent; none once the peer is gone.
    public var pendingByteCount: Int { currentState == .gone ? 0 : queuedByteCount.load(ordering: .relaxed) }

    /// False while more than ``PeerConfiguration/sendQueueHighMark`` bytes wait to be sent. Once it was false,
    /// ``MessageListeners/onWritable`` comes when no more than half of that wait.
    public var isWritable: Bool {
        let mark = core.configuration.sendQueueHighMark
        if queuedByteCount.load(ordering: .relaxed) <= mark { return true }
        // Whoever hears "no" waits for onWritable, so from here on it is owed, whatever filled the queue. The loop may
        // have emptied it before it could know that, so the question is asked again.
        owesWritable.store(true, ordering: .sequentiallyConsistent)
        return queuedByteCount.load(ordering: .sequentiallyConsistent) <= mark
    }
}

extension Peer: CustomStringConvertible {
    /// Address and direction, as for a log.
    public var description: String { "\(address) (\(direction))" }
}

extension Peer: Hashable {
    /// The same connection.
    public static func == (left: Peer, right: Peer) -> Bool { left === right }

    /// By identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
