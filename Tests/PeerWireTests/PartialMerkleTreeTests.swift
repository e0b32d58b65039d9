import Testing

@testable import PeerWire

@Suite struct PartialMerkleTreeTests {
    private static func hashes(_ count: Int, seed: UInt64 = 61) -> [Hash256] {
        var random = SeededGenerator(state: seed)
        return (0..<count).map { _ in random.hash() }
    }

    private static func error(_ tree: PartialMerkleTree) -> PartialMerkleTreeError? {
        do throws(PartialMerkleTreeError) {
            _ = try tree.proof()
            return nil
        } catch {
            return error
        }
    }

    @Test func everySubsetOfSmallBlocksIsProved() throws {
        for count in 1...9 {
            let hashes = Self.hashes(count)
            for subset in 0..<(1 << count) {
                let wanted = hashes.indices.filter { subset >> $0 & 1 == 1 }
                let tree = PartialMerkleTree(transactionHashes: hashes) { subset >> $0 & 1 == 1 }
                let proof = try tree.proof()
                #expect(proof.merkleRoot == Block.merkleRoot(of: hashes))
                #expect(proof.matches == wanted.map { .init(index: $0, hash: hashes[$0]) })
            }
        }
    }

    @Test func largeBlocksAreProved() throws {
        var random = SeededGenerator(state: 62)
        for count in [10, 16, 17, 33, 64, 100, 127, 255, 1_000, 4_095, 4_097] {
            let hashes = Self.hashes(count)
            for share in [0, 1, 50, 99, 100] {
                let wanted = hashes.indices.filter { _ in Int.random(in: 0..<100, using: &random) < share }
                let chosen = Set(wanted)
                let tree = PartialMerkleTree(transactionHashes: hashes) { chosen.contains($0) }
                let proof = try tree.proof()
                #expect(proof.merkleRoot == Block.merkleRoot(of: hashes))
                #expect(proof.matches.map(\.index) == wanted)
                #expect(share != 0 || tree.hashes == [proof.merkleRoot] && tree.flags == [0])
                #expect(share != 100 || tree.hashes == hashes)
            }
        }
    }

    @Test func heightsAndWidthsAreOfTheTree() {
        let heights: [(UInt32, Int)] = [
            (0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (8, 3), (9, 4), (1 << 31, 31), ((1 << 31) + 1, 32),
            (.max, 32),
        ]
        for (count, height) in heights {
            #expect(PartialMerkleTree.height(count) == height)
            if count > 0 { #expect(PartialMerkleTree.width(count, height) == 1) }
            if count > 1 { #expect(PartialMerkleTree.width(count, height - 1) == 2) }
            #expect(PartialMerkleTree.width(count, 0) == UInt64(count))
        }
    }

    @Test func eachRuleHasItsError() throws {
        let hashes = Self.hashes(5)
        let tree = PartialMerkleTree(transactionHashes: hashes) { $0 == 2 }
        // The root, its left child, that one's children, the third and fourth transaction, and the right child: bits
        // 1, 1, 0, 1, 1, 0, 0 and hashes of four of them.
        #expect(tree.flags == [0b001_1011] && tree.hashes.count == 4 && Self.error(tree) == nil)
        func changed(
            count: UInt32 = 5, _ hashes: [Hash256]? = nil, _ flags: [UInt8]? = nil
        ) -> PartialMerkleTreeError? {
            Self.error(
                PartialMerkleTree(
                    transactionCount: count, hashes: hashes ?? tree.hashes, flags: flags ?? tree.flags))
        }
        #expect(changed(count: 0) == .noTransactions)
        #expect(changed(count: 0, [], []) == .noTransactions)
        #expect(changed(count: 3) == .tooManyHashes(count: 4, transactionCount: 3))
        #expect(changed(nil, []) == .tooFewFlags(count: 0, hashCount: 4))
        let nine = PartialMerkleTree(transactionCount: 9, hashes: Self.hashes(9), flags: [0xff])
        #expect(Self.error(nine) == .tooFewFlags(count: 8, hashCount: 9))
        #expect(changed([], []) == .outOfFlags)
        #expect(changed(count: 100, nil, [0xff]) == .outOfFlags)
        #expect(changed(Array(tree.hashes.dropLast())) == .outOfHashes)
        #expect(changed([]) == .outOfHashes)
        #expect(changed(tree.hashes + [hashes[0]]) == .unreadHashes(count: 1))
        #expect(changed(nil, tree.flags + [0]) == .unreadFlags(byteCount: 1))
        #expect(changed(nil, tree.flags + [0, 0, 0]) == .unreadFlags(byteCount: 3))
        #expect(changed(nil, [0]) == .unreadHashes(count: 3))
        // Bits behind the last one within its byte are padding, whatever they are.
        #expect(changed(nil, [tree.flags[0] | 0x80]) == nil)
    }

    @Test func equalBranchesAreRefusedOnARealPairOnly() throws {
        // Four transactions of which the last two repeat the first two have the root of a block of the two and a level
        // of odd length more: the trick of CVE-2012-2459.
        let two = Self.hashes(2)
        let doubled = PartialMerkleTree(transactionHashes: two + two) { $0 == 3 }
        #expect(Self.error(doubled) == .identicalBranches)
        let same = PartialMerkleTree(transactionHashes: [two[0], two[0]]) { $0 == 0 }
        #expect(Self.error(same) == .identicalBranches)
        // A node without a neighbour counts twice, and that is sound.
        let three = PartialMerkleTree(transactionHashes: Self.hashes(3)) { $0 == 2 }
        #expect(try three.proof().matches.map(\.index) == [2])
    }

    @Test func anotherRootIsRefused() throws {
        let block = try Block(bytes: FilterVectors.fourTransactions)
        let hashes = block.transactions.map { $0.hash() }
        let tree = PartialMerkleTree(transactionHashes: hashes) { $0 == 1 }
        var message = MerkleBlockMessage(header: block.header, tree: tree)
        #expect(try message.matches() == [.init(index: 1, hash: hashes[1])])
        message.hashes.swapAt(0, 1)
        let computed = try PartialMerkleTree(message).proof().merkleRoot
        #expect(throws: PartialMerkleTreeError.wrongRoot(computed: computed, expected: block.header.merkleRoot)) {
            try message.matches()
        }
        message.transactionCount = 0
        #expect(throws: PartialMerkleTreeError.noTransactions) { try message.matches() }
    }

    @Test func claimsOfHugeBlocksCostNothing() {
        let hash = Self.hashes(1)
        for count in [UInt32.max, 1 << 31, 1 << 20] {
            #expect(
                Self.error(PartialMerkleTree(transactionCount: count, hashes: hash, flags: [0])) == nil)
            let ones = [UInt8](repeating: 0xff, count: 8)
            #expect(
                Self.error(PartialMerkleTree(transactionCount: count, hashes: hash, flags: ones)) == .outOfHashes)
            // A long message of ones ends at the first transaction for which no hash is left.
            let long = PartialMerkleTree(
                transactionCount: count, hashes: hash, flags: [UInt8](repeating: 0xff, count: 200_000))
            #expect(Self.error(long) == .outOfHashes)
        }
        // The deepest tree: the first and the last of 4,294,967,295 transactions.
        let most = Self.hashes(64)
        let flags = [UInt8](repeating: 0xff, count: 9)
        #expect(Self.error(PartialMerkleTree(transactionCount: .max, hashes: most, flags: flags)) != nil)
    }

    @Test func theDeepestPathIsWalked() throws {
        // One transaction of 2^31 + 1: the last one, alone in its half, with a hash for the other half.
        let pair = Self.hashes(2)
        let count = UInt32(1) << 31 + 1
        // Root 1, left 0, then 1 down to the transaction: 34 bits.
        let flags: [UInt8] = [0b1111_1101, 0xff, 0xff, 0xff, 0x03]
        let proof = try PartialMerkleTree(transactionCount: count, hashes: pair, flags: flags).proof()
        #expect(proof.matches == [.init(index: 1 << 31, hash: pair[1])])
        var root = pair[1]
        for _ in 0..<31 { root = SHA256d.hash(root, root) }
        #expect(proof.merkleRoot == SHA256d.hash(pair[0], root))
    }

    @Test func noiseIsRefusedOrSound() {
        var random = SeededGenerator(state: 63)
        for _ in 0..<20_000 {
            let count = UInt32.random(in: 0...20, using: &random)
            let tree = PartialMerkleTree(
                transactionCount: Bool.random(using: &random) ? count : UInt32(truncatingIfNeeded: random.next()),
                hashes: Self.hashes(Int.random(in: 0...6, using: &random), seed: random.next()),
                flags: random.bytes(Int.random(in: 0...3, using: &random)))
            guard let proof = try? tree.proof() else { continue }
            #expect(proof.matches.count <= tree.hashes.count)
            #expect(proof.matches.allSatisfy { $0.index < Int(tree.transactionCount) && tree.hashes.contains($0.hash) })
            #expect(proof.matches.map(\.index) == proof.matches.map(\.index).sorted())
        }
    }

    @Test func errorsAreOneLine() {
        let errors: [PartialMerkleTreeError] = [
            .noTransactions, .tooManyHashes(count: 2, transactionCount: 1), .tooFewFlags(count: 8, hashCount: 9),
            .outOfFlags, .outOfHashes, .identicalBranches, .unreadHashes(count: 1), .unreadFlags(byteCount: 2),
            .wrongRoot(computed: .zero, expected: .zero),
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
        #expect(errors.allSatisfy { !$0.description.isEmpty && !$0.description.contains("\n") })
    }
}
