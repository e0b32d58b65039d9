/// The payload of `getblocktxn`: transactions of a compact block that the sender does not have.
///
/// The block's hash in 32 bytes, then the indexes: a CompactSize count, and each as CompactSize of what it is beyond
/// the one before and one more. Exists since protocol version 70014. At most
/// ``WireLimits/maxCompactBlockTransactionCount`` indexes. Source: `PROTOCOL` 2.12, BIP 152 version 1.
public struct GetBlockTransactionsMessage: Hashable, Sendable {
    /// The block.
    public var blockHash: Hash256
    /// The places of the transactions in the block, from 0, each greater than the one before.
    public var indexes: [UInt32]
    /// Bytes after the last index, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// A request for transactions. It is not encoded unless each index is greater than the one before.
    public init(blockHash: Hash256, indexes: [UInt32]) {
        self.blockHash = blockHash
        self.indexes = indexes
    }
}

extension GetBlockTransactionsMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> GetBlockTransactionsMessage {
        let blockHash = try span.readHash(at: &offset, "block hash")
        let count = try span.readCount(
            at: &offset, maximum: limits.maxCompactBlockTransactionCount, itemSize: 1, "index count")
        var indexes: [UInt32] = []
        indexes.reserveCapacity(count)
        var previous: UInt32?
        for _ in 0..<count {
            let index = try DifferentialIndexes.read(span, at: &offset, after: previous, "index")
            indexes.append(index)
            previous = index
        }
        var message = GetBlockTransactionsMessage(blockHash: blockHash, indexes: indexes)
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        var length = Hash256.byteCount + CompactSize.encodedLength(indexes.count) + trailingBytes.count
        var previous: UInt32?
        for index in indexes {
            length += CompactSize.encodedLength(DifferentialIndexes.difference(index, after: previous))
            previous = index
        }
        return length
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(
            indexes.count, atMost: limits.maxCompactBlockTransactionCount, "index count")
        var previous: UInt32?
        for index in indexes {
            if let previous, index <= previous { throw .inconsistent("index") }
            previous = index
        }
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeHash(blockHash)
        writer.writeCount(indexes.count)
        var previous: UInt32?
        for index in indexes {
            writer.writeCompactSize(DifferentialIndexes.difference(index, after: previous))
            previous = index
        }
        writer.writeBytes(trailingBytes)
    }
}
