import PeerWire

/// A partial merkle tree: a `merkleblock` as given, or a tree that is made and must prove what it was made for.
///
/// The first byte chooses. Given: the payload. Made: number of transactions (2 bytes), seed of their hashes (1), then a
/// bit for each that matches.
enum MerkleBody {
    static func run(_ input: [UInt8]) throws(Violation) -> Int {
        let count = input.count
        var input = FuzzInput(input)
        if input.byte() & 1 != 0 { return try max(count, runMade(&input)) }
        let payload = input.rest()
        let message = try? Message.decode(command: .merkleBlock, payload: payload)
        guard case .merkleBlock(let block)? = message else { return count }
        try visit(block)
        return count
    }

    static func visit(_ block: MerkleBlockMessage) throws(Violation) {
        let tree = PartialMerkleTree(block)
        let proof = try attempt { () throws(PartialMerkleTreeError) in try tree.proof() }
        let matches = try attempt { () throws(PartialMerkleTreeError) in try block.matches() }
        guard let proof else { return try require(matches == nil, "a tree that proves nothing has matches") }
        try require(matches == (proof.merkleRoot == block.header.merkleRoot ? proof.matches : nil), "other matches")
        try require(proof.matches.count <= tree.hashes.count, "more matches than hashes")
        var least = 0
        for match in proof.matches {
            try require(match.index >= least && match.index < tree.transactionCount, "a match at \(match.index)")
            least = match.index + 1
        }
        var sound = block
        sound.header.merkleRoot = proof.merkleRoot
        let again = try expect("matches") { () throws(PartialMerkleTreeError) in try sound.matches() }
        try require(again == proof.matches, "other matches with the right root")
    }

    private static func runMade(_ input: inout FuzzInput) throws(Violation) -> Int {
        let count = Int(input.uint16()) % 600
        var random = SeededGenerator(seed: UInt64(input.byte()))
        let mask = input.rest()
        let hashes = (0..<count).map { _ in random.hash() }
        func isMatch(_ place: Int) -> Bool {
            !mask.isEmpty && mask[place / 8 % mask.count] >> UInt8(place & 7) & 1 != 0
        }
        let tree = PartialMerkleTree(transactionHashes: hashes, matching: isMatch)
        let root = Block.merkleRoot(of: hashes)
        let header = BlockHeader(version: 1, previousBlock: .zero, merkleRoot: root, time: 0, bits: 0, nonce: 0)
        let message = MerkleBlockMessage(header: header, tree: tree)
        let payload = try expect("a merkleblock") { () throws(EncodeError) in
            try Message.merkleBlock(message).payload()
        }
        let again = try expect("a merkleblock again") { () throws(DecodeError) in
            try Message.decode(command: .merkleBlock, payload: payload)
        }
        try require(again == .merkleBlock(message), "a merkleblock is not equal to itself")
        if count == 0 { return 0 }
        let matches = try expect("its matches") { () throws(PartialMerkleTreeError) in try message.matches() }
        let expected = hashes.indices.filter(isMatch).map { PartialMerkleTree.Match(index: $0, hash: hashes[$0]) }
        try require(matches == expected, "\(matches.count) matches, not \(expected.count)")
        return 32 * count
    }

    static var seeds: [[UInt8]] {
        var seeds: [[UInt8]] = []
        for block in Samples.blocks {
            for mask in 0..<4 {
                let tree = PartialMerkleTree(transactionHashes: block.transactionHashes()) { $0 & 3 == mask }
                let message = Message.merkleBlock(MerkleBlockMessage(header: block.header, tree: tree))
                if let payload = try? message.payload() { seeds.append(seed(message: payload)) }
            }
        }
        for count: UInt8 in [0, 1, 2, 3, 7, 8, 33, 255] { seeds.append(FuzzSeed(1, count, 0, count, 0x11, 0x80).bytes) }
        return seeds
    }

    static func seed(message: [UInt8]) -> [UInt8] { FuzzSeed(0).adding(message).bytes }
}
