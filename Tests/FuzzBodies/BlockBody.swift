import PeerWire

/// The bytes are a block. Its parts put together again are the same bytes.
enum BlockBody {
    static func run(_ input: [UInt8]) throws(Violation) {
        let alone = try attempt { () throws(DecodeError) in try Block(bytes: input) }
        let message = try attempt { () throws(DecodeError) in
            try Message.decode(command: .block, payload: input, limits: .wide)
        }
        if let alone { try require(message == .block(alone), "alone it is read otherwise") }
        guard case .block(let block)? = message else { return }
        try require(block.byteCount + block.trailingBytes.count == input.count, "bytes are lost")
        try require(block.bytes.array + block.trailingBytes == input, "a block of other bytes")
        try visit(block)
        let again = try expect("a block of its parts") { () throws(EncodeError) in
            try Block(header: block.header, transactions: block.transactions)
        }
        try require(again.bytes == block.bytes, "its parts make another block")
        try require(again.merkleRoot() == block.merkleRoot(), "its parts have another root")
        try visit(again)
    }

    static func visit(_ block: Block) throws(Violation) {
        try require(BlockHeader(bytes: block.header.bytes) == block.header, "the header is not equal to itself")
        // One first alone, so that the others find it known.
        let last = block.transactions.last?.hash()
        let hashes = block.transactionHashes()
        try require(hashes.last == last, "the last hash is another alone")
        try require(hashes.count == block.transactions.count, "\(hashes.count) hashes")
        for (place, transaction) in block.transactions.enumerated() {
            try require(transaction.hash() == hashes[place], "transaction \(place) has another hash alone")
            try TransactionBody.visit(transaction)
        }
        try require(block.merkleRoot() == Block.merkleRoot(of: hashes), "another root")
        try require(
            BlockHeader.hashes(of: [block.header, block.header]) == [block.hash(), block.hash()], "header hashes")
        try visitFiltered(block, hashes)
        try MessageWalk.requireDescription(block)
    }

    /// What matches a filter is proved by the tree, as far as the tree proves anything.
    private static func visitFiltered(_ block: Block, _ hashes: [Hash256]) throws(Violation) {
        var filter = BloomFilter(elementCount: 3, falsePositiveRate: 0.01, tweak: 1, flags: .updateAll)
        for hash in [hashes.first, hashes.last].compactMap({ $0 }) { filter.insert(hash) }
        let filtered = block.filtered(by: &filter)
        try require(filtered.matches.count >= min(1, hashes.count), "no match for a hash in the filter")
        let tree = PartialMerkleTree(filtered.message)
        // A block may have a transaction twice, or none, and its tree is refused.
        let proof = try attempt { () throws(PartialMerkleTreeError) in try tree.proof() }
        try require(proof == nil || proof?.matches == filtered.matches, "the tree proves other matches")
        try require(proof == nil || proof?.merkleRoot == block.merkleRoot(), "the tree has another root")
        try require(proof != nil || Set(hashes).count < hashes.count || hashes.isEmpty, "the tree proves nothing")
    }

    static var seeds: [[UInt8]] {
        Samples.blocks.map { $0.bytes.array } + [Samples.blocks[0].bytes.array + [1, 2, 3]]
    }
}
