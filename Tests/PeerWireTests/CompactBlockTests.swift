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
        let coinbase = message.prefilled[0].transaction.hash()
        #expect(coinbase.description == Self.coinbase)
        let key = message.key()
        #expect(key.key0 == 0x9604_c091_d994_cfca && key.key1 == 0x82da_4839_b100_5eb7)
        #expect(key.shortID(of: coinbase).description == "882e32d4dad3")
        #expect(key.shortID(of: coinbase).rawValue == 0xd3da_d432_2e88)
        #expect(try message.payload() == payload)
        let block = try Block(header: message.header, transactions: [message.prefilled[0].transaction])
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
            #expect(decoded.prefilled.map(\.index) == decoded.prefilled.indexes)
            for prefilled in decoded.prefilled {
                #expect(prefilled.transaction == block.transactions[Int(prefilled.index)])
            }
            let indexes = (0..<block.transactions.count).filter { _ in random.next() % keep == 0 }.map { UInt32($0) }
            let request = GetBlockTransactionsMessage(blockHash: block.hash(), indexes: indexes)
            #expect(try GetBlockTransactionsMessage(request.payload()) == request)
            let answer = try #require(BlockTransactionsMessage(answering: request, from: block))
            #expect(try BlockTransactionsMessage(answer.payload()) == answer)
            #expect(answer.transactions.map { $0.hash() } == indexes.map { block.transactions[Int($0)].hash() })
        }
    }

    @Test func cutPayloadsAreRefused() throws {
        var random = SeededGenerator(state: 32)
        let block = try random.block(8)
        let request = GetBlockTransactionsMessage(blockHash: block.hash(), indexes: [0, 3, 400, 70_000, 5_000_000])
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
        let message = CompactBlockMessage(block: try random.block(12), nonce: 1) { place, _ in place % 4 == 1 }
        let payload = try message.payload()
        for _ in 0..<4_000 {
            var changed = payload
            changed[Int(random.next() % UInt64(changed.count))] = UInt8(truncatingIfNeeded: random.next())
            if let decoded = try? CompactBlockMessage(changed) { #expect(try decoded.payload() == changed) }
        }
    }
}

/// Indexes and counts at their limits.
@Suite struct CompactBlockLimitTests {
    private static let block = [UInt8](repeating: 1, count: 32)

    private func request(_ text: String) throws(DecodeError) -> [UInt32] {
        try GetBlockTransactionsMessage(Self.block + hex(text)).indexes
    }

    @Test func indexesOf32Bits() throws {
        #expect(try request("01feffffffff") == [.max])
        #expect(try request("0200fefeffffff") == [0, .max])
        for text in [
            "01ff0700000001000000", "01ffffffffffffffffff", "02feffffffff00", "0200feffffffff",
            "0200ffffffffffffffffff", "0305ffffffffffffffffff00",
        ] {
            let error = #expect(throws: DecodeError.self, "\(text)") { try request(text) }
            #expect(error?.reason == .malformed("an index of 32 bits"))
        }
    }

    @Test func aLongerFormOfADifferenceIsRefused() {
        for text in ["01fd0100", "01fe01000000", "01ff0100000000000000", "fd010000"] {
            let error = #expect(throws: DecodeError.self) { try request(text) }
            #expect(error?.reason == .nonCanonical)
        }
    }

    @Test func requestsThatDoNotGrowAreNotSent() throws {
        for indexes: [UInt32] in [[1, 1], [2, 1], [0, 5, 5]] {
            let message = GetBlockTransactionsMessage(blockHash: .zero, indexes: indexes)
            #expect(throws: EncodeError.inconsistent("index")) { try message.payload() }
        }
    }

    /// With `shortIDs` short ids, prefilled transactions at these differences.
    private func compactBlock(shortIDs: Int, differences: [UInt64]) throws -> [UInt8] {
        var random = SeededGenerator(state: 34)
        var writer = ByteWriter(capacity: 0)
        random.header(merkleRoot: .zero).encode(into: &writer)
        writer.writeUInt64(1)
        writer.writeCount(shortIDs)
        writer.writeBytes(random.bytes(6 * shortIDs))
        writer.writeCount(differences.count)
        for difference in differences {
            writer.writeCompactSize(difference)
            writer.writeBytes(try random.transaction().bytes)
        }
        return writer.finish()
    }

    @Test func prefilledIndexesLieWithinTheBlock() throws {
        let good: [(Int, [UInt64], [UInt32])] = [
            (0, [], []), (0, [0], [0]), (3, [3], [3]), (3, [0, 3], [0, 4]), (0, [0, 0, 0], [0, 1, 2]),
            (2, [2, 0, 0], [2, 3, 4]),
        ]
        for (shortIDs, differences, indexes) in good {
            let payload = try compactBlock(shortIDs: shortIDs, differences: differences)
            let message = try CompactBlockMessage(payload)
            #expect(message.prefilled.indexes == indexes)
            #expect(try message.payload() == payload)
            let same = try CompactBlockMessage(
                header: message.header, nonce: message.nonce, shortIDs: message.shortIDs,
                prefilled: Array(message.prefilled))
            #expect(same == message)
        }
        let bad: [(Int, [UInt64])] = [(0, [1]), (3, [4]), (3, [0, 4]), (2, [2, 1]), (0, [0, 0, 1])]
        for (shortIDs, differences) in bad {
            let payload = try compactBlock(shortIDs: shortIDs, differences: differences)
            let error = #expect(throws: DecodeError.self) { try CompactBlockMessage(payload) }
            #expect(error?.reason == .malformed("an index within the block"))
        }
        for difference: UInt64 in [1 << 32, .max] {
            let payload = try compactBlock(shortIDs: 1, differences: [0, difference])
            let error = #expect(throws: DecodeError.self) { try CompactBlockMessage(payload) }
            #expect(error?.reason == .malformed("an index of 32 bits"))
        }
    }

    @Test func messagesAreNotMadeOfWrongIndexes() throws {
        var random = SeededGenerator(state: 35)
        let header = random.header(merkleRoot: .zero)
        let transaction = try random.transaction()
        for indexes: [UInt32] in [[1], [0, 0], [1, 0], [0, 3], [.max]] {
            let prefilled = indexes.map { PrefilledTransaction(index: $0, transaction: transaction) }
            #expect(throws: EncodeError.inconsistent("prefilled index")) {
                try CompactBlockMessage(header: header, nonce: 0, shortIDs: [], prefilled: prefilled)
            }
        }
    }

    @Test func limitsFollowTheBlockSize() {
        #expect(WireLimits().maxCompactBlockTransactionCount == 553_846)
        #expect(WireLimits(network: .chipnet).maxCompactBlockTransactionCount == 34_615)
        #expect(WireLimits(maxBlockSize: .max).maxCompactBlockTransactionCount == 33_554_432)
        #expect(WireLimits(maxBlockSize: 0).maxCompactBlockTransactionCount == 0)
        #expect(WireLimits(maxBlockSize: -5).maxCompactBlockTransactionCount == 0)
    }

    @Test func countsAtTheirLimitAndOneOver() throws {
        let limits = WireLimits(maxBlockSize: 580)
        #expect(limits.maxCompactBlockTransactionCount == 10)
        func refused(_ body: () throws -> Void) {
            let error = #expect(throws: DecodeError.self) { try body() }
            guard case .limitExceeded = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        for (shortIDs, prefilled) in [(10, 0), (9, 1), (0, 10)] {
            let differences = [UInt64](repeating: 0, count: prefilled)
            let fits = try CompactBlockMessage(
                compactBlock(shortIDs: shortIDs, differences: differences), limits: limits)
            #expect(fits.transactionCount == 10)
            let over = try compactBlock(shortIDs: shortIDs, differences: differences + [0])
            refused { _ = try CompactBlockMessage(over, limits: limits) }
            let message = try CompactBlockMessage(over)
            #expect(throws: EncodeError.limitExceeded(field: "transaction count", value: 11, limit: 10)) {
                try message.payload(limits: limits)
            }
        }
        refused { _ = try CompactBlockMessage(compactBlock(shortIDs: 11, differences: []), limits: limits) }
        let request = GetBlockTransactionsMessage(blockHash: .zero, indexes: (0..<11).map { $0 })
        refused { _ = try GetBlockTransactionsMessage(request.payload(), limits: limits) }
        #expect(throws: EncodeError.self) { try request.payload(limits: limits) }
        var random = SeededGenerator(state: 36)
        let answer = BlockTransactionsMessage(
            blockHash: .zero, transactions: TransactionList(try random.transactions(11)))
        refused { _ = try BlockTransactionsMessage(answer.payload(), limits: limits) }
        #expect(throws: EncodeError.self) { try answer.payload(limits: limits) }
    }

    @Test func countsBeyondTheBytesAreRefusedAtOnce() {
        let header = [UInt8](repeating: 0, count: 88)
        let cases: [() throws -> Void] = [
            { _ = try CompactBlockMessage(header + hex("fd0040")) },
            { _ = try CompactBlockMessage(header + hex("00fd0040")) },
            { _ = try GetBlockTransactionsMessage(Self.block + hex("fd0040")) },
            { _ = try BlockTransactionsMessage(Self.block + hex("fd0040")) },
        ]
        for body in cases {
            let error = #expect(throws: DecodeError.self) { try body() }
            guard case .truncated = error?.reason else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }
}
