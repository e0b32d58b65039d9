public import Logging
public import PeerLoop
public import PeerSession

/// What a node is and what it allows: its network and name, its limits and its listeners.
///
/// Every limit has its unit in its name or type, and what happens when it is reached in its description.
public struct PeerConfiguration: Sendable {
    /// The network whose magic begins every message.
    public var network: Network
    /// The name sent in `version` (BIP 14), at most 256 bytes.
    public var userAgent = UserAgent(name: "PeerKit", version: PeerKitVersion.current)
    /// The services advertised in `version`. With ``/PeerWire/Services/extendedVersion``, `extversion` is negotiated
    /// with peers that offer it too. Without ``/PeerWire/Services/bloom``, bloom messages and `mempool` are refused.
    public var services: Services = [.network, .bitcoinCash]
    /// The protocol version offered; what is spoken is the lower of both sides'.
    public var protocolVersion = ProtocolVersion.current
    /// The lowest protocol version accepted; a peer below it is disconnected, with a `reject` from version 70002 up.
    public var minimumProtocolVersion = ProtocolVersion.multipleAddresses
    /// Services that a peer this node dials must offer; without them it is disconnected, with a `reject` from version
    /// 70002 up.
    public var requiredServices: Services = []
    /// The height of this node's chain, sent in `version`, where ``newestBlock`` is not set.
    public var chainHeight: Int32 = 0
    /// Asked for the height of this node's newest block for each handshake, sent in `version`. On a worker thread: it
    /// may block, within ``handshakeTimeout``.
    public var newestBlock: (@Sendable () -> Int32)?
    /// Whether peers are asked to announce transactions.
    public var relaysTransactions = true
    /// The address at which this node can be reached, told to peers in `version` with ``services``; `nil` tells none.
    public var ownAddress: NetworkAddress?
    /// The proxy through which the application makes its outbound connections, such as Tor's; `nil` for none. The node
    /// does not dial through it: give connections that were made through it to ``Peer/init(outbound:to:)``. With it
    ///
    /// - the address of its host is told to no peer: a `version` to that host has none in its place;
    /// - ``ownAddress`` is not told to outbound peers, nor to those that come from its host, unless it is a hidden
    ///   service's;
    /// - names are not looked up without ``resolveHost``: the system's resolver would tell where the node connects.
    public var proxy: SocketAddress?
    /// Finds the addresses of a name in ``PeerNode/connect(to:messages:)``, in place of the system's resolver. Called
    /// on a worker, where it may block; what it throws, the connect throws. Numeric hosts do not come here.
    public var resolveHost: (@Sendable (HostAndPort) throws -> [SocketAddress])?
    /// What is said in `extversion`, where it is negotiated.
    public var extendedVersion = ExtendedVersionMessage(version: .current)
    /// Whether peers are told that addresses may come as `addrv2`.
    public var asksForAddressesV2 = true
    /// What is called when things happen, on worker threads.
    public var listeners = MessageListeners()
    /// Limits of payloads and counts; those of the network's block size by default.
    public var wireLimits: WireLimits
    /// The application's own messages: each is decoded, limited and refused like the protocol's own, and heard by
    /// ``MessageListeners/on(_:_:)`` and ``MessageListeners/onCustom``. Other unknown commands go to
    /// ``MessageListeners/onUnknown``.
    public var messageRegistry = MessageRegistry()

    /// Where the node says what it does; `nil`, the default, for nowhere. Its level is looked at once, when the node is
    /// made: `info` tells of peers that come and go (`notice` where this node ended it by its rules), `debug` of each
    /// message in a line besides, `trace` of each in full and in hexadecimal.
    ///
    /// The log handler runs on a worker thread, never on the event loop. It may block: that takes one of
    /// ``workers``, and what does not fit within the limits below meanwhile is lost, counted and told of at `warning`.
    public var logger: Logger?
    /// Messages and events that may wait for the log handler.
    public var logMessageLimit = 4_096
    /// Bytes of messages that may wait for the log handler. An empty log takes one message of any size.
    public var logByteLimit = 4 << 20
    /// Bytes of a frame that `trace` shows in hexadecimal, and characters of it that it shows as fields; a line says
    /// how much was left out.
    public var logDumpByteLimit = 64 << 10

    /// How long connecting may take before the handshake begins; then the attempt is given up.
    public var connectTimeout: Duration = .seconds(30)
    /// How long the handshake may take; then the peer is disconnected.
    public var handshakeTimeout: Duration = .seconds(30)
    /// How long a peer may go without a complete valid frame; then it is disconnected. This and the other waits for a
    /// peer stand still while it is not read because its listeners have not caught up.
    public var idleTimeout: Duration = .seconds(300)
    /// How often a peer is pinged.
    public var pingInterval: Duration = .seconds(120)
    /// How long a `pong` may take; then the peer is disconnected.
    public var pongTimeout: Duration = .seconds(1200)
    /// How long one frame may take to complete, besides what its length takes at ``slowestByteRate``; then the peer is
    /// disconnected.
    public var frameTimeout: Duration = .seconds(60)
    /// The slowest that a peer may send a frame or read what waits for it, in bytes a second.
    public var slowestByteRate = 16 << 10
    /// How long a peer may leave more than ``sendQueueHighMark`` bytes waiting and read slower than
    /// ``slowestByteRate``; then it is disconnected.
    public var sendProgressTimeout: Duration = .seconds(60)
    /// How long the answers to this node's requests may take; then the peer is disconnected.
    public var responseTimeouts = ResponseTimeouts()
    /// How long a goodbye may take: what waits is written and the other side's rest read; then the connection is
    /// closed.
    public var goodbyeTimeout: Duration = .seconds(5)

    /// Inbound peers at once; further ones are refused at accept. 0: no limit.
    public var maxInboundPeers = 10_000
    /// Inbound peers at once from one address; further ones are refused at accept. 0: no limit.
    public var maxInboundPeersPerAddress = 5
    /// Bytes that may wait to be sent to one peer; beyond it ``Peer/queue(_:)-(Message)`` refuses.
    public var sendQueueByteCap = 64 << 20
    /// Bytes above which a peer is no longer ``Peer/isWritable``; at half of it or less,
    /// ``MessageListeners/onWritable`` tells. At most ``sendQueueByteCap``.
    public var sendQueueHighMark = 1 << 20
    /// Bytes of requests that wait because more than ``sendQueueHighMark`` bytes do; a peer that asks on and on and
    /// does not read is disconnected beyond it.
    public var postponedByteCap = 1 << 20
    /// Longest block-like payload accepted while none was requested from the peer and direct relay is not allowed; a
    /// peer that sends more is disconnected.
    public var unrequestedBlockByteCap = 4 << 20
    /// Messages that may wait for the listeners of one peer; then its socket is not read until half are handled. One
    /// read's worth of messages (64 KiB of them) may come on top.
    public var laneMessageLimit = 64
    /// Bytes of messages that may wait for the listeners of one peer, with the same consequence. An empty lane takes
    /// one message of any size.
    public var laneByteLimit = 4 << 20
    /// News of written messages that may wait for ``MessageListeners/onWrite`` of one peer; what comes beyond it is
    /// only counted, see ``WriteEvent/missedCount``.
    public var writeEventLimit = 4_096
    /// Bytes of messages queued before the handshake is done; beyond it ``Peer/queue(_:)-(Message)`` refuses.
    public var heldByteCap = 1 << 20
    /// Requests with their answers, such as ``Peer/headers(after:upTo:within:)``, that may be pending with one peer;
    /// beyond it they throw ``RequestError/tooManyPending``.
    public var maxPendingRequests = 1_000
    /// Threads that run listeners and stay.
    public var workers = 4
    /// Threads that run listeners at most: while all are busy and listeners have waited for 10 ms, one more is added;
    /// added ones end after 5 s without work. Beyond it a listener waits until another one returns. At least
    /// ``workers``.
    public var maxWorkers = 64
    /// Threads that hash and decode large payloads. They give way to the loop and the listeners; more of them than
    /// there are processors gain nothing.
    public var decoders = 2
    /// Bytes read from one peer in one tick of the loop, for which the loop keeps a buffer: at most 16 MiB.
    public var readByteCountPerTick = 64 << 10
    /// Bytes that all peers together may hold.
    public var memoryBudgets = MemoryBudgets()
    /// How inventory is announced, and how much of what a peer knows is remembered.
    public var inventory = InventoryConfiguration()
    /// How fast a peer may tell of addresses.
    public var addressRate = AddressRateConfiguration()
    /// What offences of peers weigh, and when they are too many.
    public var misbehaviour = MisbehaviourPolicy()
    /// Whether a connection of this node to itself is kept, for tests.
    public var allowsSelfConnections = false

    static let maxReadByteCountPerTick = 16 << 20

    /// A configuration with the defaults for `network`; for the test network where none is given, so that nothing
    /// reaches the main network by omission.
    public init(network: Network = .testnet3) {
        self.network = network
        wireLimits = WireLimits(network: network)
    }

    /// The part of it that the sessions work by.
    func session(nonceKey: ConnectionNonce.Key) -> SessionConfiguration {
        var session = SessionConfiguration(nonceKey: nonceKey)
        session.protocolVersion = protocolVersion
        session.minimumProtocolVersion = minimumProtocolVersion
        session.services = services
        session.requiredServices = requiredServices
        session.asksForAddressesV2 = asksForAddressesV2
        session.asksNewestBlock = newestBlock != nil
        session.asksVersionAcceptance = listeners.onVersion != nil
        session.allowSelfConnections = allowsSelfConnections
        session.heldByteCap = heldByteCap
        session.handshakeTimeout = handshakeTimeout
        session.idleTimeout = idleTimeout
        session.pingInterval = pingInterval
        session.pongTimeout = pongTimeout
        session.frameTimeout = frameTimeout
        session.slowestByteRate = slowestByteRate
        session.sendProgressTimeout = sendProgressTimeout
        session.responseTimeouts = responseTimeouts
        session.sendQueueHighMark = sendQueueHighMark
        session.postponedByteCap = postponedByteCap
        session.unrequestedBlockByteCap = unrequestedBlockByteCap
        session.inventory = inventory
        session.addressRate = addressRate
        session.misbehaviour = misbehaviour
        return session
    }
}

/// The version of this library, as its user agent says it.
public enum PeerKitVersion {
    /// Major, minor and revision.
    public static let current = "0.1.0"
}
