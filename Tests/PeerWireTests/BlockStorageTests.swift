import PeerWire
import TestSupport
import Testing

/// What blocks and transactions share: tables that grow, hashes that are remembered.
@Suite struct BlockStorageTests {
    /// Transactions of the least size there is, 10 bytes each.
    private static func tinyBlock(_ count: Int) throws -> Block {
        let transactions = try (0..<count).map { try Transaction(version: Int32($0), inputs: [], outputs: []) }
        return try Block(header: Network.mainnet.genesisHeader, transactions: transactions)
    }

    private static func wide(_ outputs: Int) throws -> Transaction {
        try Transaction(
            inputs: [TransactionInput(outpoint: .coinbase, script: [1, 2])],
            outputs: (0..<outputs).map { TransactionOutput(value: Int64($0), script: .empty) })
    }

    /// Far more outputs for the bytes than most transactions have: the table grows in the middle of one.
    @Test(arguments: [0, 1, 2, 7, 8, 9, 100, 252, 253, 5_000]) func tablesGrowWhereTheyMust(_ outputs: Int) throws {
        let transaction = try Self.wide(outputs)
        let read = try Transaction(bytes: transaction.bytes.array)
        #expect(read == transaction && read.outputs.count == outputs && read.inputs.count == 1)
        #expect(read.outputs.map(\.value) == (0..<outputs).map { Int64($0) })
        #expect(read.hash() == SHA256d.hash(transaction.bytes.array))
        let block = try Block(header: Network.mainnet.genesisHeader, transactions: [read, try Self.wide(3), read])
        let again = try Block(bytes: block.bytes.array)
        #expect(again == block && again.transactions.map { $0 } == block.transactions.map { $0 })
        #expect(again.transactions[1].outputs.map(\.value) == [0, 1, 2])
        #expect(again.transactions[2].outputs.count == outputs)
    }

    @Test func aBlockOfTinyTransactions() throws {
        let block = try Self.tinyBlock(3_000)
        let read = try Block(bytes: block.bytes.array)
        #expect(read.transactions.map(\.version) == (0..<3_000).map { Int32($0) })
        #expect(read.transactions.allSatisfy { $0.inputs.isEmpty && $0.outputs.isEmpty && $0.byteCount == 10 })
    }

    @Test func idsTogetherAreThoseOneByOne() throws {
        for count in [0, 1, 2, 127, 128, 129, 1_000] {
            let block = try Self.tinyBlock(count)
            let expected = block.transactions.map { SHA256d.hash($0.bytes.array) }
            let first = try Block(bytes: block.bytes.array)
            if count > 2 { #expect(first.transactions[2].hash() == expected[2]) }
            #expect(first.transactionHashes() == expected)
            #expect(first.transactions.map { $0.hash() } == expected)
            #expect(first.transactionHashes() == expected)
            #expect(first.merkleRoot() == Block.merkleRoot(of: expected))
        }
        #expect(Block.merkleRoot(of: []) == .zero && Block.merkleRoot(of: [.zero]) == .zero)
    }

    /// The plain way, one pair after another.
    @Test func merkleRootsOfEverySmallSize() {
        var random = SeededGenerator(state: 5)
        for count in 1...40 {
            let hashes = (0..<count).map { _ in random.hash() }
            var level = hashes
            while level.count > 1 {
                level = stride(from: 0, to: level.count, by: 2).map {
                    SHA256d.hash(level[$0], $0 + 1 < level.count ? level[$0 + 1] : level[$0])
                }
            }
            #expect(Block.merkleRoot(of: hashes) == level[0], "\(count)")
        }
    }

    @Test func headersTogetherAreThoseOneByOne() {
        var random = SeededGenerator(state: 6)
        for count in [0, 1, 2, 3, 101] {
            let headers = (0..<count).map {
                BlockHeader(
                    version: Int32($0), previousBlock: random.hash(), merkleRoot: random.hash(), time: 1, bits: 2,
                    nonce: 3)
            }
            #expect(BlockHeader.hashes(of: headers) == headers.map { $0.hash() })
        }
    }

    /// Many threads ask the same block at once: none sees a hash that is half written. Worth most under the sanitizer.
    @Test func hashesAreRememberedForEveryThread() async throws {
        let made = try Self.tinyBlock(500)
        let expected = made.transactions.map { SHA256d.hash($0.bytes.array) }
        let root = Block.merkleRoot(of: expected)
        for round in 0..<10 {
            let block = try Block(bytes: made.bytes.array)
            let agreed = await withTaskGroup(of: Bool.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        let order = (0..<500).map { ($0 * 7 + task * 61 + round) % 500 }
                        let isEach = order.allSatisfy { block.transactions[$0].hash() == expected[$0] }
                        return isEach && block.merkleRoot() == root && block.hash() == made.hash()
                    }
                }
                return await group.reduce(true) { $0 && $1 }
            }
            #expect(agreed)
        }
    }

    @Test func aDetachedTransactionIsTheSameAlone() throws {
        let block = try Block(header: Network.mainnet.genesisHeader, transactions: [Self.wide(2), Self.wide(300)])
        let view = block.transactions[1]
        let alone = view.detached()
        #expect(alone == view && alone.hash() == view.hash() && alone.outputs.count == 300)
        #expect(alone.outputs.map { $0 } == view.outputs.map { $0 })
        #expect(alone.detached() == alone)
        let trailing = try Message.decode(command: .transaction, payload: alone.bytes.array + [1, 2, 3])
        guard case .transaction(let transaction) = trailing else { return }
        #expect(transaction.trailingBytes == [1, 2, 3] && transaction.detached() == transaction)
        #expect(transaction != alone && transaction.hash() == alone.hash())
        // In a block it is only itself.
        let inside = try Block(header: Network.mainnet.genesisHeader, transactions: [transaction])
        #expect(inside.transactions[0] == alone && inside.trailingBytes.isEmpty)
    }

    @Test func bytesAfterABlockAreKept() throws {
        let block = try Self.tinyBlock(1)
        let payload = block.bytes.array + [9, 9]
        let message = try Message.decode(command: .block, payload: payload)
        #expect(try message.payload() == payload)
        guard case .block(let read) = message else { return }
        #expect(read.trailingBytes == [9, 9] && read.bytes == block.bytes && read != block)
        #expect(read.transactions[0].trailingBytes.isEmpty && read.transactions[0] == block.transactions[0])
        #expect(throws: DecodeError.self) { try Block(bytes: payload) }
    }
}
