/// An address with the time its node was last seen: an entry of `addr`.
///
/// 30 bytes on the wire; 26, without the time, below protocol version 31402. Source: `PROTOCOL` 2.3.
public struct TimestampedAddress: Hashable, Sendable, BitwiseCopyable {
    /// Number of bytes on the wire, time included.
    public static let byteCount = 30

    /// When the node was last seen, in seconds since 1970. 0 where the protocol version has no time.
    public var time: UInt32
    /// The address.
    public var address: NetworkAddress

    /// An entry from its parts.
    public init(time: UInt32, address: NetworkAddress) {
        self.time = time
        self.address = address
    }
}

extension TimestampedAddress: CustomStringConvertible {
    /// The address, then the time in seconds.
    public var description: String { "\(address) seen \(time)" }
}
