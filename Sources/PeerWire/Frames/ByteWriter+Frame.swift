/// Header and payload go into one buffer: the header first with its length and checksum empty, then the payload, then
/// the two fields.
extension ByteWriter {
    private static var lengthOffset: Int { 16 }
    private static var checksumOffset: Int { 20 }

    /// Writes a header whose length and checksum ``finishFrame(from:)`` fills in. Returns where the frame begins.
    mutating func beginFrame(_ command: Command, magic: UInt32) -> Int {
        let start = count
        writeUInt32(magic)
        writeUInt64(command.low)
        writeUInt32(command.high)
        writeUInt64(0)
        return start
    }

    /// Ends the frame that begins at `start`.
    mutating func finishFrame(from start: Int) {
        let payload = start + Frame.headerByteCount
        patchUInt32(UInt32(truncatingIfNeeded: count - payload), at: start + Self.lengthOffset)
        patchUInt32(checksum(from: payload), at: start + Self.checksumOffset)
    }
}
