import Testing

@testable import PeerWire

@Suite struct CompactBlockTests {
    private static let coinbase = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"

    @Test func workedExample() throws {
        let payload = Array(Examples.compactBlock.dropFirst(24))
        let message = try CompactBlockMessage(payload)
        #expect(message.header.hash().description == HashTests.genesisText)
        #expect(message.nonce == 0x0102_0304_0506_0708)
        #expect(message.shortIDs.isEmpty && message.transactionCount == 1)
        #expect(message.prefilled.indexes == [0])
        let coinbase = message.prefilled.transactions[0].hash()
        #expect(coinbase.description == Self.coinbase)
        let key = message.key()
        #expect(key.key0 == 0x9604_c091_d994_cfca && key.key1 == 0x82da_4839_b100_5eb7)
        #expect(key.shortID(of: coinbase).description == "882e32d4dad3")
        #expect(key.shortID(of: coinbase).rawValue == 0xd3da_d432_2e88)
        #expect(try message.payload() == payload)
        let block = try Block(header: message.header, transactions: [message.prefilled.transactions[0]])
        #expect(CompactBlockMessage(block: block, nonce: message.nonce) == message)
    }

    @Test func workedExampleOfARequest() throws {
        let payload = Array(Examples.getBlockTransactions.dropFirst(24))
        let message = try GetBlockTransactionsMessage(payload)
        #expect(message.blockHash.description == HashTests.genesisText)
        #expect(message.indexes == [1, 2, 6])
        #expect(try message.payload() == payload)
    }

    @Test func shortIDsHave48Bits() throws {
        #expect(ShortTransactionID(rawValue: 1 << 48) == nil)
        let largest = try #require(ShortTransactionID(rawValue: ShortTransactionID.maximumValue))
        let small = try #require(ShortTransactionID(rawValue: 0x0605_0403_0201))
        #expect(largest.description == "ffffffffffff" && small.description == "010203040506")
        let ids: ShortTransactionIDs = [largest, small]
        #expect(Array(ids) == [largest, small])
        #expect(ids.bytes.hexadecimal == "ffffffffffff010203040506")
    }

    /// Of every shape, with indexes of one byte and of three.
    @Test func randomMessagesComeBackExactly() throws {
        var random = SeededGenerator(state: 31)
        for round in 0..<60 {
            let block = try random.block(round < 50 ? Int(random.next() % 40) : 400)
            let keep = 1 + random.next() % 300
            let nonce = random.next()
            let message = CompactBlockMessage(block: block, nonce: nonce) { _, _ in random.next() % keep == 0 }
            let payload = try message.payload()
            let decoded = try CompactBlockMessage(payload)
            #expect(decoded == message && decoded.transactionCount == block.transactions.count)
            #expect(try decoded.payload() == payload)
            let entries = try #require(decoded.prefilled.entries)
            #expect(entries.map(\.index) == decoded.prefilled.indexes)
            for prefilled in entries {
                #expect(prefilled.transaction == block.transactions[Int(prefilled.index)])
            }
            let indexes = (0..<block.transactions.count).filter { _ in random.next() % keep == 0 }.map { UInt32($0) }
            let request = try GetBlockTransactionsMessage(blockHash: block.hash(), indexes: indexes)
            #expect(try GetBlockTransactionsMessage(request.payload()) == request)
            let answer = try #require(BlockTransactionsMessage(answering: request, from: block))
            #expect(try BlockTransactionsMessage(answer.payload()) == answer)
            #expect(answer.transactions.map { $0.hash() } == indexes.map { block.transactions[Int($0)].hash() })
        }
    }

    @Test func cutPayloadsAreRefused() throws {
        var random = SeededGenerator(state: 32)
        let block = try random.block(8)
        let request = try GetBlockTransactionsMessage(blockHash: block.hash(), indexes: [0, 3, 400, 70_000, 5_000_000])
        let answer = BlockTransactionsMessage(
            blockHash: block.hash(), transactions: TransactionList(Array(block.transactions)))
        let message = CompactBlockMessage(block: block, nonce: 1) { place, _ in place % 3 == 0 }
        func check<Payload: CompactPayload>(_ message: Payload) throws {
            let payload = try message.payload()
            for length in 0..<payload.count {
                #expect(throws: DecodeError.self, "cut to \(length)") {
                    try Payload(Array(payload.prefix(length)))
                }
            }
            let long = try Payload(payload + [1, 2])
            #expect(long.trailingBytes == [1, 2] && long != message)
            #expect(try long.payload() == payload + [1, 2])
            var strict = WireLimits()
            strict.trailingBytes = .refuse
            #expect(throws: DecodeError.self) { try Payload(payload + [1], limits: strict) }
        }
        try check(message)
        try check(request)
        try check(answer)
    }

    @Test func changedBytesAreRefusedOrComeBackExactly() throws {
        var random = SeededGenerator(state: 33)
        let block = try random.block(12)
        func check<Payload: CompactPayload>(_ message: Payload, rounds: Int) throws {
            let payload = try message.payload()
            for _ in 0..<rounds {
                var changed = payload
                changed[Int(random.next() % UInt64(changed.count))] = UInt8(truncatingIfNeeded: random.next())
                if let decoded = try? Payload(changed) { #expect(try decoded.payload() == changed) }
            }
        }
        try check(CompactBlockMessage(block: block, nonce: 1) { place, _ in place % 4 == 1 }, rounds: 3_000)
        try check(
            try GetBlockTransactionsMessage(blockHash: block.hash(), indexes: [0, 3, 400, 70_000, 5_000_000]),
            rounds: 3_000)
        try check(
            BlockTransactionsMessage(
                blockHash: block.hash(), transactions: TransactionList(Array(block.transactions))),
            rounds: 2_000)
    }
}
