/// A message's payload as it is written.
///
/// `encodedLength` and `encode` agree, so that a frame's buffer is taken once; `check` says before that whether the
/// message may be sent.
protocol WireEncodable {
    func encodedLength(_ version: ProtocolVersion) -> Int
    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError)
    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion)
}

extension WireEncodable {
    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {}
}

/// A message's payload that takes what it needs out of the bytes.
///
/// `decode` begins at `offset` and leaves it after the last byte it read.
protocol WirePayload: WireEncodable {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> Self
}

/// A message's payload that keeps the bytes and gives views of them.
protocol SharedWirePayload: WireEncodable {
    init(payload: [UInt8], limits: borrowing WireLimits) throws(DecodeError)
}

extension EncodeError {
    /// Fails when a count or length is over its limit.
    @inline(__always)
    static func require(_ value: Int, atMost limit: Int, _ field: FieldName) throws(EncodeError) {
        if value > limit { throw .limitExceeded(field: field, value: value, limit: limit) }
    }
}
