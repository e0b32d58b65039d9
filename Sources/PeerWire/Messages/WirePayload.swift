/// A message's payload as the codec uses it.
///
/// `decode` begins at `offset` and leaves it after the last byte it read. `encodedLength` and `encode` agree, so that
/// a frame's buffer is taken once; `check` says before that whether the message may be sent.
protocol WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ context: DecodeContext
    ) throws(DecodeError) -> Self
    func encodedLength(_ version: ProtocolVersion) -> Int
    func check(_ context: EncodeContext) throws(EncodeError)
    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion)
}

extension WirePayload {
    func check(_ context: EncodeContext) throws(EncodeError) {}
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
