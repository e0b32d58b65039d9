/// Why a payload could not be decoded.
///
/// One line in logs: the field, where it begins in the payload, and what is wrong with it.
public struct DecodeError: Error, Hashable, Sendable, BitwiseCopyable {
    /// What was wrong.
    public enum Reason: Hashable, Sendable, BitwiseCopyable {
        /// The field needs `needed` bytes and `available` are left.
        case truncated(needed: Int, available: Int)
        /// A CompactSize in a longer form than its value needs.
        case nonCanonical
        /// A count, length or value over its limit.
        case limitExceeded(value: UInt64, limit: UInt64)
        /// Bytes after the last field, where the message allows none.
        case trailingBytes(count: Int)
        /// The payload is longer than this command's may be, at this protocol version.
        case payloadTooLong(length: Int, limit: Int)
        /// The message does not exist below this protocol version.
        case versionGate(minimum: ProtocolVersion)
        /// Anything else; the text says what was expected.
        case malformed(FieldName)
    }

    /// The field that was being read.
    public let field: FieldName
    /// Where in the payload, in bytes from its start.
    public let offset: Int
    /// What was wrong.
    public let reason: Reason

    /// An error of a field.
    public init(field: FieldName, offset: Int, reason: Reason) {
        self.field = field
        self.offset = offset
        self.reason = reason
    }
}

extension DecodeError: CustomStringConvertible {
    /// One line.
    public var description: String { "\(field) at byte \(offset): \(reason)" }
}

extension DecodeError.Reason: CustomStringConvertible {
    /// What was wrong, without the place.
    public var description: String {
        switch self {
        case .truncated(let needed, let available): "needs \(needed) bytes, \(available) left"
        case .nonCanonical: "CompactSize not in its shortest form"
        case .limitExceeded(let value, let limit): "\(value) is over the limit of \(limit)"
        case .trailingBytes(let count): "\(count) bytes after the last field"
        case .payloadTooLong(let length, let limit): "\(length) bytes, over the limit of \(limit)"
        case .versionGate(let minimum): "does not exist below protocol version \(minimum)"
        case .malformed(let expectation): "malformed, expected \(expectation)"
        }
    }
}
