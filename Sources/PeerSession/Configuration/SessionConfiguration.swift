public import PeerWire

/// What all sessions of a node share: versions, services, deadlines and limits. Every wait has its unit in its type,
/// every limit in its name.
public struct SessionConfiguration: Sendable {
    /// The longest duration accepted here: 100 years, so that sums of a time and a few durations never overflow.
    public static let longestDuration: Duration = .seconds(100 * 365 * 86_400)

    /// The node's secret that marks its connection nonces, by which self-connections are found.
    public var nonceKey: ConnectionNonce.Key

    // MARK: Handshake

    /// The protocol version this node offers. Default ``/PeerWire/ProtocolVersion/current``.
    public var protocolVersion: ProtocolVersion = .current
    /// The lowest version accepted from a peer; below it the peer is refused as obsolete. Default 209, as bchd's.
    public var minimumProtocolVersion: ProtocolVersion = .multipleAddresses
    /// The services this node advertises. With ``/PeerWire/Services/extendedVersion`` among them, `extversion`
    /// is negotiated with peers that offer it too. Default none.
    public var services: Services = []
    /// Services a peer that this node dials must have; peers that dial in are not asked. Default none.
    public var requiredServices: Services = []
    /// Whether `sendaddrv2` is sent to peers of protocol version 70016 and above. Default true.
    public var asksForAddressesV2 = true
    /// Whether the host is asked for its newest block before each `version`, with
    /// ``SessionAction/askNewestBlock``. Default false: no question, no wait.
    public var asksNewestBlock = false
    /// Whether the host is asked if it accepts a peer's `version`, with ``SessionAction/askVersionAcceptance``. Default
    /// false.
    public var asksVersionAcceptance = false
    /// Whether a connection to this node itself is kept; for tests. Default false.
    public var allowSelfConnections = false
    /// Bytes of messages that may be queued before the handshake is done; further ones are refused. An empty queue
    /// takes one message of any size. Default 1 MiB.
    public var heldByteCap = 1 << 20

    // MARK: Deadlines

    /// How long a handshake may take from `connected`, the host's answers included, after which the session closes.
    /// Default 30 s.
    public var handshakeTimeout: Duration = .seconds(30)
    /// How long an established peer may go without a complete valid frame before the session closes. A frame under way
    /// has its own deadline instead. Default 5 min.
    public var idleTimeout: Duration = .seconds(5 * 60)
    /// The time between pings; the first goes at a random time within it. Default 2 min.
    public var pingInterval: Duration = .seconds(2 * 60)
    /// How long a pong may take before the session closes. Default 20 min.
    public var pongTimeout: Duration = .seconds(20 * 60)
    /// How long one frame may take to complete, from its first byte, besides what its length takes at
    /// ``slowestByteRate``; then the session closes. Default 60 s.
    public var frameTimeout: Duration = .seconds(60)
    /// The slowest that a peer may send a frame or read what waits for it, in bytes a second. Default 16 KiB.
    public var slowestByteRate = 16 << 10
    /// How long a peer may leave more than ``sendQueueHighMark`` bytes waiting and read slower than
    /// ``slowestByteRate``, before the session closes. Default 60 s.
    public var sendProgressTimeout: Duration = .seconds(60)
    /// How long the answers to this node's requests may take.
    public var responseTimeouts = ResponseTimeouts()

    // MARK: Sending and requests

    /// Bytes waiting to be sent above which requests that make replies are postponed; they go on at half of it.
    /// Default 1 MiB.
    public var sendQueueHighMark = 1 << 20
    /// Bytes of postponed requests, with their frame headers and 64 bytes for each; a peer that asks for more without
    /// reading is disconnected. The first waits whatever its size. Default 1 MiB.
    public var postponedByteCap = 1 << 20
    /// Longest block-like payload accepted while nothing of the kind was requested and direct relay is not allowed.
    /// Default 4 MiB.
    public var unrequestedBlockByteCap = 4 << 20

    // MARK: Inventory

    /// How announcements are batched.
    public var inventory = InventoryConfiguration()

    // MARK: Addresses and misbehaviour

    /// How fast a peer may tell of addresses.
    public var addressRate = AddressRateConfiguration()
    /// What offences weigh and when they are too many.
    public var misbehaviour = MisbehaviourPolicy()

    // MARK: Statistics

    /// Whether each peer counts messages and bytes by command, which takes about 1.5 KB a peer. The group always does.
    /// Default false.
    public var countsTrafficByPeer = false

    /// The defaults.
    public init(nonceKey: ConnectionNonce.Key) {
        self.nonceKey = nonceKey
    }
}

/// How inventory is announced to a peer.
public struct InventoryConfiguration: Sendable, Hashable {
    /// In what order the items of a batch are sent.
    public enum Order: Sendable, Hashable, BitwiseCopyable {
        /// As they were announced: parents before children.
        case asAnnounced
        /// At random, so that the order tells a peer nothing of where this node heard of them.
        case shuffled
    }

    /// How long an item waits to be sent with others. Zero: it is sent at once. Blocks always are. Default 50 ms.
    public var trickleInterval: Duration = .milliseconds(50)
    /// The most items in one `inv`. Default 5,000.
    public var maxItemsPerMessage = 5_000
    /// The most items that wait for one peer. When there are more, the oldest waiting transaction is dropped and
    /// counted: it is the one the peer is likeliest to have from elsewhere. Default 50,000.
    public var maxWaitingItems = 50_000
    /// How many items a peer is remembered to know; the least recently used is forgotten first. Default 2,000; 0
    /// remembers nothing.
    public var maxKnownItems = 2_000
    /// Whether what the peer itself announces or sends counts as known. Default true.
    public var remembersWhatPeersSend = true
    /// The order of a batch. Default ``Order/asAnnounced``.
    public var order: Order = .asAnnounced

    /// The defaults.
    public init() {}
}

/// How fast a peer may tell of addresses: a token bucket. Source: `PROTOCOL` 6.5.
public struct AddressRateConfiguration: Sendable, Hashable {
    /// Addresses a second that fill the bucket. Default 0.1.
    public var addressesPerSecond = 0.1
    /// Addresses in the bucket at first. Default 1.
    public var initialAddresses = 1.0
    /// The most that time fills the bucket to. Default 1,000.
    public var maxAddresses = 1_000.0
    /// What this node's own `getaddr` adds, over the cap too. Default 1,000.
    public var addressesPerRequest = 1_000.0

    /// The defaults.
    public init() {}
}

/// How long the answers to this node's requests may take before the session closes; `nil` waits for ever.
///
/// Source: `PROTOCOL` 6.2.
public struct ResponseTimeouts: Sendable, Hashable {
    /// `getheaders` to `headers`. Default 90 s.
    public var headers: Duration? = .seconds(90)
    /// `getdata` to each next item of the batch, found or not. Default 30 s.
    public var data: Duration? = .seconds(30)
    /// `getblocks` with a stop hash to `inv`. Without one no answer is due. Default 30 s.
    public var blockInventory: Duration? = .seconds(30)
    /// `mempool` to `inv`. Default `nil`: an honest node with nothing stays silent.
    public var mempool: Duration?
    /// `getcfilters` and `getcfmempool` to `cfilter`. Default 30 s.
    public var committedFilters: Duration? = .seconds(30)
    /// `getcfheaders` to `cfheaders`. Default 30 s.
    public var committedFilterHeaders: Duration? = .seconds(30)
    /// `getcfcheckpt` to `cfcheckpt`. Default 30 s.
    public var committedFilterCheckpoints: Duration? = .seconds(30)
    /// `getblocktxn` to `blocktxn`. Default 30 s.
    public var blockTransactions: Duration? = .seconds(30)

    /// The defaults.
    public init() {}
}
