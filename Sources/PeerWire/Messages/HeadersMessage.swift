/// The payload of `headers`: block headers, each followed by a number of transactions that is 0 from any honest sender.
///
/// At most 2,000. Source: `PROTOCOL` 3.
public struct HeadersMessage: Hashable, Sendable {
    /// The headers, oldest first.
    public var headers: [BlockHeader]
    /// The number after each header, as received; empty when all are 0. Any value is read unless the limits refuse it.
    public var transactionCounts: [UInt64] = []
    /// Bytes after the last entry, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// A list of headers.
    public init(_ headers: [BlockHeader]) {
        self.headers = headers
    }
}

extension HeadersMessage: WirePayload {
    private static let entrySize = BlockHeader.byteCount + 1

    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> HeadersMessage {
        let count = try span.readCount(
            at: &offset, maximum: limits.maxHeaderCount, itemSize: entrySize, "header count")
        var message = HeadersMessage([])
        message.headers.reserveCapacity(count)
        for index in 0..<count {
            message.headers.append(try BlockHeader.decode(from: span, at: &offset))
            let place = offset
            let transactions = try CompactSize.decode(from: span, at: &offset, maximum: .max, "transaction count")
            if transactions != 0 {
                if limits.refusesHeadersWithTransactions {
                    throw DecodeError(
                        field: "transaction count", offset: place, reason: .malformed("no transactions"))
                }
                if message.transactionCounts.isEmpty {
                    message.transactionCounts = [UInt64](repeating: 0, count: count)
                }
                message.transactionCounts[index] = transactions
            }
        }
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        let counts =
            transactionCounts.isEmpty
            ? headers.count : transactionCounts.reduce(0) { $0 + CompactSize.encodedLength($1) }
        return CompactSize.encodedLength(headers.count) + headers.count * BlockHeader.byteCount + counts
            + trailingBytes.count
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(headers.count, atMost: limits.maxHeaderCount, "header count")
        if !transactionCounts.isEmpty, transactionCounts.count != headers.count {
            throw .inconsistent("transaction counts")
        }
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeCount(headers.count)
        for (index, header) in headers.enumerated() {
            header.encode(into: &writer)
            writer.writeCompactSize(transactionCounts.isEmpty ? 0 : transactionCounts[index])
        }
        writer.writeBytes(trailingBytes)
    }
}
