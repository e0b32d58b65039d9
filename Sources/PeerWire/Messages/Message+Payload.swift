/// Something to do with a message's payload, whatever type it has.
protocol PayloadVisitor {
    associatedtype Failure: Error

    mutating func visit(_ payload: some WireEncodable, _ limits: borrowing WireLimits) throws(Failure)
}

extension Message {
    /// Calls a visitor with the payload. The one place that knows which payload a message has.
    @inline(__always)
    func accept<Visitor: PayloadVisitor>(
        _ visitor: inout Visitor, _ limits: borrowing WireLimits
    ) throws(Visitor.Failure) {
        switch self {
        case .verack, .getAddresses, .sendHeaders, .sendAddressesV2, .xVerack, .mempool, .filterClear:
            try visitor.visit(EmptyPayload(), limits)
        case .ping(let nonce): try visitor.visit(PingPayload(nonce: nonce), limits)
        case .pong(let nonce): try visitor.visit(NumberPayload(value: nonce), limits)
        case .feeFilter(let rate): try visitor.visit(NumberPayload(value: UInt64(bitPattern: rate)), limits)
        case .version(let message): try visitor.visit(message, limits)
        case .extendedVersion(let message): try visitor.visit(message, limits)
        case .xVersion(let message): try visitor.visit(message, limits)
        case .addresses(let message): try visitor.visit(message, limits)
        case .addressesV2(let message): try visitor.visit(message, limits)
        case .inventory(let message), .getData(let message), .notFound(let message): try visitor.visit(message, limits)
        case .reject(let message): try visitor.visit(message, limits)
        case .getHeaders(let message), .getBlocks(let message): try visitor.visit(message, limits)
        case .headers(let message): try visitor.visit(message, limits)
        case .transaction(let transaction): try visitor.visit(transaction, limits)
        case .block(let block): try visitor.visit(block, limits)
        case .merkleBlock(let message): try visitor.visit(message, limits)
        case .filterLoad(let message): try visitor.visit(message, limits)
        case .filterAdd(let message): try visitor.visit(message, limits)
        case .sendCompact(let message): try visitor.visit(message, limits)
        case .compactBlock(let message): try visitor.visit(message, limits)
        case .getBlockTransactions(let message): try visitor.visit(message, limits)
        case .blockTransactions(let message): try visitor.visit(message, limits)
        case .getCommittedFilters(let message), .getCommittedFilterHeaders(let message):
            try visitor.visit(message, limits)
        case .committedFilter(let message): try visitor.visit(message, limits)
        case .committedFilterHeaders(let message): try visitor.visit(message, limits)
        case .getCommittedFilterCheckpoints(let message): try visitor.visit(message, limits)
        case .committedFilterCheckpoints(let message): try visitor.visit(message, limits)
        case .getCommittedFilterMempool(let type): try visitor.visit(type, limits)
        case .doubleSpendProof(let message): try visitor.visit(message, limits)
        case .custom(let message): try visitor.visit(message, limits)
        case .unknown(let command, let bytes): try visitor.visit(UnknownPayload(command: command, bytes: bytes), limits)
        }
    }
}

/// Finds out whether a payload may be sent, and how long it is.
struct PayloadMeasure: PayloadVisitor {
    let version: ProtocolVersion
    private(set) var length = 0

    init(_ version: ProtocolVersion) {
        self.version = version
    }

    @inline(__always)
    mutating func visit(
        _ payload: some WireEncodable, _ limits: borrowing WireLimits
    ) throws(EncodeError) {
        try payload.check(version, limits)
        length = payload.encodedLength(version)
    }
}

/// Writes a payload.
struct PayloadWriter: PayloadVisitor {
    var writer: ByteWriter
    let version: ProtocolVersion

    @inline(__always)
    mutating func visit(_ payload: some WireEncodable, _ limits: borrowing WireLimits) {
        payload.encode(into: &writer, version)
    }
}
