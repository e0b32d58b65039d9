/// Why a block cannot be put together from a compact block. Whatever it is, the full block can be asked for instead.
public enum CompactBlockFailure: Error, Hashable, Sendable, BitwiseCopyable {
    /// The compact block has neither short ids nor transactions.
    case noTransactions
    /// The compact block speaks of more transactions than a block may have.
    case tooManyTransactions(count: Int, limit: Int)
    /// A transaction of the compact block has a place that is not in the block.
    case indexOutsideBlock
    /// Two transactions of the compact block have one short id.
    case duplicateShortIDs
    /// The same transaction is twice in the block, which a merkle root may hide.
    case duplicateTransactions
    /// The `blocktxn` is about another block.
    case otherBlock(Hash256)
    /// The `blocktxn` has not as many transactions as are missing.
    case wrongTransactionCount(expected: Int, actual: Int)
    /// The `blocktxn` has, for this place in the block, a transaction of another short id.
    case wrongTransaction(index: UInt32)
    /// The transactions together are more than a message can carry.
    case blockTooLong
    /// All transactions are there, and the root of their tree is not the one in the header.
    case merkleRootMismatch

    /// True when it can happen with an honest sender: two transactions have one short id now and then. False when the
    /// sender breaks the rules.
    public var canHappenByChance: Bool {
        switch self {
        case .duplicateShortIDs, .merkleRootMismatch: true
        case .noTransactions, .tooManyTransactions, .indexOutsideBlock, .duplicateTransactions, .otherBlock,
            .wrongTransactionCount, .wrongTransaction, .blockTooLong:
            false
        }
    }
}

extension CompactBlockFailure: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .noTransactions: "the compact block has no transactions"
        case .tooManyTransactions(let count, let limit): "\(count) transactions, over the limit of \(limit)"
        case .indexOutsideBlock: "a transaction has a place outside the block"
        case .duplicateShortIDs: "two transactions have one short id"
        case .duplicateTransactions: "the same transaction is twice in the block"
        case .otherBlock(let hash): "transactions of another block, \(hash)"
        case .wrongTransactionCount(let expected, let actual): "\(actual) transactions instead of \(expected)"
        case .wrongTransaction(let index): "the transaction for place \(index) has another short id"
        case .blockTooLong: "the block would not fit in a message"
        case .merkleRootMismatch: "the transactions do not give the merkle root of the header"
        }
    }
}
