/// Why a partial merkle tree proves nothing.
public enum PartialMerkleTreeError: Error, Hashable, Sendable, BitwiseCopyable {
    /// A block without transactions.
    case noTransactions
    /// More hashes than the block has transactions.
    case tooManyHashes(count: Int, transactionCount: Int)
    /// Fewer bits than hashes.
    case tooFewFlags(count: Int, hashCount: Int)
    /// The walk needs more bits than there are.
    case outOfFlags
    /// The walk needs more hashes than there are.
    case outOfHashes
    /// Two different branches have the same hash: a trick to make two sets of transactions have one root.
    case identicalBranches
    /// Hashes are left after the walk.
    case unreadHashes(count: Int)
    /// Whole bytes of bits are left after the walk.
    case unreadFlags(byteCount: Int)
    /// The root is not the one in the header.
    case wrongRoot(computed: Hash256, expected: Hash256)
}

extension PartialMerkleTreeError: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .noTransactions: "the block has no transactions"
        case .tooManyHashes(let count, let transactions): "\(count) hashes for \(transactions) transactions"
        case .tooFewFlags(let count, let hashes): "\(count) flags for \(hashes) hashes"
        case .outOfFlags: "the flags end before the tree"
        case .outOfHashes: "the hashes end before the tree"
        case .identicalBranches: "two branches have the same hash"
        case .unreadHashes(let count): "\(count) hashes after the end of the tree"
        case .unreadFlags(let count): "\(count) bytes of flags after the end of the tree"
        case .wrongRoot(let computed, let expected): "the root is \(computed), the header has \(expected)"
        }
    }
}

extension PartialMerkleTree {
    /// What the tree proves, each rule checked but that of the root, for which a header is needed.
    ///
    /// The work is bounded by the number of bits, whatever ``transactionCount`` claims.
    public func proof() throws(PartialMerkleTreeError) -> Proof {
        if transactionCount == 0 { throw .noTransactions }
        if hashes.count > Int(transactionCount) {
            throw .tooManyHashes(count: hashes.count, transactionCount: Int(transactionCount))
        }
        let flagCount = 8 * flags.count
        if flagCount < hashes.count { throw .tooFewFlags(count: flagCount, hashCount: hashes.count) }
        var walk = ProvingWalk(tree: self)
        let root = try walk.visit(Self.height(transactionCount), 0)
        if walk.hashesRead < hashes.count { throw .unreadHashes(count: hashes.count - walk.hashesRead) }
        let bytesRead = (walk.flagsRead + 7) / 8
        if bytesRead < flags.count { throw .unreadFlags(byteCount: flags.count - bytesRead) }
        return Proof(merkleRoot: root, matches: walk.matches)
    }

    private struct ProvingWalk {
        let tree: PartialMerkleTree
        var flagsRead = 0
        var hashesRead = 0
        var matches: [Match] = []

        init(tree: PartialMerkleTree) {
            self.tree = tree
        }

        /// The hash of a node. The levels go down by one with each call inside another: at most 33 are open.
        mutating func visit(_ level: Int, _ place: UInt64) throws(PartialMerkleTreeError) -> Hash256 {
            let isMatch = try readFlag()
            if level == 0 || !isMatch {
                let hash = try readHash()
                if isMatch { matches.append(Match(index: Int(place), hash: hash)) }
                return hash
            }
            let left = try visit(level - 1, 2 * place)
            guard 2 * place + 1 < PartialMerkleTree.width(tree.transactionCount, level - 1) else {
                return SHA256d.hash(left, left)
            }
            let right = try visit(level - 1, 2 * place + 1)
            if left == right { throw .identicalBranches }
            return SHA256d.hash(left, right)
        }

        private mutating func readFlag() throws(PartialMerkleTreeError) -> Bool {
            guard flagsRead < 8 * tree.flags.count else { throw .outOfFlags }
            defer { flagsRead += 1 }
            return tree.flags[flagsRead >> 3] &>> UInt8(truncatingIfNeeded: flagsRead & 7) & 1 != 0
        }

        private mutating func readHash() throws(PartialMerkleTreeError) -> Hash256 {
            guard hashesRead < tree.hashes.count else { throw .outOfHashes }
            defer { hashesRead += 1 }
            return tree.hashes[hashesRead]
        }
    }
}

extension MerkleBlockMessage {
    /// The transactions that the message proves to be in the block of its header. Whether that header is in the chain
    /// is for the caller to know.
    ///
    /// - Throws: which rule the proof breaks; `wrongRoot` when it is one of another block.
    public func matches() throws(PartialMerkleTreeError) -> [PartialMerkleTree.Match] {
        let proof = try PartialMerkleTree(self).proof()
        if proof.merkleRoot != header.merkleRoot {
            throw .wrongRoot(computed: proof.merkleRoot, expected: header.merkleRoot)
        }
        return proof.matches
    }
}
