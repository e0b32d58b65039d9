/// The 24 bytes before a payload. Source: `PROTOCOL` 1.1.
struct FrameHeader: BitwiseCopyable {
    let command: Command
    let kind: MessageKind?
    let length: Int
    let checksum: UInt32

    /// Reads the header that begins at `offset`, whose 24 bytes must be there, and checks it.
    ///
    /// - Throws: what is wrong first: a length that no command may have, the magic, the command's characters, the
    ///   length for this command. After `malformedCommand` the payload is to be skipped.
    @inline(__always)
    init(
        _ span: RawSpan, at offset: Int, magic: UInt32, limits: borrowing WireLimits, phase: WirePhase,
        registry: borrowing MessageRegistry?
    ) throws(FrameError) {
        let actual = span.loadUInt32(offset)
        command = Command(low: span.loadUInt64(offset + 4), high: span.loadUInt32(offset + 12))
        kind = MessageKind(command)
        length = Int(span.loadUInt32(offset + 16))
        checksum = span.loadUInt32(offset + 20)
        if actual == magic, let kind, length <= limits.maximumPayload(for: command, kind: kind, phase: phase) { return }
        if length > limits.maximumAnyPayload {
            throw .payloadTooLong(command, length: length, limit: limits.maximumAnyPayload)
        }
        if actual != magic { throw .wrongMagic(expected: magic, actual: actual) }
        if kind == nil, !limits.accepts(command) { throw .malformedCommand(command, length: length) }
        var limit = limits.maximumPayload(for: command, kind: kind, phase: phase)
        if kind == nil, let own = registry?.maximumPayload(for: command) { limit = limits.bounded(own, phase) }
        if length > limit {
            throw .payloadTooLong(command, length: length, limit: limit)
        }
    }

    /// Reads a header that was checked before.
    init(unchecked span: RawSpan) {
        command = Command(low: span.loadUInt64(4), high: span.loadUInt32(12))
        kind = MessageKind(command)
        length = Int(span.loadUInt32(16))
        checksum = span.loadUInt32(20)
    }
}
