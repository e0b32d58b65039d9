/// Puts a block together from a compact block, transactions that are here already, and a `blocktxn` for the rest.
///
/// Offer it every transaction that may be in the block, as those of the mempool, with ``add(_:)``; then look at
/// ``outcome()``. When that is `missing`, send the request, and give the answer to ``fill(with:)``.
///
/// Memory and time grow with the number of transactions in the block and of those offered, whatever the short ids are.
/// Source: `PROTOCOL` 2.12, BIP 152 version 1.
public struct CompactBlockReconstruction: Sendable {
    /// How far the block is.
    public enum Outcome: Hashable, Sendable {
        /// The block; its merkle root is that of its header.
        case complete(Block)
        /// Some transactions are to be had from the sender, by this request.
        case missing(GetBlockTransactionsMessage)
        /// The block cannot be put together: ask for all of it.
        case failed(CompactBlockFailure)
    }

    /// The compact block.
    public let message: CompactBlockMessage
    /// The key of its short ids.
    public let key: CompactBlockKey
    /// Number of transactions not found so far.
    public internal(set) var missingCount: Int

    /// The transactions by place in the block, as far as they are known, and their hashes.
    var transactions: [Transaction?]
    var hashes: [Hash256]
    /// True once the sender of the block has given what was missing.
    var isFilled = false
    /// Where in the block each short id belongs.
    var places: [ShortTransactionID: Place]
    /// The places in the block of the prefilled transactions.
    let prefilledIndexes: [UInt32]

    /// A place in the block, and whether two transactions that were offered claim it: then it stays empty, since there
    /// is no telling which is right.
    struct Place {
        let index: UInt32
        var isContested = false
    }

    /// Begins with the prefilled transactions of a compact block.
    ///
    /// - Throws: `noTransactions`, `tooManyTransactions` (over ``WireLimits/maxCompactBlockTransactionCount``),
    ///   `indexOutsideBlock`, `duplicateShortIDs`, `duplicateTransactions`.
    public init(
        _ message: CompactBlockMessage, limits: WireLimits = WireLimits()
    ) throws(CompactBlockFailure) {
        let count = message.transactionCount
        let limit = limits.maxCompactBlockTransactionCount
        if count == 0 { throw .noTransactions }
        if count > limit { throw .tooManyTransactions(count: count, limit: limit) }
        guard let indexes = message.prefilled.indexes else { throw .indexOutsideBlock }
        self.message = message
        prefilledIndexes = indexes
        key = message.key()
        missingCount = message.shortIDs.count
        transactions = [Transaction?](repeating: nil, count: count)
        hashes = [Hash256](repeating: .zero, count: count)
        places = [:]
        try placePrefilled()
        try placeShortIDs()
    }

    private mutating func placePrefilled() throws(CompactBlockFailure) {
        var seen = Set<Hash256>()
        for (index, transaction) in zip(prefilledIndexes, message.prefilled.transactions) {
            let hash = transaction.hash()
            if !seen.insert(hash).inserted { throw .duplicateTransactions }
            transactions[Int(index)] = transaction
            hashes[Int(index)] = hash
        }
    }

    private mutating func placeShortIDs() throws(CompactBlockFailure) {
        places.reserveCapacity(message.shortIDs.count)
        var index = 0
        for id in message.shortIDs {
            while transactions[index] != nil { index += 1 }
            if places.updateValue(Place(index: UInt32(truncatingIfNeeded: index)), forKey: id) != nil {
                throw .duplicateShortIDs
            }
            index += 1
        }
    }
}

extension CompactBlockReconstruction {
    /// Takes a transaction if it is in the block, hashing it.
    public mutating func add(_ transaction: Transaction) {
        add(transaction, hash: transaction.hash())
    }

    /// Takes a transaction if it is in the block.
    ///
    /// Its hash is not computed again: were `hash` wrong, so would be the block.
    public mutating func add(_ transaction: Transaction, hash: Hash256) {
        // What the sender of the block has answered is not contested by others.
        if isFilled { return }
        let id = key.shortID(of: hash)
        guard let place = places[id], !place.isContested else { return }
        let index = Int(place.index)
        if transactions[index] == nil {
            transactions[index] = transaction
            hashes[index] = hash
            missingCount -= 1
        } else if hashes[index] != hash {
            transactions[index] = nil
            missingCount += 1
            places[id]?.isContested = true
        }
    }

    /// Takes the transactions that are in the block, hashing each, until none is missing.
    @inlinable
    public mutating func add(contentsOf candidates: some Sequence<Transaction>) {
        for transaction in candidates {
            if missingCount == 0 { return }
            add(transaction)
        }
    }

    /// Takes the transactions that are in the block, until none is missing; their hashes must be right.
    @inlinable
    public mutating func add(contentsOf candidates: some Sequence<(hash: Hash256, transaction: Transaction)>) {
        for (hash, transaction) in candidates {
            if missingCount == 0 { return }
            add(transaction, hash: hash)
        }
    }

    /// The places in the block, from 0, of the transactions not found so far, in order.
    public var missingIndexes: [UInt32] {
        if missingCount == 0 { return [] }
        var indexes: [UInt32] = []
        indexes.reserveCapacity(missingCount)
        for (index, transaction) in transactions.enumerated() where transaction == nil {
            indexes.append(UInt32(truncatingIfNeeded: index))
        }
        return indexes
    }
}
