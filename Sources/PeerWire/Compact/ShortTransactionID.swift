/// Stands for a transaction in a compact block: 48 bits of a keyed hash of its id. Source: `PROTOCOL` 2.12, BIP 152.
///
/// It means something only together with the ``CompactBlockKey`` of its block.
public struct ShortTransactionID: Hashable, Sendable, BitwiseCopyable {
    /// Number of bytes on the wire.
    public static let byteCount = 6

    /// The largest value: 48 bits set.
    public static let maximumValue: UInt64 = 0xffff_ffff_ffff

    /// The value; its bytes go on the wire from the lowest on.
    public let rawValue: UInt64

    /// An id from its value; `nil` above ``maximumValue``.
    public init?(rawValue: UInt64) {
        guard rawValue <= Self.maximumValue else { return nil }
        self.rawValue = rawValue
    }

    /// An id from the low 48 bits of a value.
    @inline(__always)
    init(truncating value: UInt64) {
        rawValue = value & Self.maximumValue
    }
}

extension ShortTransactionID: CustomStringConvertible {
    /// Twelve hexadecimal digits in the order of the wire.
    public var description: String {
        Hexadecimal.text((0..<Self.byteCount).map { UInt8(truncatingIfNeeded: rawValue >> (8 * UInt64($0))) })
    }
}
