import Testing

@testable import PeerWire

/// Blocks reduced to what matches a bloom filter.
@Suite struct FilteredBlockTests {
    private static let ids = [
        "e980fe9f792d014e73b95203dc1335c5f9ce19ac537a419e6df5b47aecb93b70",
        "28204cad1d7fc1d199e8ef4fa22f182de6258a3eaafe1bbe56ebdcacd3069a5f",
        "6b0f8a73a56c04b519f1883e8aafda643ba61a30bd1439969df21bea5f4e27e2",
        "3c1d7e82342158e4109df2e0b6348b6e84e403d8b4046d7007663ace63cddb23",
    ]
    private static let key = hex(
        """
        044a656f065871a353f216ca26cef8dde2f03e8c16202d2e8ad769f02032cb86
        a5eb5e56842e92e19141d60a01928f8dd2c875a390f67c1f6c94cfc617c0ea45af
        """)

    private static func matches(_ flags: BloomUpdateFlags, _ elements: [UInt8]...) throws -> [Int] {
        let block = try Block(bytes: FilterVectors.fourTransactions)
        #expect(block.merkleRoot() == block.header.merkleRoot)
        #expect(block.transactions.map { $0.hash().description } == ids)
        var filter = BloomFilter(elementCount: 10, falsePositiveRate: 0.000_001, tweak: 0, flags: flags)
        for element in elements { filter.insert(element) }
        let filtered = block.filtered(by: &filter)
        #expect(filtered.message.header == block.header && filtered.message.transactionCount == 4)
        #expect(try filtered.message.matches() == filtered.matches)
        #expect(filtered.matches.allSatisfy { ids[$0.index] == $0.hash.description })
        try PayloadCodec().checkExact(filtered.message)
        return filtered.matches.map(\.index)
    }

    @Test func aRealBlockMatchesAsPublished() throws {
        let first = try #require(Hash256(Self.ids[0])).bytes
        for flags in [BloomUpdateFlags.updateAll, .updateNone, .updatePublicKeysOnly] {
            #expect(try Self.matches(flags, first) == [0])
        }
        // The third transaction spends an output to the key, without naming it.
        #expect(try Self.matches(.updateAll, first, Self.key) == [0, 1, 2, 3])
        #expect(try Self.matches(.updatePublicKeysOnly, first, Self.key) == [0, 1, 2, 3])
        #expect(try Self.matches(.updateNone, first, Self.key) == [0, 1, 3])
        #expect(try Self.matches(.updateAll) == [])
    }

    @Test func aBlockOfOneTransactionGivesThePublishedMessage() throws {
        let block = try Block(bytes: FilterVectors.oneTransaction)
        var filter = BloomFilter(elementCount: 10, falsePositiveRate: 0.000_001, tweak: 0, flags: .updateAll)
        filter.insert(block.transactions[0].hash())
        let filtered = block.filtered(by: &filter)
        try PayloadCodec().checkExact(filtered.message, FilterVectors.oneTransactionMessage)
        #expect(filtered.matches == [.init(index: 0, hash: block.transactions[0].hash())])
    }

    @Test func aSpendingTransactionMayStandBeforeTheSpentOne() throws {
        let block = try Block(bytes: FilterVectors.fourTransactions)
        let transactions = Array(block.transactions)
        let turned = try Block(
            header: block.header, transactions: [transactions[0], transactions[2], transactions[1]])
        var filter = BloomFilter(elementCount: 10, falsePositiveRate: 0.000_001, tweak: 0, flags: .updateAll)
        filter.insert(Self.key)
        #expect(turned.filtered(by: &filter).matches.map(\.index) == [1, 2])
    }

    @Test func aFilterWithoutBitsTakesTheWholeBlock() throws {
        let block = try Block(bytes: FilterVectors.fourTransactions)
        let message = FilterLoadMessage(filter: [], hashFunctionCount: 0, tweak: 0, flags: .updateAll)
        var filter = try #require(BloomFilter(message))
        let filtered = block.filtered(by: &filter)
        #expect(filtered.matches.count == 4 && filtered.message.hashes.count == 4)
        #expect(filtered.message.flags == [0x7f])
    }

    @Test func aBlockWithoutTransactionsProvesNothing() throws {
        let block = try Block(header: FilterMessageTests.header, transactions: [])
        var filter = BloomFilter(elementCount: 1, falsePositiveRate: 0.1, tweak: 0)
        let filtered = block.filtered(by: &filter)
        #expect(filtered.matches.isEmpty && filtered.message.hashes.isEmpty && filtered.message.flags.isEmpty)
        #expect(throws: PartialMerkleTreeError.noTransactions) { try filtered.message.matches() }
    }
}
