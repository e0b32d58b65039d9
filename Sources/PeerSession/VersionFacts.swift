public import PeerWire

/// What a session needs of a `version` message. The host keeps the rest: addresses and user agent.
///
/// Source: `PROTOCOL` 2.15, with the values that stand for absent fields.
public struct VersionFacts: Sendable, Hashable, BitwiseCopyable {
    /// The services the peer advertises.
    public var services: Services
    /// The peer's clock in seconds since 1970. Not trusted: any value is possible.
    public var timestamp: Int64
    /// The peer's connection nonce; 0 when it sent none.
    public var nonce: UInt64
    /// The protocol version the peer offers; negative values are possible.
    public var protocolVersion: ProtocolVersion
    /// The height of the peer's chain as it says; negative values are possible.
    public var startHeight: Int32
    /// Whether the peer wants transactions announced; true when it did not say.
    public var relay: Bool

    /// Facts as read from a message.
    public init(
        protocolVersion: ProtocolVersion, services: Services, timestamp: Int64, nonce: UInt64, startHeight: Int32 = 0,
        relay: Bool = true
    ) {
        self.protocolVersion = protocolVersion
        self.services = services
        self.timestamp = timestamp
        self.nonce = nonce
        self.startHeight = startHeight
        self.relay = relay
    }
}
