/// Why the stream of a peer could not be cut into frames.
public enum FrameError: Error, Hashable, Sendable, BitwiseCopyable {
    /// The stream does not go on with the magic of the network. Where the next frame begins is unknown.
    case wrongMagic(expected: UInt32, actual: UInt32)
    /// The twelve bytes are not those of a command that ``WireLimits`` lets through. Its payload of `length` bytes will
    /// be skipped.
    case malformedCommand(Command, length: Int)
    /// The header declares more bytes than a payload of this command may have now. No payload byte was kept.
    case payloadTooLong(Command, length: Int, limit: Int)
    /// The payload is whole, but its hash does not begin with the header's checksum.
    case checksumMismatch(Command, expected: UInt32, actual: UInt32)

    /// True when the decoder can go on with the frame after this one; false when framing is lost and every further call
    /// gives the same error.
    public var isRecoverable: Bool {
        switch self {
        case .wrongMagic, .payloadTooLong: false
        case .malformedCommand, .checksumMismatch: true
        }
    }
}

extension FrameError: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .wrongMagic(let expected, let actual):
            "wrong magic \(Self.wireHex(actual)), expected \(Self.wireHex(expected))"
        case .malformedCommand(let command, let length):
            "command '\(command)' (payload of \(length) bytes) has characters that are refused"
        case .payloadTooLong(let command, let length, let limit):
            "'\(command)' declares a payload of \(length) bytes, over the limit of \(limit)"
        case .checksumMismatch(let command, let expected, let actual):
            "'\(command)' has checksum \(Self.wireHex(expected)), its payload hashes to \(Self.wireHex(actual))"
        }
    }

    /// Four bytes in the order of the wire.
    private static func wireHex(_ value: UInt32) -> String {
        Hexadecimal.text((0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) })
    }
}
