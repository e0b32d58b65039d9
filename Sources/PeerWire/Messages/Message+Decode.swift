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
        limits: borrowing WireLimits = WireLimits(), registry: MessageRegistry? = nil
    ) throws(DecodeError) -> Message {
        let version = protocolVersion
        guard let kind = frame.kind else {
            return try decodeUnknown(frame.command, frame.payloadBytes(in: input), version, limits, registry)
        }
        try require(kind, length: frame.length, version, limits)
        if kind.sharesPayload { return try decodeShared(kind, frame.payloadBytes(in: input), limits) }
        return switch frame.payload {
        case .inInput(let range): try decode(kind, from: input.extracting(range), version, limits)
        case .collected(let bytes): try decode(kind, from: bytes.span.bytes, version, limits)
        }
    }

    /// Decodes a payload, sharing it where the message comes out as views.
    ///
    /// - Throws: the first thing that is wrong: the payload's length, the version, then field by field.
    public static func decode(
        command: Command, payload: [UInt8], protocolVersion: ProtocolVersion = .current,
        limits: borrowing WireLimits = WireLimits(), registry: MessageRegistry? = nil
    ) throws(DecodeError) -> Message {
        let version = protocolVersion
        guard let kind = MessageKind(command) else {
            return try decodeUnknown(command, payload, version, limits, registry)
        }
        try require(kind, length: payload.count, version, limits)
        if kind.sharesPayload { return try decodeShared(kind, payload, limits) }
        return try decode(kind, from: payload.span.bytes, version, limits)
    }

    /// Decodes a payload that lies in an input.
    @inline(__always)
    static func decode(
        _ kind: MessageKind, payload span: RawSpan, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> Message {
        try require(kind, length: span.byteCount, version, limits)
        if kind.sharesPayload { return try decodeShared(kind, [UInt8](copying: span), limits) }
        return try decode(kind, from: span, version, limits)
    }

    /// What is wrong before any field is looked at.
    @inline(__always)
    private static func require(
        _ kind: MessageKind, length: Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) {
        let limit = limits.maximumPayload(for: kind, version)
        if length > limit {
            throw DecodeError(field: "payload", offset: 0, reason: .payloadTooLong(length: length, limit: limit))
        }
        if let minimum = kind.minimumVersion, version < minimum {
            throw DecodeError(field: "message", offset: 0, reason: .versionGate(minimum: minimum))
        }
    }

    private static func decodeUnknown(
        _ command: Command, _ payload: [UInt8], _ version: ProtocolVersion, _ limits: borrowing WireLimits,
        _ registry: MessageRegistry?
    ) throws(DecodeError) -> Message {
        if let custom = try registry?.decode(command, payload, version) { return .custom(custom) }
        if payload.count > limits.maxOrdinaryPayload {
            throw DecodeError(
                field: "payload", offset: 0,
                reason: .payloadTooLong(length: payload.count, limit: limits.maxOrdinaryPayload))
        }
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
        _ kind: MessageKind, from span: RawSpan, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> Message {
        var offset = 0
        let message = try decodeBody(kind, from: span, at: &offset, version, limits)
        // Only messages without room for further bytes leave any.
        if offset != span.byteCount {
            throw DecodeError(
                field: "payload", offset: offset, reason: .trailingBytes(count: span.byteCount - offset))
        }
        return message
    }

    private static func decodeBody(
        _ kind: MessageKind, from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion,
        _ limits: borrowing WireLimits
    ) throws(DecodeError) -> Message {
        switch kind {
        case .version: .version(try .decode(from: span, at: &offset, version, limits))
        case .verack: .verack
        case .ping: .ping(nonce: try PingPayload.decode(from: span, at: &offset, version, limits).nonce)
        case .pong: .pong(nonce: try span.readUInt64(at: &offset, "nonce"))
        case .getAddresses: .getAddresses
        case .addresses: .addresses(try .decode(from: span, at: &offset, version, limits))
        case .inventory: .inventory(try .decode(from: span, at: &offset, version, limits))
        case .reject: .reject(try .decode(from: span, at: &offset, version, limits))
        case .getData: .getData(try .decode(from: span, at: &offset, version, limits))
        case .notFound: .notFound(try .decode(from: span, at: &offset, version, limits))
        case .getHeaders: .getHeaders(try .decode(from: span, at: &offset, version, limits))
        case .headers: .headers(try .decode(from: span, at: &offset, version, limits))
        case .sendHeaders: .sendHeaders
        case .sendCompact: .sendCompact(try .decode(from: span, at: &offset, version, limits))
        case .feeFilter: .feeFilter(rate: try span.readInt64(at: &offset, "fee rate"))
        case .sendAddressesV2: .sendAddressesV2
        case .extendedVersion: .extendedVersion(try .decode(from: span, at: &offset, version, limits))
        case .xVersion: .xVersion(try .decode(from: span, at: &offset, version, limits))
        case .xVerack: .xVerack
        case .addressesV2: .addressesV2(try .decode(from: span, at: &offset, version, limits))
        case .getBlocks: .getBlocks(try .decode(from: span, at: &offset, version, limits))
        case .mempool: .mempool
        case .filterLoad: .filterLoad(try .decode(from: span, at: &offset, version, limits))
        case .filterAdd: .filterAdd(try .decode(from: span, at: &offset, version, limits))
        case .filterClear: .filterClear
        case .merkleBlock: .merkleBlock(try .decode(from: span, at: &offset, version, limits))
        case .getBlockTransactions: .getBlockTransactions(try .decode(from: span, at: &offset, version, limits))
        case .getCommittedFilters: .getCommittedFilters(try .decode(from: span, at: &offset, version, limits))
        case .committedFilter: .committedFilter(try .decode(from: span, at: &offset, version, limits))
        case .getCommittedFilterHeaders:
            .getCommittedFilterHeaders(try .decode(from: span, at: &offset, version, limits))
        case .committedFilterHeaders: .committedFilterHeaders(try .decode(from: span, at: &offset, version, limits))
        case .getCommittedFilterCheckpoints:
            .getCommittedFilterCheckpoints(try .decode(from: span, at: &offset, version, limits))
        case .committedFilterCheckpoints:
            .committedFilterCheckpoints(try .decode(from: span, at: &offset, version, limits))
        case .getCommittedFilterMempool:
            .getCommittedFilterMempool(try .decode(from: span, at: &offset, version, limits))
        case .doubleSpendProof: .doubleSpendProof(try .decode(from: span, at: &offset, version, limits))
        case .transaction, .block, .compactBlock, .blockTransactions:
            try decodeShared(kind, copyRest(of: span, at: &offset), limits)
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
