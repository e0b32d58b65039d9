internal import PeerLoop
internal import PeerSession
internal import PeerWire
internal import Synchronization

/// What every peer of a node shares, readable on any thread.
final class NodeCore: Sendable {
    let configuration: PeerConfiguration
    let session: SessionConfiguration
    let limits: WireLimits
    let magic: UInt32
    /// `nil` without messages of the application's own.
    let registry: MessageRegistry?
    let log: NodeLog?
    /// The listeners of every peer that has none of its own.
    let listeners: ListenerTable
    let mailbox: Mailbox<NodeCommand>
    /// Runs listeners.
    let pool: WorkerPool
    /// Hashes and decodes large payloads. By itself: so long a computation among the listeners would look like one that
    /// blocks, and at the loop's own priority it would keep the loop from its processor.
    let decoders: WorkerPool
    let counters = NodeCounters()
    let isShutDown = Atomic<Bool>(false)
    private let peerCount = Atomic<UInt64>(0)
    /// What the times in ``PeerCounters`` are counted from.
    let startedAt = ContinuousClock.now

    private static let decoderNiceness: Int32 = 10

    init(configuration: PeerConfiguration, mailbox: Mailbox<NodeCommand>) throws(SystemError) {
        var random = SystemRandomNumberGenerator()
        decoders = try WorkerPool(
            workers: configuration.decoders, niceness: Self.decoderNiceness, name: "peerdecoder")
        do throws(SystemError) {
            pool = try WorkerPool(workers: configuration.workers, maximum: configuration.maxWorkers)
        } catch {
            decoders.stop()
            throw error
        }
        self.configuration = configuration
        self.mailbox = mailbox
        limits = configuration.wireLimits
        magic = configuration.network.magic
        registry = configuration.messageRegistry.commands.isEmpty ? nil : configuration.messageRegistry
        log = NodeLog(configuration, registry: registry)
        listeners = ListenerTable(configuration.listeners)
        session = configuration.session(nonceKey: ConnectionNonce.Key(random.next(), random.next()))
    }

    /// The numbers of peers, from 1.
    func nextPeerID() -> UInt64 { peerCount.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Nanoseconds since the node was started.
    func time(of instant: ContinuousClock.Instant) -> Int64 { startedAt.duration(to: instant).wholeNanoseconds }

    /// Whether what a peer sends counts as known to it, for which its hashes are needed.
    var remembersWhatPeersSend: Bool {
        session.inventory.remembersWhatPeersSend && session.inventory.maxKnownItems > 0
    }
    var heardKinds: UInt64 { listeners.heardKinds }

    func encode(_ message: Message, for peer: Peer) throws(EncodeError) -> [UInt8] {
        try message.frame(
            magic: magic, protocolVersion: peer.protocolVersion ?? session.protocolVersion, limits: limits)
    }
}

/// What other threads ask of the loop.
enum NodeCommand: Sendable {
    case send(Peer, [UInt8], Peer.Completion?)
    /// A message from which something follows: an answer is due, or addresses may come.
    indirect case request(Peer, MessageFacts, [UInt8], Peer.Completion?)
    case hold(Peer, Message, reservedBytes: Int, Peer.Completion?)
    case announce(Peer, [InventoryVector])
    case disconnect(Peer)
    /// The listeners have caught up with a peer whose reading was paused.
    case resume(Peer)
    /// A worker is done with a large frame.
    indirect case worked(Peer, Frame, FrameWork.Outcome)
    case answer(Peer, HostAnswer)
    /// What is heard of a peer may have changed.
    case hear(Peer)
    case perform(@Sendable (NodeLoop) -> Void)
}

/// Totals of a node, written by its loop and read anywhere.
final class NodeCounters: Sendable {
    let connectedPeers = Atomic<Int>(0)
    let handshakes = Atomic<UInt64>(0)
    let refusedPeers = Atomic<UInt64>(0)
    let receivedMessages = Atomic<UInt64>(0)
    let receivedBytes = Atomic<UInt64>(0)
    let sentBytes = Atomic<UInt64>(0)
}

/// Totals of a node since it started. A snapshot.
public struct NodeStatistics: Sendable, Hashable {
    /// Peers whose handshake is done and whose connection has not ended.
    public var connectedPeers: Int
    /// Handshakes completed.
    public var handshakes: UInt64
    /// Inbound connections refused at accept: over a limit, or for want of a descriptor.
    public var refusedPeers: UInt64
    /// Whole valid messages received.
    public var receivedMessageCount: UInt64
    /// Bytes received.
    public var receivedByteCount: UInt64
    /// Bytes the kernel has taken.
    public var sentByteCount: UInt64
}
