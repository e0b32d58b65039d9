extension Message {
    /// The whole message as it goes on the wire: header and payload in one buffer, written once.
    ///
    /// - Parameters:
    ///   - magic: ``Network/magic`` of the network.
    ///   - protocolVersion: what both sides speak; decides which messages and fields exist.
    ///   - limits: what receivers accept; a message beyond them is not encoded.
    /// - Throws: why the message cannot be sent. Nothing is allocated before that is known.
    public func frame(
        magic: UInt32, protocolVersion: ProtocolVersion = .current, limits: WireLimits = WireLimits()
    ) throws(EncodeError) -> [UInt8] {
        let length = try checkedLength(protocolVersion, limits)
        var writer = ByteWriter(capacity: Frame.headerByteCount + length)
        let start = writer.beginFrame(command, magic: magic)
        encodePayload(into: &writer, protocolVersion)
        writer.finishFrame(from: start)
        return writer.finish()
    }

    /// The payload alone.
    ///
    /// - Throws: why the message cannot be sent.
    public func payload(
        protocolVersion: ProtocolVersion = .current, limits: WireLimits = WireLimits()
    ) throws(EncodeError) -> [UInt8] {
        var writer = ByteWriter(capacity: try checkedLength(protocolVersion, limits))
        encodePayload(into: &writer, protocolVersion)
        return writer.finish()
    }

    /// The length of the payload, once the message is found to be within the limits and known at this version.
    private func checkedLength(_ version: ProtocolVersion, _ limits: WireLimits) throws(EncodeError) -> Int {
        let command = self.command
        if let minimum = kind?.minimumVersion, version < minimum {
            throw .versionGate(command, minimum: minimum)
        }
        try checkContents(EncodeContext(version: version, limits: limits))
        let length = encodedLength(version)
        let limit = limits.maximumPayload(for: command, phase: .established)
        if length > limit {
            throw .payloadTooLong(command, length: length, limit: limit)
        }
        return length
    }

    private func checkContents(_ context: EncodeContext) throws(EncodeError) {
        switch self {
        case .version(let message): try message.check(context)
        case .ping(let nonce):
            if nonce == nil, context.version > .pingNonce { throw .missingField("nonce") }
        case .addresses(let message): try message.check(context)
        case .inventory(let message), .getData(let message), .notFound(let message): try message.check(context)
        case .reject(let message): try message.check(context)
        case .getHeaders(let message): try message.check(context)
        case .headers(let message): try message.check(context)
        case .unknown(let command, _):
            if !command.isWellFormed { throw .inconsistent("command") }
        case .verack, .pong, .getAddresses, .transaction, .block, .sendHeaders, .sendCompact, .feeFilter: break
        }
    }

    private func encodedLength(_ version: ProtocolVersion) -> Int {
        switch self {
        case .version(let message): message.encodedLength(version)
        case .verack, .getAddresses, .sendHeaders: 0
        case .ping: version > .pingNonce ? 8 : 0
        case .pong, .feeFilter: 8
        case .addresses(let message): message.encodedLength(version)
        case .inventory(let message), .getData(let message), .notFound(let message): message.encodedLength(version)
        case .reject(let message): message.encodedLength(version)
        case .getHeaders(let message): message.encodedLength(version)
        case .headers(let message): message.encodedLength(version)
        case .transaction(let transaction): transaction.byteCount + transaction.trailingBytes.count
        case .block(let block): block.byteCount + block.trailingBytes.count
        case .sendCompact(let message): message.encodedLength(version)
        case .unknown(_, let bytes): bytes.count
        }
    }

    private func encodePayload(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        switch self {
        case .version(let message): message.encode(into: &writer, version)
        case .verack, .getAddresses, .sendHeaders: break
        case .ping(let nonce):
            if version > .pingNonce { writer.writeUInt64(nonce ?? 0) }
        case .pong(let nonce): writer.writeUInt64(nonce)
        case .addresses(let message): message.encode(into: &writer, version)
        case .inventory(let message), .getData(let message), .notFound(let message):
            message.encode(into: &writer, version)
        case .reject(let message): message.encode(into: &writer, version)
        case .getHeaders(let message): message.encode(into: &writer, version)
        case .headers(let message): message.encode(into: &writer, version)
        case .transaction(let transaction):
            writer.writeBytes(transaction.bytes)
            writer.writeBytes(transaction.trailingBytes)
        case .block(let block):
            writer.writeBytes(block.bytes)
            writer.writeBytes(block.trailingBytes)
        case .sendCompact(let message): message.encode(into: &writer, version)
        case .feeFilter(let rate): writer.writeInt64(rate)
        case .unknown(_, let bytes): writer.writeBytes(bytes)
        }
    }
}
