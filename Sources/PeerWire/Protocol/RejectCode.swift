/// The code of a `reject` message (BIP 61). Codes without a name are kept.
public struct RejectCode: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    /// The byte on the wire.
    public let rawValue: UInt8

    /// A code from its byte; none is refused.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// 0x01: the message could not be decoded, or came where it must not.
    public static var malformed: RejectCode { RejectCode(rawValue: 0x01) }
    /// 0x10: breaks a rule of consensus.
    public static var invalid: RejectCode { RejectCode(rawValue: 0x10) }
    /// 0x11: a version that is no longer accepted.
    public static var obsolete: RejectCode { RejectCode(rawValue: 0x11) }
    /// 0x12: known already.
    public static var duplicate: RejectCode { RejectCode(rawValue: 0x12) }
    /// 0x40: valid but not accepted by policy.
    public static var nonstandard: RejectCode { RejectCode(rawValue: 0x40) }
    /// 0x41: an output below the dust limit.
    public static var dust: RejectCode { RejectCode(rawValue: 0x41) }
    /// 0x42: pays too little.
    public static var insufficientFee: RejectCode { RejectCode(rawValue: 0x42) }
    /// 0x43: against a checkpoint.
    public static var checkpoint: RejectCode { RejectCode(rawValue: 0x43) }
}

extension RejectCode: CustomStringConvertible {
    /// The name of the code, or its number in hexadecimal.
    public var description: String {
        switch self {
        case .malformed: "malformed"
        case .invalid: "invalid"
        case .obsolete: "obsolete"
        case .duplicate: "duplicate"
        case .nonstandard: "nonstandard"
        case .dust: "dust"
        case .insufficientFee: "insufficient fee"
        case .checkpoint: "checkpoint"
        default: "0x" + String(rawValue, radix: 16)
        }
    }
}
