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
        let refusesTransactions = limits.refusesHeadersWithTransactions
        var counts: [UInt64] = []
        var place = offset
        let headers = try [BlockHeader](room: count) { (output: inout OutputSpan<BlockHeader>) throws(DecodeError) in
            for index in 0..<count {
                output.append(try BlockHeader.decode(from: span, at: &place))
                let start = place
                let transactions = try CompactSize.decode(from: span, at: &place, maximum: .max, "transaction count")
                if transactions == 0 { continue }
                if refusesTransactions {
                    throw DecodeError(
                        field: "transaction count", offset: start, reason: .malformed("no transactions"))
                }
                if counts.isEmpty { counts = [UInt64](repeating: 0, count: count) }
                counts[index] = transactions
            }
        }
        offset = place
        var message = HeadersMessage(headers)
        message.transactionCounts = counts
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
        if transactionCounts.isEmpty {
            writer.writeBlock(headers.count * Self.entrySize) { bytes, base in
                var place = base
                for header in headers {
                    header.store(into: &bytes, at: place)
                    bytes.storeBytes(of: 0, toByteOffset: place + BlockHeader.byteCount, as: UInt8.self)
                    place += Self.entrySize
                }
            }
        } else {
            for (index, header) in headers.enumerated() {
                header.encode(into: &writer)
                writer.writeCompactSize(transactionCounts[index])
            }
        }
        writer.writeBytes(trailingBytes)
    }
}
