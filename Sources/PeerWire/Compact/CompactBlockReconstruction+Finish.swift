extension CompactBlockReconstruction {
    /// The block if no transaction is missing, or a request for those that are.
    ///
    /// Each call that finds nothing missing computes the merkle root and builds the block.
    public func outcome() -> Outcome {
        if missingCount > 0 {
            return .missing(
                GetBlockTransactionsMessage(blockHash: message.header.hash(), differences: missingDifferences))
        }
        do throws(CompactBlockFailure) {
            return .complete(try block())
        } catch {
            return .failed(error)
        }
    }

    /// Takes the transactions that are missing from the answer to the request, and gives the block or why there is
    /// none.
    ///
    /// An answer that does not fit (another block, another number of transactions, a transaction of another short id)
    /// leaves everything as it was.
    public mutating func fill(with answer: BlockTransactionsMessage) -> Outcome {
        do throws(CompactBlockFailure) {
            try place(answer)
        } catch {
            return .failed(error)
        }
        return outcome()
    }

    private mutating func place(_ answer: BlockTransactionsMessage) throws(CompactBlockFailure) {
        if answer.blockHash != message.header.hash() { throw .otherBlock(answer.blockHash) }
        if answer.transactions.count != missingCount {
            throw .wrongTransactionCount(expected: missingCount, actual: answer.transactions.count)
        }
        let indexes = missingIndexes
        let answered = answer.transactions.map { $0.hash() }
        for (position, index) in indexes.enumerated() {
            if places[key.shortID(of: answered[position])]?.index != index { throw .wrongTransaction(index: index) }
        }
        for (position, index) in indexes.enumerated() {
            transactions[Int(index)] = answer.transactions[position]
            hashes[Int(index)] = answered[position]
        }
        missingCount = 0
        isFilled = true
    }

    /// How many transactions that are here lie before each missing one and after the missing one before it.
    private var missingDifferences: [UInt64] {
        var differences: [UInt64] = []
        differences.reserveCapacity(missingCount)
        var found: UInt64 = 0
        for transaction in transactions {
            if transaction == nil {
                differences.append(found)
                found = 0
            } else {
                found += 1
            }
        }
        return differences
    }

    private func block() throws(CompactBlockFailure) -> Block {
        try requireDifferent()
        if Block.merkleRoot(of: hashes) != message.header.merkleRoot { throw .merkleRootMismatch }
        do throws(EncodeError) {
            return try Block(header: message.header, transactions: transactions.compactMap { $0 })
        } catch {
            throw .blockTooLong
        }
    }

    /// Fails when a prefilled transaction is also among the others. Those differ from each other, as their short ids
    /// do, and so do the prefilled ones: so no transaction is twice in the block, and the merkle root has one meaning
    /// only.
    private func requireDifferent() throws(CompactBlockFailure) {
        for index in prefilledIndexes {
            let hash = hashes[Int(index)]
            if let place = places[key.shortID(of: hash)], hashes[Int(place.index)] == hash {
                throw .duplicateTransactions
            }
        }
    }
}
