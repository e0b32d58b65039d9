/// Whole `ping` and `pong` messages without an allocation: 24 bytes of header, 8 of nonce.
public enum PingFrame {
    /// Number of bytes of either message.
    public static let byteCount = 32

    /// A `ping`; its checksum is hashed here.
    public static func ping(nonce: UInt64, magic: UInt32) -> InlineArray<32, UInt8> {
        frame(.ping, nonce: nonce, checksum: checksum(nonce: nonce), magic: magic)
    }

    /// The `pong` that answers a ping. It has its ping's payload, and so its checksum: nothing is hashed.
    ///
    /// The checksum is ``Frame/checksum`` of the ping, or ``checksum(nonce:)``.
    public static func pong(nonce: UInt64, checksum: UInt32, magic: UInt32) -> InlineArray<32, UInt8> {
        frame(.pong, nonce: nonce, checksum: checksum, magic: magic)
    }

    /// As ``pong(nonce:checksum:magic:)``, appended to `output`, which must have room for it.
    public static func appendPong(
        nonce: UInt64, checksum: UInt32, magic: UInt32, to output: inout OutputRawSpan
    ) {
        output.append(magic.littleEndian, as: UInt32.self)
        output.append(Command.pong.low.littleEndian, as: UInt64.self)
        output.append(Command.pong.high.littleEndian, as: UInt32.self)
        output.append(UInt32(8).littleEndian, as: UInt32.self)
        output.append(checksum.littleEndian, as: UInt32.self)
        output.append(nonce.littleEndian, as: UInt64.self)
    }

    /// The checksum of a payload that is a nonce.
    public static func checksum(nonce: UInt64) -> UInt32 {
        let payload: InlineArray<1, UInt64> = [nonce.littleEndian]
        return SHA256d.checksum(payload.span.bytes)
    }

    private static func frame(
        _ command: Command, nonce: UInt64, checksum: UInt32, magic: UInt32
    ) -> InlineArray<32, UInt8> {
        var frame = InlineArray<32, UInt8>(repeating: 0)
        var span = frame.mutableSpan
        var bytes = span.mutableBytes
        bytes.store(magic, at: 0)
        bytes.store(command.low, at: 4)
        bytes.store(command.high, at: 12)
        bytes.store(UInt32(8), at: 16)
        bytes.store(checksum, at: 20)
        bytes.store(nonce, at: 24)
        return frame
    }
}
