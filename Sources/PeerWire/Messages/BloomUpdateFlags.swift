/// What a node adds to a bloom filter when an output matches it, so that the spending of that output matches too: the
/// last byte of `filterload`.
///
/// Kept as received; only the lowest two bits count. Source: `PROTOCOL` 2.11, BIP 37.
public struct BloomUpdateFlags: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    /// The byte on the wire.
    public let rawValue: UInt8

    /// Flags from their byte; none is refused.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// 0: nothing is added.
    public static var updateNone: BloomUpdateFlags { BloomUpdateFlags(rawValue: 0) }
    /// 1: the outpoint of each output that matches.
    public static var updateAll: BloomUpdateFlags { BloomUpdateFlags(rawValue: 1) }
    /// 2: the outpoint of each output that matches and pays to a public key, or to several of them, as such. Their
    /// spending need not show the key again.
    public static var updatePublicKeysOnly: BloomUpdateFlags { BloomUpdateFlags(rawValue: 2) }

    /// The lowest two bits: one of the named values, or 3, which adds nothing.
    public var effective: BloomUpdateFlags { BloomUpdateFlags(rawValue: rawValue & 3) }
}

extension BloomUpdateFlags: CustomStringConvertible {
    /// The name, or the number in hexadecimal.
    public var description: String {
        switch self {
        case .updateNone: "update none"
        case .updateAll: "update all"
        case .updatePublicKeysOnly: "update public keys only"
        default: "0x" + String(rawValue, radix: 16)
        }
    }
}
