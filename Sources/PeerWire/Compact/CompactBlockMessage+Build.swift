extension CompactBlockMessage {
    /// Makes a compact block of a block, with the coinbase prefilled and whatever else is asked for.
    ///
    /// Each transaction that is not prefilled is hashed once. The prefilled ones stay views of the block: a message
    /// that is held keeps the whole block in memory.
    ///
    /// - Parameters:
    ///   - block: the block.
    ///   - nonce: a number of the sender's choice, best random, so that no two senders have the same collisions.
    ///   - isPrefilled: whether a transaction, given with its place in the block, goes in full: one that the receiver
    ///     is not likely to have. Not asked about the coinbase.
    public init(
        block: Block, nonce: UInt64, prefilling isPrefilled: (Int, Transaction) -> Bool = { _, _ in false }
    ) {
        let key = CompactBlockKey(header: block.header, nonce: nonce)
        let transactions = block.transactions
        var shortIDs = ByteWriter(capacity: max(0, transactions.count - 1) * ShortTransactionID.byteCount)
        var prefilled: [Transaction] = []
        var differences: [UInt64] = []
        var others: UInt64 = 0
        for (place, transaction) in transactions.enumerated() {
            if place == 0 || isPrefilled(place, transaction) {
                prefilled.append(transaction)
                differences.append(others)
                others = 0
            } else {
                others += 1
                shortIDs.writeShortID(key.shortID(of: transaction.hash()))
            }
        }
        let ids = ShortTransactionIDs(trusting: WireBytes(shortIDs.finish()))
        self.init(
            header: block.header, nonce: nonce, shortIDs: ids,
            prefilled: PrefilledTransactions(
                differences: differences, transactions: TransactionList(prefilled), shortIDCount: ids.count))
    }
}
