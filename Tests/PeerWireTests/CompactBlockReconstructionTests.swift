import TestSupport
import Testing

@testable import PeerWire

@Suite struct CompactBlockReconstructionTests {
    private typealias Outcome = CompactBlockReconstruction.Outcome

    /// What goes over the wire, as the other side has it.
    private static func sent(_ message: CompactBlockMessage) throws -> CompactBlockMessage {
        try CompactBlockMessage(message.payload())
    }

    private static func answer(_ outcome: Outcome, from block: Block) throws -> BlockTransactionsMessage {
        guard case .missing(let request) = outcome else {
            throw CompactBlockFailure.merkleRootMismatch
        }
        let answer = try #require(
            BlockTransactionsMessage(
                answering: GetBlockTransactionsMessage(request.payload()), from: block))
        return try BlockTransactionsMessage(answer.payload())
    }

    @Test(arguments: [1, 2, 3, 50]) func withAllNoneAndSome(_ count: Int) throws {
        var random = SeededGenerator(state: 41)
        let block = try random.block(count)
        let others = try random.transactions(20)
        let message = try Self.sent(CompactBlockMessage(block: block, nonce: 5) { place, _ in place % 7 == 3 })
        for keep in [1, 2, 3, 1_000] {
            var reconstruction = try CompactBlockReconstruction(message)
            let known = block.transactions.enumerated().filter { $0.offset % keep == 0 }.map(\.element)
            reconstruction.add(contentsOf: others + known)
            let missing = (1..<max(1, count)).filter { $0 % 7 != 3 && $0 % keep != 0 }.map { UInt32($0) }
            #expect(reconstruction.missingIndexes == missing && reconstruction.missingCount == missing.count)
            var outcome = reconstruction.outcome()
            if !missing.isEmpty {
                #expect(
                    outcome == .missing(try GetBlockTransactionsMessage(blockHash: block.hash(), indexes: missing)))
                outcome = reconstruction.fill(with: try Self.answer(outcome, from: block))
            }
            #expect(outcome == .complete(block))
        }
    }

    @Test func hashesAtHandAreUsed() throws {
        var random = SeededGenerator(state: 42)
        let block = try random.block(10)
        var reconstruction = try CompactBlockReconstruction(CompactBlockMessage(block: block, nonce: 1))
        reconstruction.add(contentsOf: block.transactions.map { (hash: $0.hash(), transaction: $0) })
        #expect(reconstruction.outcome() == .complete(block))
    }

    @Test func theSameTransactionAgainChangesNothing() throws {
        var random = SeededGenerator(state: 43)
        let block = try random.block(5)
        var reconstruction = try CompactBlockReconstruction(CompactBlockMessage(block: block, nonce: 1))
        for transaction in block.transactions {
            reconstruction.add(transaction)
            reconstruction.add(transaction.detached())
        }
        #expect(reconstruction.outcome() == .complete(block))
    }

    /// Two transactions of one short id are too much work to find: a hash written over stands for the other one's.
    @Test func whatTwoTransactionsClaimIsMissing() throws {
        var random = SeededGenerator(state: 44)
        let block = try random.block(3)
        let transaction = block.transactions[1]
        var reconstruction = try CompactBlockReconstruction(CompactBlockMessage(block: block, nonce: 1))
        reconstruction.add(contentsOf: block.transactions)
        #expect(reconstruction.missingCount == 0)
        reconstruction.hashes[1] = random.hash()
        #expect(reconstruction.outcome() == .failed(.merkleRootMismatch))
        reconstruction.add(transaction)
        #expect(reconstruction.missingIndexes == [1])
        reconstruction.add(transaction)
        #expect(reconstruction.missingIndexes == [1], "contested for good")
        let answer = try Self.answer(reconstruction.outcome(), from: block)
        #expect(reconstruction.fill(with: answer) == .complete(block))
    }

    @Test func equalShortIDsAreRefused() throws {
        var random = SeededGenerator(state: 45)
        let id = try #require(ShortTransactionID(rawValue: 7))
        let message = try CompactBlockMessage(
            header: random.header(merkleRoot: .zero), nonce: 1,
            shortIDs: ShortTransactionIDs([ShortTransactionID](repeating: id, count: 500_000)), prefilled: [])
        #expect(throws: CompactBlockFailure.duplicateShortIDs) { try CompactBlockReconstruction(message) }
    }

    /// Ids in a row, and ids that differ only in high bits: no order of them makes finding one slow.
    @Test(.timeLimit(.minutes(1)), arguments: [0, 20, 28]) func chosenShortIDsAreNoSlower(_ shift: UInt64) throws {
        var random = SeededGenerator(state: 46)
        let ids = (0..<UInt64(200_000)).map { ShortTransactionID(truncating: $0 << shift) }
        let message = try CompactBlockMessage(
            header: random.header(merkleRoot: .zero), nonce: 1, shortIDs: ShortTransactionIDs(ids), prefilled: [])
        var reconstruction = try CompactBlockReconstruction(message)
        let transaction = try random.transaction()
        for _ in 0..<200_000 { reconstruction.add(transaction, hash: random.hash()) }
        #expect(reconstruction.missingCount > 199_000)
    }

    @Test func blocksOfNothingOrTooMuchAreRefused() throws {
        var random = SeededGenerator(state: 47)
        let empty = try CompactBlockMessage(
            header: random.header(merkleRoot: .zero), nonce: 1, shortIDs: [], prefilled: [])
        #expect(throws: CompactBlockFailure.noTransactions) { try CompactBlockReconstruction(empty) }
        let limits = WireLimits(maxBlockSize: 580)
        let ten = CompactBlockMessage(block: try random.block(10), nonce: 1)
        #expect(try CompactBlockReconstruction(ten, limits: limits).missingCount == 9)
        let eleven = CompactBlockMessage(block: try random.block(11), nonce: 1)
        #expect(throws: CompactBlockFailure.tooManyTransactions(count: 11, limit: 10)) {
            try CompactBlockReconstruction(eleven, limits: limits)
        }
    }

    @Test func wrongAnswersLeaveEverythingAsItWas() throws {
        var random = SeededGenerator(state: 48)
        let block = try random.block(6)
        var reconstruction = try CompactBlockReconstruction(CompactBlockMessage(block: block, nonce: 1))
        reconstruction.add(block.transactions[2])
        let right = [1, 3, 4, 5].map { block.transactions[$0] }
        func answer(_ transactions: [Transaction], _ hash: Hash256? = nil) -> BlockTransactionsMessage {
            BlockTransactionsMessage(
                blockHash: hash ?? block.hash(), transactions: TransactionList(transactions))
        }
        let other = random.hash()
        let cases: [(BlockTransactionsMessage, CompactBlockFailure)] = [
            (answer(right, other), .otherBlock(other)),
            (answer([]), .wrongTransactionCount(expected: 4, actual: 0)),
            (answer(right.dropLast()), .wrongTransactionCount(expected: 4, actual: 3)),
            (answer(right + [right[0]]), .wrongTransactionCount(expected: 4, actual: 5)),
            (answer([right[0], right[2], right[1], right[3]]), .wrongTransaction(index: 3)),
            (answer([right[0], right[1], right[2], try random.transaction()]), .wrongTransaction(index: 5)),
        ]
        for (answer, failure) in cases {
            #expect(reconstruction.fill(with: answer) == .failed(failure))
            #expect(!failure.canHappenByChance)
            #expect(reconstruction.missingIndexes == [1, 3, 4, 5])
        }
        #expect(reconstruction.fill(with: answer(right)) == .complete(block))
        #expect(
            reconstruction.fill(with: answer(right))
                == .failed(.wrongTransactionCount(expected: 0, actual: 4)))
    }

    @Test func aWrongRootIsFoundOut() throws {
        var random = SeededGenerator(state: 49)
        let sound = try random.block(4)
        let header = random.header(merkleRoot: random.hash())
        let block = try Block(header: header, transactions: Array(sound.transactions))
        var reconstruction = try CompactBlockReconstruction(CompactBlockMessage(block: block, nonce: 1))
        reconstruction.add(contentsOf: block.transactions)
        #expect(reconstruction.outcome() == .failed(.merkleRootMismatch))
        #expect(CompactBlockFailure.merkleRootMismatch.canHappenByChance)
    }

    /// A block of three has the root of one that has its last transaction twice: that one is not sound.
    @Test func repeatedTransactionsAreFoundOut() throws {
        var random = SeededGenerator(state: 50)
        let sound = try random.block(3)
        let transactions = Array(sound.transactions)
        let block = try Block(header: sound.header, transactions: transactions + [transactions[2]])
        #expect(block.merkleRoot() == sound.header.merkleRoot)
        let bothPrefilled = CompactBlockMessage(block: block, nonce: 1) { place, _ in place >= 2 }
        #expect(throws: CompactBlockFailure.duplicateTransactions) {
            try CompactBlockReconstruction(bothPrefilled)
        }
        let neither = CompactBlockMessage(block: block, nonce: 1)
        #expect(throws: CompactBlockFailure.duplicateShortIDs) { try CompactBlockReconstruction(neither) }
        let one = CompactBlockMessage(block: block, nonce: 1) { place, _ in place == 3 }
        var reconstruction = try CompactBlockReconstruction(one)
        reconstruction.add(contentsOf: transactions)
        #expect(reconstruction.outcome() == .failed(.duplicateTransactions))
    }

    @Test(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.unavailable)))
    func aRealBlock() throws {
        let block = try Block(bytes: try SharedData.bytes(of: "block-413567.bin"))
        #expect(block.transactions.count == 1_557)
        let message = try Self.sent(CompactBlockMessage(block: block, nonce: 0x1234_5678_9abc_def0))
        #expect(message.shortIDs.count == 1_556 && message.prefilled.indexes == [0])
        #expect(try message.payload().count < 12_000)
        for dropped in [1, 7, 100, 1_556] {
            var reconstruction = try CompactBlockReconstruction(message)
            let known = block.transactions.enumerated().filter { $0.offset % 1_557 >= dropped }.map(\.element)
            reconstruction.add(contentsOf: known.reversed())
            #expect(reconstruction.missingCount == max(0, dropped - 1))
            var outcome = reconstruction.outcome()
            if dropped > 1 { outcome = reconstruction.fill(with: try Self.answer(outcome, from: block)) }
            guard case .complete(let built) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
            #expect(built == block && built.bytes == block.bytes)
        }
    }
}
