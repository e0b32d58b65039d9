@testable import PeerWire

/// Decodes all of some bytes as the payload of one type: for types that are tested without their message.
func decodePayload<Payload: WirePayload>(
    _ type: Payload.Type, _ bytes: [UInt8], limits: WireLimits = WireLimits(), version: ProtocolVersion = .current
) throws(DecodeError) -> Payload {
    var offset = 0
    let payload = try Payload.decode(
        from: bytes.span.bytes, at: &offset, version, limits)
    if offset != bytes.count {
        throw DecodeError(field: "payload", offset: offset, reason: .trailingBytes(count: bytes.count - offset))
    }
    return payload
}

/// Checks and encodes a payload, whose encoded length must be as foretold.
func encodePayload(
    _ payload: some WirePayload, limits: WireLimits = WireLimits(), version: ProtocolVersion = .current
) throws(EncodeError) -> [UInt8] {
    try payload.check(version, limits)
    let length = payload.encodedLength(version)
    var writer = ByteWriter(capacity: length)
    payload.encode(into: &writer, version)
    let bytes = writer.finish()
    if bytes.count != length { throw .inconsistent("encoded length") }
    return bytes
}
