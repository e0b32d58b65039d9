public import PeerWire

/// The protocol with one peer, from the first message to the last, as a pure state machine: events and times go in,
/// actions come out. It does no I/O and reads no clock.
///
/// A session does the handshake in both directions, answers pings and sends its own, remembers what the peer wants and
/// knows, batches announcements, watches every deadline there is, postpones requests of a peer that does not read, and
/// says why a connection ended. It never holds a message: what is to be done with one is an action.
///
/// The host gives each event to ``handle(_:at:into:)`` on one thread, with times that never go back, carries out the
/// actions in order, and keeps one timer at ``nextDeadline``. A session is used where it is and not copied: copies
/// would share what they know of the peer's inventory.
public struct PeerSession {
    /// Who dialled.
    public enum Direction: Sendable, Hashable, CaseIterable, BitwiseCopyable {
        /// The peer dialled this node.
        case inbound
        /// This node dialled the peer.
        case outbound
    }

    /// How far a session has come.
    public enum State: Sendable, Hashable, CaseIterable, BitwiseCopyable {
        /// The transport is not up yet.
        case connecting
        /// The host was asked for its newest block, to put into our `version`.
        case awaitingNewestBlock
        /// The transport is up and the peer's `version` is awaited. Outbound, ours has been sent.
        case awaitingVersion
        /// The host was asked whether it accepts the peer's `version`.
        case awaitingAcceptance
        /// Both versions have been exchanged and offer `extversion`; ours has been sent and the peer's is awaited.
        case awaitingExtendedVersion
        /// Our `version` and `verack` have been sent, and the peer's `verack` is awaited.
        case awaitingVerack
        /// The handshake is done.
        case established
        /// A ``SessionAction/close(_:flushFirst:)`` has been given; every further event is ignored.
        case closed
    }

    // In an order that leaves few gaps: times are 16 bytes and aligned to as many.
    var handshake: Handshake
    var pings: PingSchedule
    var idle: IdleWatch
    var frame = FrameWatch()
    /// Whether the peer's `xversion` came.
    var hasXVersion = false
    /// How far the session has come.
    public internal(set) var state: State = .connecting
    /// Whether the host syncs its chain from this peer. Kept for the host; the session does nothing with it.
    public var isSyncPeer = false
    /// The lower of both sides' versions, which governs what may be sent; our own until the peer's `version` came.
    public internal(set) var negotiatedVersion: ProtocolVersion
    var input = InputClock()
    /// What the sessions of a loop share.
    public let group: SessionGroup
    var sendQueue = SendQueueWatch()
    var addressRate: AddressRate
    var responses = ResponseDeadlines()
    var score = MisbehaviourScore()
    var random: SplitMix64
    var counters = SessionCounters()
    var postponed = PostponedRequests()
    var lastRequests = LastRequests()
    var announcer: InventoryAnnouncer?
    /// Bytes of messages that wait for the handshake.
    var heldByteCount = 0
    /// What the peer's `version` said; `nil` until it came. Kept after the session closed, also for a refused peer.
    public internal(set) var remote: VersionFacts?
    /// What the peer wants and what it is allowed.
    public var preferences = PeerPreferences()

    /// A session at rest, waiting for ``SessionEvent/connected``.
    ///
    /// - Parameters:
    ///   - group: What the sessions of the loop share.
    ///   - direction: Who dials.
    ///   - localNonce: The nonce our `version` will carry, made with ``ConnectionNonce/Key/makeNonce(random:)``.
    ///   - seed: Random bits for ping times and nonces. Not a secret: the peer could work it out from a ping, so it
    ///     must not be, or give away, other random numbers of the node.
    ///   - now: The time.
    public init(
        group: SessionGroup, direction: Direction, localNonce: UInt64, seed: UInt64, at now: ContinuousClock.Instant
    ) {
        let now = Timestamp(now)
        self.group = group
        handshake = Handshake(direction: direction, localNonce: localNonce, startedAt: now)
        idle = IdleWatch(at: now)
        pings = PingSchedule(at: now)
        addressRate = AddressRate(group.configuration.addressRate, at: now)
        random = SplitMix64(seed: seed)
        negotiatedVersion = group.configuration.protocolVersion
        if group.configuration.countsTrafficByPeer { counters.traffic = TrafficBox() }
    }
}

/// A session stays on its loop, with its group.
@available(*, unavailable)
extension PeerSession: Sendable {}

// MARK: - What can be asked

extension PeerSession {
    /// What the sessions of the node share.
    public var configuration: SessionConfiguration { group.configuration }
    /// Who dialled.
    public var direction: Direction { handshake.direction }
    /// The nonce our `version` carries.
    public var localNonce: UInt64 { handshake.localNonce }
    /// True from the end of the handshake until the session closes.
    public var isEstablished: Bool { state == .established }
    /// True once a close has been given.
    public var isClosed: Bool { state == .closed }
    /// True while an answer of the host is awaited. No frame may be given to the session then.
    public var isAwaitingHost: Bool { state == .awaitingNewestBlock || state == .awaitingAcceptance }
    /// True while a ping of the session is unanswered.
    public var isAwaitingPong: Bool { pings.isAwaitingPong }
    /// The round trip of the session's last answered ping, in microseconds; `nil` before the first.
    public var lastPingMicroseconds: UInt32? { pings.lastRoundTrip }
    /// The shortest round trip of the session's pings, in microseconds; `nil` before the first answer.
    public var minimumPingMicroseconds: UInt32? { pings.minimumRoundTrip }
    /// True while this answer of the peer is awaited.
    public func awaits(_ response: ResponseKind) -> Bool { responses.awaits(response) }
    /// The peer's offences so far, as they weigh at this time.
    public func misbehaviourScore(at now: ContinuousClock.Instant) -> Int {
        score.value(at: Timestamp(now), group.configuration.misbehaviour)
    }

    /// The longest block-like payload that is accepted now, besides what the codec's limits say: set it as
    /// ``/PeerWire/WireLimits/blockLikePayloadCap`` before each read. There is no bound while a block is awaited or
    /// direct block relay is allowed.
    public var blockLikePayloadCap: Int {
        preferences.allowsDirectBlockRelay || responses.awaitsBlocks ? .max : configuration.unrequestedBlockByteCap
    }
}
