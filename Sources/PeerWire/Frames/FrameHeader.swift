/// The 24 bytes before a payload. Source: `PROTOCOL` 1.1.
struct FrameHeader: BitwiseCopyable {
    let command: Command
    let kind: MessageKind?
    let length: Int
    let checksum: UInt32

    /// Reads the header that begins at `offset`, whose 24 bytes must be there, and checks it: magic, command, length.
    ///
    /// - Throws: what is wrong first. After `malformedCommand` the payload is to be skipped.
    @inline(__always)
    init(
        _ span: RawSpan, at offset: Int, magic: UInt32, limits: borrowing WireLimits, phase: WirePhase,
        registry: borrowing MessageRegistry?
    ) throws(FrameError) {
        let actual = span.loadUInt32(offset)
        guard actual == magic else { throw .wrongMagic(expected: magic, actual: actual) }
        command = Command(low: span.loadUInt64(offset + 4), high: span.loadUInt32(offset + 12))
        kind = MessageKind(command)
        length = Int(span.loadUInt32(offset + 16))
        checksum = span.loadUInt32(offset + 20)
        var limit = limits.maximumPayload(for: command, kind: kind, phase: phase)
        if kind == nil, let own = registry?.maximumPayload(for: command) { limit = limits.bounded(own, phase) }
        if length > limit {
            throw .payloadTooLong(command, length: length, limit: limit)
        }
        if kind == nil, limits.refusesMalformedCommands, !command.isReadable {
            throw .malformedCommand(command, length: length)
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
