extension PartialMerkleTree {
    /// The tree that proves some of a block's transactions.
    ///
    /// - Parameters:
    ///   - transactionHashes: the hashes of all transactions in order; at most 4,294,967,295.
    ///   - isMatch: whether the transaction at a place is to be proved. Called once for each.
    public init(transactionHashes: [Hash256], matching isMatch: (Int) -> Bool) {
        var levels = [Level(hashes: transactionHashes, isMatch: transactionHashes.indices.map(isMatch))]
        while let level = levels.last, level.hashes.count > 1 { levels.append(level.parents()) }
        var walk = BuildingWalk(levels: levels)
        if !transactionHashes.isEmpty { walk.visit(levels.count - 1, 0) }
        self.init(
            transactionCount: UInt32(clamping: transactionHashes.count), hashes: walk.hashes, flags: walk.flags)
    }

    /// The nodes of one level: their hashes, and whether a transaction below matches.
    private struct Level {
        var hashes: [Hash256]
        var isMatch: [Bool]

        func parents() -> Level {
            let count = (hashes.count + 1) / 2
            var level = Level(hashes: [], isMatch: [])
            level.hashes.reserveCapacity(count)
            level.isMatch.reserveCapacity(count)
            for left in stride(from: 0, to: hashes.count, by: 2) {
                // A node without a neighbour counts twice.
                let right = min(left + 1, hashes.count - 1)
                level.hashes.append(SHA256d.hash(hashes[left], hashes[right]))
                level.isMatch.append(isMatch[left] || isMatch[right])
            }
            return level
        }
    }

    private struct BuildingWalk {
        let levels: [Level]
        var hashes: [Hash256] = []
        var flags: [UInt8] = []
        var flagCount = 0

        init(levels: [Level]) {
            self.levels = levels
        }

        mutating func visit(_ level: Int, _ place: Int) {
            let isMatch = levels[level].isMatch[place]
            append(isMatch)
            if level == 0 || !isMatch {
                hashes.append(levels[level].hashes[place])
                return
            }
            visit(level - 1, 2 * place)
            if 2 * place + 1 < levels[level - 1].hashes.count { visit(level - 1, 2 * place + 1) }
        }

        private mutating func append(_ flag: Bool) {
            if flagCount & 7 == 0 { flags.append(0) }
            if flag { flags[flagCount >> 3] |= 1 &<< UInt8(truncatingIfNeeded: flagCount & 7) }
            flagCount += 1
        }
    }
}

extension MerkleBlockMessage {
    /// The message that proves some transactions of a block.
    public init(header: BlockHeader, tree: PartialMerkleTree) {
        self.init(
            header: header, transactionCount: tree.transactionCount, hashes: tree.hashes, flags: tree.flags)
    }
}

extension Block {
    /// A block as a light client gets it.
    public struct Filtered: Hashable, Sendable {
        /// The message to send.
        public var message: MerkleBlockMessage
        /// The transactions of the block that match, in its order. Each is to be sent as a `tx` after the message,
        /// unless the client has it.
        public var matches: [PartialMerkleTree.Match]
    }

    /// The block reduced to what matches a filter, which is updated as its flags demand.
    ///
    /// All outputs are looked at before any input: in the order of blocks, which is that of hashes, a transaction may
    /// stand before the one it spends.
    public func filtered(by filter: inout BloomFilter) -> Filtered {
        let transactions = transactions
        let hashes = transactionHashes()
        var isMatch = [Bool](repeating: false, count: hashes.count)
        for (place, transaction) in transactions.enumerated() {
            isMatch[place] = filter.matchOutputsAndUpdate(transaction, hash: hashes[place])
        }
        for (place, transaction) in transactions.enumerated() where !isMatch[place] {
            isMatch[place] = filter.matchesInputs(of: transaction)
        }
        let tree = PartialMerkleTree(transactionHashes: hashes) { isMatch[$0] }
        return Filtered(
            message: MerkleBlockMessage(header: header, tree: tree),
            matches: hashes.indices.filter { isMatch[$0] }.map {
                PartialMerkleTree.Match(index: $0, hash: hashes[$0])
            })
    }
}
