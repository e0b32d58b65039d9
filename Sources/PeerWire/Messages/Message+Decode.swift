extension Message {
    /// Decodes a frame.
    ///
    /// Memory for lists and scripts is taken only for bytes that are there. Transactions, blocks and what else comes
    /// out as views share one copy of the payload, or the frame's own storage when it was collected.
    ///
    /// - Parameters:
    ///   - frame: a frame of a ``FrameDecoder``. Its checksum is not looked at.
    ///   - input: the input the decoder was given when it returned the frame.
    ///   - protocolVersion: what both sides speak; decides which messages and fields exist.
    ///   - limits: limits of lists and texts, and what to do with trailing bytes.
    ///   - registry: the application's own messages.
    /// - Throws: the first thing that is wrong: the payload's length, the version, then field by field.
    public static func decode(
        _ frame: Frame, input: RawSpan, protocolVersion: ProtocolVersion = .current,
        limits: WireLimits = WireLimits(), registry: MessageRegistry? = nil
    ) throws(DecodeError) -> Message {
        let context = DecodeContext(version: protocolVersion, limits: limits)
        guard let kind = frame.kind else {
            return try decodeUnknown(frame.command, frame.payloadBytes(in: input), context, registry)
        }
        try require(kind, length: frame.length, context)
        if kind.sharesPayload { return try decodeShared(kind, frame.payloadBytes(in: input), context.limits) }
        return switch frame.payload {
        case .inInput(let range): try decode(kind, from: input.extracting(range), context)
        case .collected(let bytes): try decode(kind, from: bytes.span.bytes, context)
        }
    }

    /// Decodes a payload, sharing it where the message comes out as views.
    ///
    /// - Throws: the first thing that is wrong: the payload's length, the version, then field by field.
    public static func decode(
        command: Command, payload: [UInt8], protocolVersion: ProtocolVersion = .current,
        limits: WireLimits = WireLimits(), registry: MessageRegistry? = nil
    ) throws(DecodeError) -> Message {
        let context = DecodeContext(version: protocolVersion, limits: limits)
        guard let kind = MessageKind(command) else {
            return try decodeUnknown(command, payload, context, registry)
        }
        try require(kind, length: payload.count, context)
        if kind.sharesPayload { return try decodeShared(kind, payload, context.limits) }
        return try decode(kind, from: payload.span.bytes, context)
    }

    /// What is wrong before any field is looked at.
    @inline(__always)
    private static func require(_ kind: MessageKind, length: Int, _ context: DecodeContext) throws(DecodeError) {
        let limit = context.limits.maximumPayload(for: kind, context.version)
        if length > limit {
            throw DecodeError(field: "payload", offset: 0, reason: .payloadTooLong(length: length, limit: limit))
        }
        if let minimum = kind.minimumVersion, context.version < minimum {
            throw DecodeError(field: "message", offset: 0, reason: .versionGate(minimum: minimum))
        }
    }

    private static func decodeUnknown(
        _ command: Command, _ payload: [UInt8], _ context: DecodeContext, _ registry: MessageRegistry?
    ) throws(DecodeError) -> Message {
        if let custom = try registry?.decode(command, payload, context.version) { return .custom(custom) }
        return .unknown(command, WireBytes(payload))
    }

    /// The messages that keep their payload and give views of it.
    private static func decodeShared(
        _ kind: MessageKind, _ payload: [UInt8], _ limits: borrowing WireLimits
    ) throws(DecodeError) -> Message {
        switch kind {
        case .block: .block(try Block(payload: payload, limits: limits))
        case .compactBlock: .compactBlock(try CompactBlockMessage(payload: payload, limits: limits))
        case .blockTransactions: .blockTransactions(try BlockTransactionsMessage(payload: payload, limits: limits))
        default: .transaction(try Transaction(payload: payload, limits: limits))
        }
    }

    @inline(__always)
    private static func decode(
        _ kind: MessageKind, from span: RawSpan, _ context: DecodeContext
    ) throws(DecodeError) -> Message {
        var offset = 0
        let message = try decodeBody(kind, from: span, at: &offset, context)
        // Only messages without room for further bytes leave any.
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
        case .version: .version(try .decode(from: span, at: &offset, context))
        case .verack: .verack
        case .ping: .ping(nonce: try PingPayload.decode(from: span, at: &offset, context).nonce)
        case .pong: .pong(nonce: try span.readUInt64(at: &offset, "nonce"))
        case .getAddresses: .getAddresses
        case .addresses: .addresses(try .decode(from: span, at: &offset, context))
        case .inventory: .inventory(try .decode(from: span, at: &offset, context))
        case .reject: .reject(try .decode(from: span, at: &offset, context))
        case .getData: .getData(try .decode(from: span, at: &offset, context))
        case .notFound: .notFound(try .decode(from: span, at: &offset, context))
        case .getHeaders: .getHeaders(try .decode(from: span, at: &offset, context))
        case .headers: .headers(try .decode(from: span, at: &offset, context))
        case .sendHeaders: .sendHeaders
        case .sendCompact: .sendCompact(try .decode(from: span, at: &offset, context))
        case .feeFilter: .feeFilter(rate: try span.readInt64(at: &offset, "fee rate"))
        case .sendAddressesV2: .sendAddressesV2
        case .extendedVersion: .extendedVersion(try .decode(from: span, at: &offset, context))
        case .xVersion: .xVersion(try .decode(from: span, at: &offset, context))
        case .xVerack: .xVerack
        case .addressesV2: .addressesV2(try .decode(from: span, at: &offset, context))
        case .getBlocks: .getBlocks(try .decode(from: span, at: &offset, context))
        case .mempool: .mempool
        case .filterLoad: .filterLoad(try .decode(from: span, at: &offset, context))
        case .filterAdd: .filterAdd(try .decode(from: span, at: &offset, context))
        case .filterClear: .filterClear
        case .merkleBlock: .merkleBlock(try .decode(from: span, at: &offset, context))
        case .getBlockTransactions: .getBlockTransactions(try .decode(from: span, at: &offset, context))
        case .getCommittedFilters: .getCommittedFilters(try .decode(from: span, at: &offset, context))
        case .committedFilter: .committedFilter(try .decode(from: span, at: &offset, context))
        case .getCommittedFilterHeaders: .getCommittedFilterHeaders(try .decode(from: span, at: &offset, context))
        case .committedFilterHeaders: .committedFilterHeaders(try .decode(from: span, at: &offset, context))
        case .getCommittedFilterCheckpoints:
            .getCommittedFilterCheckpoints(try .decode(from: span, at: &offset, context))
        case .committedFilterCheckpoints: .committedFilterCheckpoints(try .decode(from: span, at: &offset, context))
        case .getCommittedFilterMempool: .getCommittedFilterMempool(try .decode(from: span, at: &offset, context))
        case .doubleSpendProof: .doubleSpendProof(try .decode(from: span, at: &offset, context))
        case .transaction, .block, .compactBlock, .blockTransactions:
            try decodeShared(kind, copyRest(of: span, at: &offset), context.limits)
        }
    }

    private static func copyRest(of span: RawSpan, at offset: inout Int) -> [UInt8] {
        defer { offset = span.byteCount }
        return [UInt8](copying: span.extracting(offset..<span.byteCount))
    }
}

extension MessageKind {
    /// True for messages that keep their payload and give views of it.
    var sharesPayload: Bool {
        switch self {
        case .transaction, .block, .compactBlock, .blockTransactions: true
        default: false
        }
    }
}
