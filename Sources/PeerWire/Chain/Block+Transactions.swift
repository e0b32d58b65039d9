extension Block {
    /// The transactions, each a view of the block's storage made when it is asked for.
    public struct Transactions: RandomAccessCollection, Sendable {
        let storage: TransactionStorage

        /// Always 0.
        public var startIndex: Int { 0 }
        /// Number of transactions.
        public var endIndex: Int { storage.count }

        /// The transaction at a place from 0, which is the coinbase.
        public subscript(position: Int) -> Transaction {
            precondition(position >= 0 && position < storage.count, "transaction out of range")
            return Transaction(storage, position)
        }
    }

    /// The transactions in order.
    public var transactions: Transactions { Transactions(storage: content.transactions) }

    /// The ids of all transactions in order. Computed when they are first asked for, together, which takes less time
    /// than one by one, and remembered.
    public func transactionHashes() -> [Hash256] { content.transactions.allHashes() }

    /// The root of the tree of the transactions' hashes, computed when it is first asked for and remembered; zero for a
    /// block without transactions. A sound block's equals ``BlockHeader/merkleRoot``.
    public func merkleRoot() -> Hash256 { content.merkleRoot.value { Self.merkleRoot(of: transactionHashes()) } }

    /// The root of the tree over some hashes; zero when there are none. A level of odd length counts its last hash
    /// twice.
    public static func merkleRoot(of hashes: [Hash256]) -> Hash256 {
        var level = hashes
        while level.count > 1 {
            if level.count % 2 == 1 { level.append(level[level.count - 1]) }
            level = SHA256d.pairHashes(level)
        }
        return level.first ?? .zero
    }
}
