/// A message's payload as it is written.
///
/// `encodedLength` and `encode` agree, so that a frame's buffer is taken once; `check` says before that whether the
/// message may be sent.
protocol WireEncodable {
    func encodedLength(_ version: ProtocolVersion) -> Int
    func check(_ context: EncodeContext) throws(EncodeError)
    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion)
}

extension WireEncodable {
    func check(_ context: EncodeContext) throws(EncodeError) {}
}

/// A message's payload that takes what it needs out of the bytes.
///
/// `decode` begins at `offset` and leaves it after the last byte it read.
protocol WirePayload: WireEncodable {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ context: DecodeContext
    ) throws(DecodeError) -> Self
}

/// A message's payload that keeps the bytes and gives views of them.
protocol SharedWirePayload: WireEncodable {
    init(payload: [UInt8], limits: borrowing WireLimits) throws(DecodeError)
}

/// What decoding depends on besides the bytes.
struct DecodeContext: BitwiseCopyable {
    let version: ProtocolVersion
    let limits: WireLimits
}

/// What encoding depends on besides the message.
struct EncodeContext: BitwiseCopyable {
    let version: ProtocolVersion
    let limits: WireLimits

    func require(_ value: Int, atMost limit: Int, _ field: FieldName) throws(EncodeError) {
        if value > limit { throw .limitExceeded(field: field, value: value, limit: limit) }
    }
}
