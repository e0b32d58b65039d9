/// Why a message cannot be sent.
public enum EncodeError: Error, Hashable, Sendable, BitwiseCopyable {
    /// The payload would be longer than what a receiver accepts for this command.
    case payloadTooLong(Command, length: Int, limit: Int)
    /// A list or text of the message is longer than allowed.
    case limitExceeded(field: FieldName, value: Int, limit: Int)
    /// The message does not exist below this protocol version.
    case versionGate(Command, minimum: ProtocolVersion)
    /// A field that this protocol version demands is not there.
    case missingField(FieldName)
    /// Two fields contradict each other, or a command is not one; the name says which field is wrong.
    case inconsistent(FieldName)
}

extension EncodeError: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .payloadTooLong(let command, let length, let limit):
            "'\(command)' would have a payload of \(length) bytes, over the limit of \(limit)"
        case .limitExceeded(let field, let value, let limit):
            "\(field): \(value) is over the limit of \(limit)"
        case .versionGate(let command, let minimum):
            "'\(command)' does not exist below protocol version \(minimum)"
        case .missingField(let field): "\(field) is missing"
        case .inconsistent(let field): "\(field) contradicts the rest of the message"
        }
    }
}
