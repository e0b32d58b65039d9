public import PeerWire

/// What all sessions of a node share: versions, services and deadlines. Immutable; each session holds one reference.
public final class SessionConfiguration: Sendable {
    /// The longest duration accepted here: 100 years, so that sums of a time and a few durations never overflow.
    public static let longestDuration: Duration = .seconds(100 * 365 * 86_400)

    /// The node's secret that marks its connection nonces, by which self-connections are found.
    public let nonceKey: ConnectionNonce.Key
    /// The protocol version this node offers. Default ``PeerWire/ProtocolVersion/current``.
    public let protocolVersion: ProtocolVersion
    /// The lowest version accepted from a peer; below it the peer is refused as obsolete. Default 209, as bchd's.
    public let minimumProtocolVersion: ProtocolVersion
    /// The services this node advertises. ``PeerWire/Services/extendedVersion`` is left out of what is given here, as
    /// sessions do not negotiate `extversion` yet.
    public let services: Services
    /// Services a peer that this node dials must have; peers that dial in are not asked. Default none.
    public let requiredServices: Services
    /// How long a handshake may take from `connected`, after which the session closes. Default 30 s.
    public let handshakeTimeout: Duration
    /// How long an established peer may go without a complete valid frame before the session closes. Default 5 min.
    public let idleTimeout: Duration
    /// The time between pings; the first goes at a random time within it. Default 2 min.
    public let pingInterval: Duration
    /// How long a pong may take before the session closes. Default 20 min.
    public let pongTimeout: Duration
    /// Whether a connection to this node itself is kept; for tests. Default false.
    public let allowSelfConnections: Bool

    /// A configuration. Every duration must be positive and at most ``longestDuration``, and the minimum version no
    /// higher than the one offered; anything else is a programming error and traps.
    public init(
        nonceKey: ConnectionNonce.Key,
        protocolVersion: ProtocolVersion = .current,
        minimumProtocolVersion: ProtocolVersion = .multipleAddresses,
        services: Services = [],
        requiredServices: Services = [],
        handshakeTimeout: Duration = .seconds(30),
        idleTimeout: Duration = .seconds(5 * 60),
        pingInterval: Duration = .seconds(2 * 60),
        pongTimeout: Duration = .seconds(20 * 60),
        allowSelfConnections: Bool = false
    ) {
        for duration in [handshakeTimeout, idleTimeout, pingInterval, pongTimeout] {
            precondition(duration >= .nanoseconds(1), "a duration of a session is not positive")
            precondition(duration <= Self.longestDuration, "a duration of a session is over 100 years")
        }
        precondition(
            minimumProtocolVersion <= protocolVersion, "the minimum protocol version is above the one offered")
        self.nonceKey = nonceKey
        self.protocolVersion = protocolVersion
        self.minimumProtocolVersion = minimumProtocolVersion
        self.services = services.subtracting(.extendedVersion)
        self.requiredServices = requiredServices
        self.handshakeTimeout = handshakeTimeout
        self.idleTimeout = idleTimeout
        self.pingInterval = pingInterval
        self.pongTimeout = pongTimeout
        self.allowSelfConnections = allowSelfConnections
    }
}
