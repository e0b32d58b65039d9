public import PeerWire

/// The protocol with one peer, from the first message to the last, as a pure state machine: events and times go in,
/// actions come out. It does no I/O and reads no clock.
///
/// A session handles the handshake in both directions with its deadline, answers pings and sends its own, watches for
/// a peer that has gone silent, and says why a connection ended. Other messages are passed on with
/// ``SessionAction/deliver``.
///
/// The host gives each event to ``handle(_:at:into:)`` on one thread, with times that never go back, carries out the
/// actions in order, and keeps one timer at ``nextDeadline``.
public struct PeerSession: Sendable {
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
        /// The transport is up and the peer's `version` is awaited. Outbound, ours has been sent.
        case awaitingVersion
        /// The peer's `version` came, our `version` and `verack` have been sent, and the peer's `verack` is awaited.
        case awaitingVerack
        /// The handshake is done.
        case established
        /// A ``SessionAction/close(_:flushFirst:)`` has been given; every further event is ignored.
        case closed
    }

    let configuration: SessionConfiguration
    var handshake: Handshake
    var idle: IdleWatch
    var pings: PingSchedule
    var random: SplitMix64

    /// How far the session has come.
    public internal(set) var state: State = .connecting
    /// What the peer's `version` said; `nil` until it came. Kept after the session closed, also for a refused peer.
    public internal(set) var remote: VersionFacts?
    /// The lower of both sides' versions, which governs what may be sent; our own until the peer's `version` came.
    public internal(set) var negotiatedVersion: ProtocolVersion

    /// A session at rest, waiting for ``SessionEvent/connected``.
    ///
    /// - Parameters:
    ///   - configuration: What the sessions of the node share.
    ///   - direction: Who dials.
    ///   - localNonce: The nonce our `version` will carry, made with ``ConnectionNonce/Key/makeNonce(random:)``.
    ///   - seed: Random bits for ping times and nonces. Not a secret: the peer could work it out from a ping, so it
    ///     must not be, or give away, other random numbers of the node.
    ///   - now: The time.
    public init(
        configuration: SessionConfiguration, direction: Direction, localNonce: UInt64, seed: UInt64,
        at now: ContinuousClock.Instant
    ) {
        let now = Timestamp(now)
        self.configuration = configuration
        handshake = Handshake(direction: direction, localNonce: localNonce, startedAt: now)
        idle = IdleWatch(timeout: configuration.idleTimeout, at: now)
        pings = PingSchedule(interval: configuration.pingInterval, timeout: configuration.pongTimeout, at: now)
        random = SplitMix64(seed: seed)
        negotiatedVersion = configuration.protocolVersion
    }
}

// MARK: - What can be asked

extension PeerSession {
    /// Who dialled.
    public var direction: Direction { handshake.direction }
    /// The nonce our `version` carries.
    public var localNonce: UInt64 { handshake.localNonce }
    /// True from the end of the handshake until the session closes.
    public var isEstablished: Bool { state == .established }
    /// True once a close has been given.
    public var isClosed: Bool { state == .closed }
    /// When the last complete valid frame came, of a known command or not; before the first, when the session was made.
    public var lastReceived: ContinuousClock.Instant { idle.lastReceived.instant }
    /// True while a ping of the session is unanswered.
    public var isAwaitingPong: Bool { pings.isAwaitingPong }
    /// The round trip of the session's last answered ping, in microseconds; `nil` before the first.
    public var lastPingMicroseconds: UInt32? { pings.lastRoundTrip }
    /// The shortest round trip of the session's pings, in microseconds; `nil` before the first answer.
    public var minimumPingMicroseconds: UInt32? { pings.minimumRoundTrip }

    /// When the host is to give ``SessionEvent/deadlineReached`` next, computed from the state. It may move with any
    /// event. Where nothing can be due (before `connected` and after the close) it is over 100 years away.
    public var nextDeadline: ContinuousClock.Instant { deadline.instant }

    private var deadline: Timestamp {
        switch state {
        case .connecting, .closed: idle.lastReceived + SessionConfiguration.longestDuration
        case .awaitingVersion, .awaitingVerack: handshakeDeadline
        case .established: min(idle.deadline, pings.deadline)
        }
    }

    var handshakeDeadline: Timestamp {
        handshake.startedAt + configuration.handshakeTimeout
    }
}
