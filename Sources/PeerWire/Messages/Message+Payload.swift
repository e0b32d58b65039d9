/// Something to do with a message's payload, whatever type it has.
protocol PayloadVisitor {
    associatedtype Failure: Error

    mutating func visit(_ payload: some WireEncodable) throws(Failure)
}

extension Message {
    /// Calls a visitor with the payload. The one place that knows which payload a message has.
    @inline(__always)
    func accept<Visitor: PayloadVisitor>(_ visitor: inout Visitor) throws(Visitor.Failure) {
        switch self {
        case .verack, .getAddresses, .sendHeaders, .sendAddressesV2, .xVerack, .mempool, .filterClear:
            try visitor.visit(EmptyPayload())
        case .ping(let nonce): try visitor.visit(PingPayload(nonce: nonce))
        case .pong(let nonce): try visitor.visit(NumberPayload(value: nonce))
        case .feeFilter(let rate): try visitor.visit(NumberPayload(value: UInt64(bitPattern: rate)))
        case .version(let message): try visitor.visit(message)
        case .extendedVersion(let message): try visitor.visit(message)
        case .xVersion(let message): try visitor.visit(message)
        case .addresses(let message): try visitor.visit(message)
        case .addressesV2(let message): try visitor.visit(message)
        case .inventory(let message), .getData(let message), .notFound(let message): try visitor.visit(message)
        case .reject(let message): try visitor.visit(message)
        case .getHeaders(let message), .getBlocks(let message): try visitor.visit(message)
        case .headers(let message): try visitor.visit(message)
        case .transaction(let transaction): try visitor.visit(transaction)
        case .block(let block): try visitor.visit(block)
        case .merkleBlock(let message): try visitor.visit(message)
        case .filterLoad(let message): try visitor.visit(message)
        case .filterAdd(let message): try visitor.visit(message)
        case .sendCompact(let message): try visitor.visit(message)
        case .compactBlock(let message): try visitor.visit(message)
        case .getBlockTransactions(let message): try visitor.visit(message)
        case .blockTransactions(let message): try visitor.visit(message)
        case .getCommittedFilters(let message), .getCommittedFilterHeaders(let message): try visitor.visit(message)
        case .committedFilter(let message): try visitor.visit(message)
        case .committedFilterHeaders(let message): try visitor.visit(message)
        case .getCommittedFilterCheckpoints(let message): try visitor.visit(message)
        case .committedFilterCheckpoints(let message): try visitor.visit(message)
        case .getCommittedFilterMempool(let type): try visitor.visit(type)
        case .doubleSpendProof(let message): try visitor.visit(message)
        case .custom(let message): try visitor.visit(message)
        case .unknown(let command, let bytes): try visitor.visit(UnknownPayload(command: command, bytes: bytes))
        }
    }
}

/// Finds out whether a payload may be sent, and how long it is.
struct PayloadMeasure: PayloadVisitor {
    let context: EncodeContext
    private(set) var length = 0

    init(_ context: EncodeContext) {
        self.context = context
    }

    @inline(__always)
    mutating func visit(_ payload: some WireEncodable) throws(EncodeError) {
        try payload.check(context)
        length = payload.encodedLength(context.version)
    }
}

/// Writes a payload.
struct PayloadWriter: PayloadVisitor {
    var writer: ByteWriter
    let version: ProtocolVersion

    @inline(__always)
    mutating func visit(_ payload: some WireEncodable) {
        payload.encode(into: &writer, version)
    }
}
