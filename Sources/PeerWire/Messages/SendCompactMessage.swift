/// The payload of `sendcmpct`: how the sender wants new blocks announced. Source: `PROTOCOL` 2.12, BIP 152.
public struct SendCompactMessage: Hashable, Sendable, BitwiseCopyable {
    /// Number of bytes on the wire.
    public static let byteCount = 9

    /// The byte of ``isHighBandwidth``: any but 0 means true, and it is kept as received.
    public var announceByte: UInt8
    /// The version of compact blocks: 1 is the only one in use; others are ignored by receivers.
    public var version: UInt64

    /// A wish for compact blocks.
    ///
    /// With high bandwidth it is to be sent `cmpctblock` unannounced, without to be told by `inv` or `headers`.
    public init(highBandwidth: Bool, version: UInt64 = 1) {
        announceByte = highBandwidth ? 1 : 0
        self.version = version
    }

    /// True when the sender wants `cmpctblock` unannounced.
    public var isHighBandwidth: Bool {
        get { announceByte != 0 }
        set { announceByte = newValue ? 1 : 0 }
    }
}

extension SendCompactMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> SendCompactMessage {
        var message = SendCompactMessage(highBandwidth: false)
        message.announceByte = try span.readUInt8(at: &offset, "announce")
        message.version = try span.readUInt64(at: &offset, "compact block version")
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int { Self.byteCount }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeUInt8(announceByte)
        writer.writeUInt64(self.version)
    }
}
