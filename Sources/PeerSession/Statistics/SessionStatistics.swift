public import PeerWire

/// All that a session knows of its peer and of what passed, at one moment.
///
/// What the peer said of itself (services, heights, time) need not be true. A host adds what it knows in a
/// ``PeerSnapshot``.
public struct SessionStatistics: Sendable, Hashable {
    // MARK: The connection

    /// When this was taken.
    public let takenAt: ContinuousClock.Instant
    /// Who dialled.
    public internal(set) var direction: PeerSession.Direction
    /// How far the session has come.
    public internal(set) var state: PeerSession.State
    /// When the transport came up; `nil` until then.
    public internal(set) var connectedAt: ContinuousClock.Instant?
    /// When the last bytes came; `nil` before the first.
    public internal(set) var lastReceivedAt: ContinuousClock.Instant?
    /// When the transport last took bytes; `nil` before the first.
    public internal(set) var lastSentAt: ContinuousClock.Instant?
    /// How long reading has been paused in all, because the listeners had not caught up.
    public internal(set) var pausedTime: Duration = .zero

    // MARK: The peer's version

    /// The protocol version spoken; `nil` until the peer's `version` came.
    public internal(set) var negotiatedVersion: ProtocolVersion?
    /// The protocol version the peer offers; `nil` until it said.
    public internal(set) var remoteVersion: ProtocolVersion?
    /// The services the peer offers; `nil` until it said.
    public internal(set) var services: Services?
    /// How far the peer's clock was ahead of this node's, in seconds; `nil` until it said.
    public internal(set) var timeOffsetSeconds: Int64?

    // MARK: Blocks

    /// The height of the peer's chain in its `version`; `nil` until it said.
    public internal(set) var startHeight: Int32?
    /// The height of the newest block the peer is known to have; `nil` until its `version` came.
    public internal(set) var lastBlockHeight: Int32?
    /// The last block the peer announced by `inv`.
    public internal(set) var lastAnnouncedBlock: Hash256?
    /// Whether the host syncs its chain from this peer.
    public internal(set) var isSyncPeer = false

    // MARK: Pings

    /// The nonce of the ping under way; `nil` when none is.
    public internal(set) var awaitedPingNonce: UInt64?
    /// When the ping under way was sent, or else the last one that was measured; `nil` before the first.
    public internal(set) var lastPingSentAt: ContinuousClock.Instant?
    /// The round trip of the last answered ping, in microseconds; `nil` before the first.
    public internal(set) var lastPingMicroseconds: UInt32?
    /// The shortest round trip, in microseconds; `nil` before the first.
    public internal(set) var minimumPingMicroseconds: UInt32?

    // MARK: What passed

    /// Bytes that came from the transport.
    public internal(set) var receivedByteCount: UInt64 = 0
    /// Bytes that the transport took.
    public internal(set) var sentByteCount: UInt64 = 0
    /// Whole valid messages that came.
    public internal(set) var receivedMessageCount: UInt64 = 0
    /// Messages handed to the transport.
    public internal(set) var sentMessageCount: UInt64 = 0
    /// Messages that were not delivered although they were valid.
    public internal(set) var droppedMessageCount: UInt32 = 0
    /// Addresses over the peer's rate.
    public internal(set) var rateLimitedAddressCount: UInt64 = 0

    // MARK: What waits

    /// Bytes that wait to be sent, as the host last told.
    public internal(set) var pendingByteCount = 0
    /// Requests of the peer that wait until it has read more.
    public internal(set) var postponedRequestCount = 0
    /// The bytes they take.
    public internal(set) var postponedByteCount = 0
    /// Items that wait to be announced.
    public internal(set) var waitingInventoryCount = 0
    /// Items that were dropped because too many waited.
    public internal(set) var droppedInventoryCount: UInt64 = 0

    // MARK: Offences

    /// What the peer's offences weigh now.
    public internal(set) var misbehaviourScore = 0
    /// How many there were, those of no weight too.
    public internal(set) var offenceCount = 0

    private var copy: TrafficCopy?
}

extension SessionStatistics {
    /// Messages and bytes by command; `nil` when they are not counted for this peer.
    public internal(set) var traffic: CommandTraffic? {
        get {
            if case .counts(let traffic) = copy { traffic } else { nil }
        }
        set { copy = newValue.map { .counts($0) } }
    }

    /// The counts elsewhere, so that the statistics of the many peers without any are small.
    private indirect enum TrafficCopy: Sendable, Hashable {
        case counts(CommandTraffic)
    }

    init(takenAt: ContinuousClock.Instant, direction: PeerSession.Direction, state: PeerSession.State) {
        self.takenAt = takenAt
        self.direction = direction
        self.state = state
    }
}

/// All there is to know of a peer at one moment: what its session knows, and what the host does.
public struct PeerSnapshot: Sendable, Hashable {
    /// The number of the peer in its node.
    public var id: UInt64
    /// Where the peer is.
    public var address: PeerAddress
    /// The peer's software, as it says; `nil` until its `version` came.
    public var userAgent: UserAgent?
    /// What its session knows.
    public var statistics: SessionStatistics

    /// A snapshot from its parts.
    public init(id: UInt64, address: PeerAddress, userAgent: UserAgent?, statistics: SessionStatistics) {
        self.id = id
        self.address = address
        self.userAgent = userAgent
        self.statistics = statistics
    }
}
