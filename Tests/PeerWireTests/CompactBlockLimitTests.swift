import Testing

@testable import PeerWire

/// Indexes and counts at their limits.
@Suite struct CompactBlockLimitTests {
    private static let block = [UInt8](repeating: 1, count: 32)

    private func request(_ text: String) throws(DecodeError) -> GetBlockTransactionsMessage {
        try GetBlockTransactionsMessage(Self.block + hex(text))
    }

    @Test func indexesOf32Bits() throws {
        #expect(try request("00").indexes == [])
        #expect(try request("01feffffffff").indexes == [.max])
        #expect(try request("0200fefeffffff").indexes == [0, .max])
        let block = Network.mainnet.genesisBlock
        for text in [
            "01ff0700000001000000", "01ffffffffffffffffff", "02feffffffff00", "0200feffffffff",
            "0200ffffffffffffffffff", "0305ffffffffffffffffff00",
        ] {
            let message = try request(text)
            #expect(message.indexes == nil, "\(text)")
            #expect(try message.payload() == Self.block + hex(text))
            var answered = message
            answered.blockHash = block.hash()
            #expect(BlockTransactionsMessage(answering: answered, from: block) == nil)
        }
        #expect(try request("01ff0700000001000000").differences == [1 << 32 | 7])
    }

    @Test func aLongerFormOfADifferenceIsRefused() {
        for text in ["01fd0100", "01fe01000000", "01ff0100000000000000", "fd010000"] {
            let error = #expect(throws: DecodeError.self) { try request(text) }
            #expect(error?.reason == .nonCanonical)
        }
    }

    @Test func requestsThatDoNotGrowAreNotMade() throws {
        for indexes: [UInt32] in [[1, 1], [2, 1], [0, 5, 5], [.max, .max], [.max, 0]] {
            #expect(throws: EncodeError.inconsistent("index")) {
                try GetBlockTransactionsMessage(blockHash: .zero, indexes: indexes)
            }
        }
        let indexes: [UInt32] = [0, 1, 5, .max]
        let message = try GetBlockTransactionsMessage(blockHash: .zero, indexes: indexes)
        #expect(message.differences == [0, 0, 3, UInt64(UInt32.max) - 6] && message.indexes == indexes)
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
                prefilled: try #require(message.prefilled.entries))
            #expect(same == message)
        }
        let bad: [(Int, [UInt64])] = [(0, [1]), (3, [4]), (3, [0, 4]), (2, [2, 1]), (0, [0, 0, 1])]
        for (shortIDs, differences) in bad {
            try checkNoBlock(of: compactBlock(shortIDs: shortIDs, differences: differences), differences)
        }
        for difference: UInt64 in [1 << 32, .max] {
            try checkNoBlock(of: compactBlock(shortIDs: 1, differences: [0, difference]), [0, difference])
        }
    }

    /// What has an index outside the block is read and comes back exactly, and no block is put together of it.
    private func checkNoBlock(of payload: [UInt8], _ differences: [UInt64]) throws {
        let message = try CompactBlockMessage(payload)
        #expect(message.prefilled.differences == differences && message.prefilled.count == differences.count)
        #expect(message.prefilled.indexes == nil && message.prefilled.entries == nil)
        #expect(try message.payload() == payload)
        #expect(throws: CompactBlockFailure.indexOutsideBlock) { try CompactBlockReconstruction(message) }
        #expect(!CompactBlockFailure.indexOutsideBlock.canHappenByChance)
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
        let request = try GetBlockTransactionsMessage(blockHash: .zero, indexes: 0..<11)
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
