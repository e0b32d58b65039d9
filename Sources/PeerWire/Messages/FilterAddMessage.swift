/// The payload of `filteradd`: adds one element to the bloom filter that the receiver holds for the sender.
///
/// On the wire: element (length, bytes), at most 520 bytes. From protocol version 70001 on, to a node with
/// ``Services/bloom`` and after a `filterload`; others disconnect. Source: `PROTOCOL` 2.11, 3, BIP 37.
public struct FilterAddMessage: Hashable, Sendable {
    /// The bytes that are to match.
    public var element: [UInt8]
    /// Bytes after ``element``, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// An element to add.
    public init(_ element: [UInt8]) {
        self.element = element
    }
}

extension FilterAddMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> FilterAddMessage {
        let limit = limits.maxBloomFilterElementLength
        var message = FilterAddMessage(try span.readBytes(at: &offset, maximum: limit, "element"))
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        ByteWriter.encodedLength(byteCount: element.count) + trailingBytes.count
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(element.count, atMost: limits.maxBloomFilterElementLength, "element")
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeCount(element.count)
        writer.writeBytes(element)
        writer.writeBytes(trailingBytes)
    }
}
