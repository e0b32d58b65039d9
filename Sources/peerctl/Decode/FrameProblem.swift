import PeerKit

/// What is wrong with a frame, as `decode` reports it.
struct FrameProblem {
    /// The classes of the `error` object, each by its name there.
    enum Class: String {
        case truncated
        case noncanonical
        case limit
        case tooLong = "too-long"
        case versionGate = "version-gate"
        case checksum
        case magic
        case command
        case malformed
    }

    let kind: Class
    /// The field of the payload that is wrong, and where it begins in the payload.
    var field: (name: String, offset: Int)?
    let text: String

    init(_ kind: Class, _ text: String) {
        self.kind = kind
        self.text = text
    }

    init(_ error: FrameError) {
        kind =
            switch error {
            case .wrongMagic: .magic
            case .malformedCommand: .command
            case .payloadTooLong: .tooLong
            case .checksumMismatch: .checksum
            }
        text = error.description
    }

    init(_ error: DecodeError) {
        kind =
            switch error.reason {
            case .truncated: .truncated
            case .nonCanonical: .noncanonical
            case .limitExceeded: .limit
            case .payloadTooLong: .tooLong
            case .versionGate: .versionGate
            case .trailingBytes, .malformed: .malformed
            }
        field = (error.field.description, error.offset)
        text = error.description
    }

    func write(_ name: StaticString, into writer: inout JSONWriter) {
        writer.object(name) { writer in
            writer.field("class", kind.rawValue)
            if let field {
                writer.field("field", field.name)
                writer.field("offset", field.offset)
            }
            writer.field("text", text)
        }
    }
}
