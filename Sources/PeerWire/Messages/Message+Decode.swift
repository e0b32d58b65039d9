extension Message {
    /// Decodes a frame.
    ///
    /// Memory for lists and scripts is taken only for bytes that are there. Scripts and payloads share one copy of the
    /// payload, or the frame's own storage when it was collected.
    ///
    /// - Parameters:
    ///   - frame: a frame of a ``FrameDecoder``. Its checksum is not looked at.
    ///   - input: the input the decoder was given when it returned the frame.
    ///   - protocolVersion: what both sides speak; decides which messages and fields exist.
    ///   - limits: limits of lists and texts, and what to do with trailing bytes.
    /// - Throws: the first thing that is wrong with the payload.
    public static func decode(
        _ frame: Frame, input: RawSpan, protocolVersion: ProtocolVersion = .current,
        limits: WireLimits = WireLimits()
    ) throws(DecodeError) -> Message {
        let context = DecodeContext(version: protocolVersion, limits: limits)
        switch (frame.kind, frame.payload) {
        case (.transaction?, _), (.block?, _), (nil, _):
            return try decodeOwning(frame.kind, frame.command, frame.payloadBytes(in: input), context)
        case (let kind?, .inInput(let range)):
            return try decode(kind, from: input.extracting(range), context)
        case (let kind?, .collected(let bytes)):
            return try decode(kind, from: bytes.span.bytes, context)
        }
    }

    /// Decodes a payload.
    ///
    /// - Throws: the first thing that is wrong with the payload.
    public static func decode(
        command: Command, payload: [UInt8], protocolVersion: ProtocolVersion = .current,
        limits: WireLimits = WireLimits()
    ) throws(DecodeError) -> Message {
        let context = DecodeContext(version: protocolVersion, limits: limits)
        switch MessageKind(command) {
        case .transaction, .block, nil:
            return try decodeOwning(MessageKind(command), command, payload, context)
        case let kind?:
            return try decode(kind, from: payload.span.bytes, context)
        }
    }

    /// The messages that keep their payload as it is.
    private static func decodeOwning(
        _ kind: MessageKind?, _ command: Command, _ payload: [UInt8], _ context: DecodeContext
    ) throws(DecodeError) -> Message {
        switch kind {
        case .transaction: .transaction(try Transaction(payload: payload, limits: context.limits))
        case .block: .block(try Block(payload: payload, limits: context.limits))
        case let kind?: try decode(kind, from: payload.span.bytes, context)
        case nil: .unknown(command, WireBytes(payload))
        }
    }

    @inline(__always)
    private static func decode(
        _ kind: MessageKind, from span: RawSpan, _ context: DecodeContext
    ) throws(DecodeError) -> Message {
        if let minimum = kind.minimumVersion, context.version < minimum {
            throw DecodeError(field: "message", offset: 0, reason: .versionGate(minimum: minimum))
        }
        var offset = 0
        let message = try decodeBody(kind, from: span, at: &offset, context)
        if offset != span.byteCount {
            throw DecodeError(
                field: "payload", offset: offset, reason: .trailingBytes(count: span.byteCount - offset))
        }
        return message
    }

    private static func decodeBody(
        _ kind: MessageKind, from span: RawSpan, at offset: inout Int, _ context: DecodeContext
    ) throws(DecodeError) -> Message {
        switch kind {
        case .version: .version(try VersionMessage.decode(from: span, at: &offset, context))
        case .verack: .verack
        case .ping: .ping(nonce: try decodePingNonce(from: span, at: &offset, context.version))
        case .pong: .pong(nonce: try span.readUInt64(at: &offset, "nonce"))
        case .getAddresses: .getAddresses
        case .addresses: .addresses(try AddressesMessage.decode(from: span, at: &offset, context))
        case .inventory: .inventory(try InventoryMessage.decode(from: span, at: &offset, context))
        case .reject: .reject(try RejectMessage.decode(from: span, at: &offset, context))
        case .getData: .getData(try InventoryMessage.decode(from: span, at: &offset, context))
        case .notFound: .notFound(try InventoryMessage.decode(from: span, at: &offset, context))
        case .getHeaders: .getHeaders(try GetHeadersMessage.decode(from: span, at: &offset, context))
        case .headers: .headers(try HeadersMessage.decode(from: span, at: &offset, context))
        case .transaction, .block:
            try decodeOwning(kind, kind.command, readAll(span, at: &offset), context)
        case .sendHeaders: .sendHeaders
        case .sendCompact: .sendCompact(try SendCompactMessage.decode(from: span, at: &offset, context))
        case .feeFilter: .feeFilter(rate: try span.readInt64(at: &offset, "fee rate"))
        }
    }

    private static func decodePingNonce(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion
    ) throws(DecodeError) -> UInt64? {
        version > .pingNonce ? try span.readUInt64(at: &offset, "nonce") : nil
    }

    private static func readAll(_ span: RawSpan, at offset: inout Int) -> [UInt8] {
        defer { offset = span.byteCount }
        return [UInt8](copying: span)
    }
}
