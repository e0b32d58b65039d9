import TestSupport
import Testing

@testable import PeerWire

/// Compact block messages made with an independent implementation, which does not look where in a block an index is.
@Suite(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.unavailable)))
struct CompactVectorTests {
    private static func good(_ command: String) -> [GoldenVector] {
        GoldenVector.golden.filter { $0.kind != "bad" && $0.command == command }
    }

    @Test func differencesThatAddUpToTooMuchHaveNoIndexes() throws {
        var impossible: [String] = []
        for vector in Self.good("getblocktxn") {
            let message = try GetBlockTransactionsMessage(vector.payload ?? [])
            guard let indexes = message.indexes else {
                impossible.append(vector.name)
                continue
            }
            var same = try GetBlockTransactionsMessage(blockHash: message.blockHash, indexes: indexes)
            same.trailingBytes = message.trailingBytes
            #expect(same == message)
        }
        #expect(impossible == ["getblocktxn-252", "getblocktxn-253", "getblocktxn-2000"])
    }

    @Test func prefilledTransactionsOutsideTheBlockMakeNoBlock() throws {
        var impossible: Set<String> = []
        for vector in Self.good("cmpctblock") {
            let message = try CompactBlockMessage(vector.payload ?? [])
            #expect((message.prefilled.indexes == nil) == (message.prefilled.entries == nil))
            if message.prefilled.indexes == nil {
                impossible.insert(vector.name)
                #expect(throws: CompactBlockFailure.indexOutsideBlock) { try CompactBlockReconstruction(message) }
            } else if message.transactionCount > 0 {
                #expect(try CompactBlockReconstruction(message).missingCount == message.shortIDs.count)
            }
        }
        #expect(
            impossible == [
                "cmpctblock-0x1", "cmpctblock-3x2", "cmpctblock-pv70014", "cmpctblock-pv70015", "cmpctblock-pv70017",
                "cmpctblock-trailing", "cmpctblock-252x1", "cmpctblock-253x1",
            ])
    }

    /// 2^32 + 7, of which some take the lower half.
    @Test func anIndexBeyond32BitsIsNotCut() throws {
        let quirk = try #require(GoldenVector.quirks.first { $0.name == "getblocktxn-index-truncated" })
        let payload = try #require(quirk.payload)
        let message = try GetBlockTransactionsMessage(payload)
        #expect(message.differences == [1 << 32 | 7] && message.indexes == nil)
        #expect(try message.payload() == payload)
    }
}
