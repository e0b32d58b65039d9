// Payloads of messages that carry no more than a number.

/// No bytes at all: `verack` and its kin.
struct EmptyPayload: WireEncodable {
    func encodedLength(_ version: ProtocolVersion) -> Int { 0 }
    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {}
}

/// The nonce of `ping`, which is there above protocol version 60000 only.
struct PingPayload: WirePayload {
    let nonce: UInt64?

    @inline(__always)
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> PingPayload {
        PingPayload(nonce: version > .pingNonce ? try span.readUInt64(at: &offset, "nonce") : nil)
    }

    func encodedLength(_ version: ProtocolVersion) -> Int { version > .pingNonce ? 8 : 0 }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        if nonce == nil, version > .pingNonce { throw .missingField("nonce") }
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        if version > .pingNonce { writer.writeUInt64(nonce ?? 0) }
    }
}

/// Eight bytes: `pong` and `feefilter`.
struct NumberPayload: WireEncodable {
    let value: UInt64

    func encodedLength(_ version: ProtocolVersion) -> Int { 8 }
    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) { writer.writeUInt64(value) }
}

/// The payload of a command without a type here.
struct UnknownPayload: WireEncodable {
    let command: Command
    let bytes: WireBytes

    func encodedLength(_ version: ProtocolVersion) -> Int { bytes.count }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        if !command.isReadable { throw .inconsistent("command") }
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) { writer.writeBytes(bytes) }
}

extension Transaction: SharedWirePayload {
    private var messageByteCount: Int { storage.isMessage ? storage.bytes.count : byteCount }

    func encodedLength(_ version: ProtocolVersion) -> Int { messageByteCount }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        let start = byteRange.lowerBound
        writer.writeBytes(WireBytes(trusting: storage.bytes, start..<(start + messageByteCount)))
    }
}

extension Block: SharedWirePayload {
    func encodedLength(_ version: ProtocolVersion) -> Int { content.transactions.bytes.count }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeBytes(content.transactions.bytes)
    }
}
