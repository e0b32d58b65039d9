public import PeerWire

/// What a session needs of a `version` message. The host keeps the rest: addresses and user agent.
///
/// Source: `PROTOCOL` 2.15, with the values that stand for absent fields.
public struct VersionFacts: Sendable, Hashable, BitwiseCopyable {
    /// The services the peer advertises.
    public var services: Services
    /// The peer's connection nonce; 0 when it sent none.
    public var nonce: UInt64
    /// How far the peer's clock is ahead of this node's, in seconds; negative when it is behind. Not trusted: any value
    /// is possible.
    public var timeOffset: Int64
    /// The protocol version the peer offers; negative values are possible.
    public var protocolVersion: ProtocolVersion
    /// The height of the peer's chain as it says; negative values are possible.
    public var startHeight: Int32
    /// Whether the peer wants transactions announced; true when it did not say.
    public var relay: Bool

    /// Facts as read from a message.
    public init(
        protocolVersion: ProtocolVersion, services: Services, nonce: UInt64, timeOffset: Int64 = 0,
        startHeight: Int32 = 0, relay: Bool = true
    ) {
        self.protocolVersion = protocolVersion
        self.services = services
        self.nonce = nonce
        self.timeOffset = timeOffset
        self.startHeight = startHeight
        self.relay = relay
    }

    /// The facts of a message, received when this node's clock said `wallTime` seconds since 1970.
    public init(_ message: VersionMessage, wallTime: Int64) {
        let (offset, overflow) = message.timestamp.subtractingReportingOverflow(wallTime)
        self.init(
            protocolVersion: message.protocolVersion, services: message.services, nonce: message.nonce,
            timeOffset: overflow ? (message.timestamp < 0 ? .min : .max) : offset, startHeight: message.startHeight,
            relay: message.relay)
    }
}
