/// The payload of `xversion`, the older form of `extversion`: any bytes, which should be a map from numbers to bytes.
///
/// Sent once after the handshake and answered with `xverack`. Common nodes do not look at what it holds, so neither
/// does decoding: the bytes are kept, and ``map`` reads them. At most 100,000 bytes. Source: `PROTOCOL` 2.17.
public struct XVersionMessage: Hashable, Sendable {
    /// The payload as on the wire.
    public var payload: WireBytes

    /// A message with any payload.
    public init(payload: WireBytes = .empty) {
        self.payload = payload
    }

    /// A message that holds a map.
    public init(_ map: ExtendedVersionMessage) {
        let length = map.encodedLength(.current)
        var writer = ByteWriter(capacity: length)
        map.encode(into: &writer, .current)
        self.init(payload: WireBytes(writer.finish()))
    }

    /// The map that the payload is, read on each call; `nil` when it is none, or one of more than 8,192 entries.
    public var map: ExtendedVersionMessage? {
        payload.withBytes { span in
            var offset = 0
            do throws(DecodeError) {
                return try ExtendedVersionMessage.decode(
                    from: span, at: &offset, .current, WireLimits())
            } catch {
                return nil
            }
        }
    }
}

extension XVersionMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> XVersionMessage {
        defer { offset = span.byteCount }
        return XVersionMessage(payload: WireBytes(copying: span.extracting(offset..<span.byteCount)))
    }

    func encodedLength(_ version: ProtocolVersion) -> Int { payload.count }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeBytes(payload)
    }
}
