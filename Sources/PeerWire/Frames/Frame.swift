/// One message of a stream: its header, and where its payload is.
public struct Frame: Sendable {
    /// Number of bytes of a header: magic, command, length, checksum.
    public static let headerByteCount = 24

    /// The command, known or not.
    public let command: Command
    /// The kind of a known command, `nil` for any other.
    public let kind: MessageKind?
    /// Number of bytes of the payload.
    public let length: Int
    /// The checksum of the header: the first four bytes of the payload's double SHA-256, little-endian.
    public let checksum: UInt32
    /// True when the payload was hashed and agrees; false when that was left to ``verify(in:)``.
    public let isChecksumVerified: Bool
    /// Where the payload is.
    public let payload: FramePayload

    /// A frame from its parts, as the decoder makes them.
    public init(
        command: Command, kind: MessageKind?, length: Int, checksum: UInt32, isChecksumVerified: Bool,
        payload: FramePayload
    ) {
        self.command = command
        self.kind = kind
        self.length = length
        self.checksum = checksum
        self.isChecksumVerified = isChecksumVerified
        self.payload = payload
    }

    /// A frame of a command and its payload, checksum computed: for payloads that did not come from a stream.
    public init(command: Command, payload: [UInt8]) {
        self.init(
            command: command, kind: MessageKind(command), length: payload.count,
            checksum: SHA256d.checksum(payload.span.bytes), isChecksumVerified: true, payload: .collected(payload))
    }
}

extension Frame {
    /// The command of an encoded frame, read off its header.
    ///
    /// - Parameter bytes: the frame, at least its 24 bytes of header.
    public static func command(of bytes: RawSpan) -> Command {
        precondition(bytes.byteCount >= headerByteCount, "a frame begins with its header")
        return FrameHeader(unchecked: bytes).command
    }

    /// The kind of an encoded frame, read off its header; `nil` for a command without one.
    ///
    /// - Parameter bytes: the frame, at least its 24 bytes of header.
    public static func kind(of bytes: RawSpan) -> MessageKind? {
        precondition(bytes.byteCount >= headerByteCount, "a frame begins with its header")
        return FrameHeader(unchecked: bytes).kind
    }
}

/// Where the payload of a frame is.
public enum FramePayload: Sendable {
    /// Whole in the input that was given to the decoder, at this range: nothing was copied. Valid as long as the input.
    case inInput(Range<Int>)
    /// Pieced together from several inputs.
    case collected([UInt8])
}

extension Frame {
    /// Calls `body` with the payload in place.
    ///
    /// `input` is the input that the decoder was given when it returned this frame. Any span will do for a frame whose
    /// payload was collected.
    @inlinable @inline(__always)
    public func withPayload<Result, Failure: Error>(
        in input: RawSpan, _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch payload {
        case .inInput(let range): try body(input.extracting(range))
        case .collected(let bytes): try body(bytes.span.bytes)
        }
    }

    /// The payload as an array: a copy when it lies in the input.
    public func payloadBytes(in input: RawSpan) -> [UInt8] {
        switch payload {
        case .inInput(let range): [UInt8](copying: input.extracting(range))
        case .collected(let bytes): bytes
        }
    }

    /// The same frame with a payload of its own, for use after the input is gone.
    public func detached(from input: RawSpan) -> Frame {
        Frame(
            command: command, kind: kind, length: length, checksum: checksum, isChecksumVerified: isChecksumVerified,
            payload: .collected(payloadBytes(in: input)))
    }

    /// Hashes the payload now, unless the decoder did.
    ///
    /// - Throws: `checksumMismatch`.
    public func verify(in input: RawSpan) throws(FrameError) {
        if isChecksumVerified { return }
        let actual = withPayload(in: input) { SHA256d.checksum($0) }
        if actual != checksum {
            throw .checksumMismatch(command, expected: checksum, actual: actual)
        }
    }

    /// Hashes a collected payload now, unless the decoder did: for a worker that no longer has the input. A payload
    /// that lies in an input cannot be checked this way and counts as empty; ``detached(from:)`` first.
    ///
    /// - Throws: `checksumMismatch`.
    public func verifyCollected() throws(FrameError) {
        if isChecksumVerified { return }
        let actual =
            if case .collected(let bytes) = payload { SHA256d.checksum(bytes.span.bytes) } else {
                SHA256d.emptyChecksum
            }
        if actual != checksum {
            throw .checksumMismatch(command, expected: checksum, actual: actual)
        }
    }
}
