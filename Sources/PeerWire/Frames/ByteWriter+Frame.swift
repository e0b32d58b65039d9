/// Header and payload go into one buffer: the header first with its length and checksum empty, then the payload, then
/// the two fields.
extension ByteWriter {
    /// Writes a header whose length and checksum ``finishFrame(from:)`` fills in. Returns where the frame begins.
    mutating func beginFrame(_ command: Command, magic: UInt32) -> Int {
        let start = count
        writeBlock(Frame.headerByteCount) { bytes, base in
            bytes.store(magic, at: base)
            bytes.store(command.low, at: base + 4)
            bytes.store(command.high, at: base + 12)
            bytes.store(UInt64(0), at: base + 16)
        }
        return start
    }

    /// Ends the frame that begins at `start`.
    mutating func finishFrame(from start: Int) {
        let payload = start + Frame.headerByteCount
        let length = UInt32(truncatingIfNeeded: count - payload)
        patchUInt64(UInt64(checksum(from: payload)) << 32 | UInt64(length), at: start + 16)
    }
}
