public import PeerWire

/// Why a frame was refused before it became a message.
public enum FrameRefusal: Sendable, Hashable, CaseIterable, BitwiseCopyable {
    /// The frame does not begin with the network's magic: a peer of another network, or the stream is out of step.
    case wrongMagic
    /// The command in the header is not text.
    case malformedCommand
    /// The declared length is over the limit for the command.
    case payloadTooLong
    /// The checksum does not match the payload.
    case checksumMismatch
    /// The payload ends before its last field does.
    case truncated
    /// A count or length in the payload is over its limit.
    case limitExceeded
    /// Bytes follow the last field where none may.
    case trailingBytes
    /// The message does not exist at the protocol version spoken.
    case notInThisVersion
    /// The payload breaks another rule of its command.
    case malformed

    /// The refusal that an error of the codec is.
    public init(_ error: FrameError) {
        self =
            switch error {
            case .wrongMagic: .wrongMagic
            case .malformedCommand: .malformedCommand
            case .payloadTooLong: .payloadTooLong
            case .checksumMismatch: .checksumMismatch
            }
    }

    /// The refusal that an error of a payload is.
    public init(_ error: DecodeError) {
        self =
            switch error.reason {
            case .truncated: .truncated
            case .limitExceeded: .limitExceeded
            case .trailingBytes: .trailingBytes
            case .payloadTooLong: .payloadTooLong
            case .versionGate: .notInThisVersion
            case .nonCanonical, .malformed: .malformed
            }
    }

    /// What was wrong, in a few words that follow a command or "message".
    var text: String {
        switch self {
        case .wrongMagic: "is of another network"
        case .malformedCommand: "has a command that is not text"
        case .payloadTooLong: "is over the size limit"
        case .checksumMismatch: "has a wrong checksum"
        case .truncated: "is cut short"
        case .limitExceeded: "has a count or length over its limit"
        case .trailingBytes: "has bytes after its last field"
        case .notInThisVersion: "does not exist at the protocol version spoken"
        case .malformed: "could not be decoded"
        }
    }
}

extension FrameError {
    /// The command of the refused frame, empty where none was read.
    public var claimedCommand: Command {
        switch self {
        case .wrongMagic: Command(low: 0, high: 0)
        case .malformedCommand(let command, _), .payloadTooLong(let command, _, _),
            .checksumMismatch(let command, _, _):
            command
        }
    }
}
