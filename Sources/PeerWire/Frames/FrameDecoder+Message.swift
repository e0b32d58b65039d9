/// Why no message could be read off a stream.
public enum WireError: Error, Hashable, Sendable, BitwiseCopyable {
    /// The stream could not be cut, or a frame is bad.
    case frame(FrameError)
    /// The frame is good, its payload is not that of its command.
    case payload(Command, DecodeError)

    /// True when reading can go on with the message after this one.
    public var isRecoverable: Bool {
        switch self {
        case .frame(let error): error.isRecoverable
        case .payload: true
        }
    }
}

extension WireError: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .frame(let error): error.description
        case .payload(let command, let error): "'\(command)': \(error)"
        }
    }
}

extension FrameDecoder {
    /// The next whole message of the stream, or `nil` when `input` is used up.
    ///
    /// This is ``nextFrame(in:at:limits:phase:verifyChecksumUpTo:registry:)`` and
    /// ``Message/decode(_:input:protocolVersion:limits:registry:)`` in one, for those who decode where they cut.
    ///
    /// - Parameters:
    ///   - input: bytes of the stream, following those of the last call.
    ///   - offset: where in `input` to go on, within it; advances past what was taken. Begin each new input with 0 and
    ///     call until `nil` comes.
    ///   - limits: limits of payloads, lists and texts.
    ///   - phase: whether the handshake is done; decides the limit when a header is complete.
    ///   - protocolVersion: what both sides speak; decides which messages and fields exist.
    ///   - registry: the application's own messages.
    /// - Throws: after an error that `isRecoverable` the next call goes on with the message after the bad one. After
    ///   any other framing is lost, and each further call throws the same.
    public mutating func nextMessage(
        in input: RawSpan, at offset: inout Int, limits: borrowing WireLimits, phase: WirePhase,
        protocolVersion: ProtocolVersion = .current, registry: MessageRegistry? = nil
    ) throws(WireError) -> Message? {
        precondition(offset >= 0 && offset <= input.byteCount, "the offset is not one of the input")
        // A message that lies whole in the input, as nearly all do, needs no frame to be made of it.
        if headerCount == 0, skipCount == 0, input.byteCount - offset >= Frame.headerByteCount {
            if let header = Self.soundHeader(input, at: offset, magic, limits, phase), let kind = header.kind {
                let start = offset + Frame.headerByteCount
                if input.byteCount - start >= header.length {
                    offset = start + header.length
                    return try Self.message(kind, header, input.extracting(start..<offset), protocolVersion, limits)
                }
            }
        }
        return try nextOtherMessage(
            in: input, at: &offset, limits: limits, phase: phase, protocolVersion: protocolVersion,
            registry: registry)
    }

    /// A header with nothing wrong about it; what is wrong with another is for the slow way to say.
    @inline(__always)
    private static func soundHeader(
        _ input: RawSpan, at offset: Int, _ magic: UInt32, _ limits: borrowing WireLimits, _ phase: WirePhase
    ) -> FrameHeader? {
        do throws(FrameError) {
            return try FrameHeader(input, at: offset, magic: magic, limits: limits, phase: phase, registry: nil)
        } catch {
            return nil
        }
    }

    @inline(__always)
    private static func message(
        _ kind: MessageKind, _ header: FrameHeader, _ payload: RawSpan, _ version: ProtocolVersion,
        _ limits: borrowing WireLimits
    ) throws(WireError) -> Message {
        let actual = SHA256d.checksum(payload)
        if actual != header.checksum {
            throw .frame(.checksumMismatch(header.command, expected: header.checksum, actual: actual))
        }
        do throws(DecodeError) {
            return try Message.decode(kind, payload: payload, version, limits)
        } catch {
            throw .payload(header.command, error)
        }
    }

    @inline(never)
    private mutating func nextOtherMessage(
        in input: RawSpan, at offset: inout Int, limits: borrowing WireLimits, phase: WirePhase,
        protocolVersion: ProtocolVersion, registry: MessageRegistry?
    ) throws(WireError) -> Message? {
        let next: Frame?
        do throws(FrameError) {
            next = try nextFrame(in: input, at: &offset, limits: limits, phase: phase, registry: registry)
        } catch {
            throw .frame(error)
        }
        guard let frame = next else { return nil }
        do throws(DecodeError) {
            return try Message.decode(
                frame, input: input, protocolVersion: protocolVersion, limits: limits, registry: registry)
        } catch {
            throw .payload(frame.command, error)
        }
    }
}
