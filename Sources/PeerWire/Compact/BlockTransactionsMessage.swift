/// The payload of `blocktxn`: the transactions that a `getblocktxn` asked for, in its order.
///
/// The block's hash in 32 bytes, a CompactSize count, the transactions. Exists since protocol version 70014. At most
/// ``WireLimits/maxCompactBlockTransactionCount`` transactions. What is read shares the payload.
/// Source: `PROTOCOL` 2.12, BIP 152 version 1.
public struct BlockTransactionsMessage: Sendable {
    /// The block.
    public let blockHash: Hash256
    /// The transactions.
    public let transactions: TransactionList
    /// Bytes after the last transaction, kept as received; empty in messages made here.
    public internal(set) var trailingBytes: [UInt8] = []

    /// An answer to a `getblocktxn`.
    public init(blockHash: Hash256, transactions: TransactionList) {
        self.blockHash = blockHash
        self.transactions = transactions
    }

    /// The answer to a request, out of the block it asks about.
    ///
    /// - Returns: `nil` when the request is about another block or a place is not one of this block's.
    public init?(answering request: GetBlockTransactionsMessage, from block: Block) {
        let transactions = block.transactions
        guard request.blockHash == block.hash(), let indexes = request.indexes,
            indexes.last.map({ Int($0) < transactions.count }) ?? true
        else { return nil }
        self.init(
            blockHash: request.blockHash, transactions: TransactionList(indexes.map { transactions[Int($0)] }))
    }
}

extension BlockTransactionsMessage: SharedWirePayload {
    /// Reads the payload of a `blocktxn` message, sharing it.
    init(payload: [UInt8], limits: borrowing WireLimits) throws(DecodeError) {
        let span = payload.span.bytes
        var offset = 0
        let blockHash = try span.readHash(at: &offset, "block hash")
        let count = try span.readTransactionCount(
            at: &offset, maximum: limits.maxCompactBlockTransactionCount,
            itemSize: TransactionScanner.minimumTransactionByteCount, "transaction count")
        let transactions = try TransactionList.decode(count: count, from: payload, at: &offset)
        self.init(blockHash: blockHash, transactions: transactions)
        trailingBytes = try span.readTrailing(at: &offset, limits: limits)
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        transactions.reduce(
            Hash256.byteCount + CompactSize.encodedLength(transactions.count) + trailingBytes.count
        ) { $0 + $1.byteCount }
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(
            transactions.count, atMost: limits.maxCompactBlockTransactionCount, "transaction count")
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeHash(blockHash)
        writer.writeCount(transactions.count)
        for transaction in transactions { writer.writeBytes(transaction.bytes) }
        writer.writeBytes(trailingBytes)
    }
}

extension BlockTransactionsMessage: Hashable {
    /// Hashes the block's hash and the number of transactions.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(blockHash)
        hasher.combine(transactions.count)
    }
}
