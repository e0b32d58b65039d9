import PeerWire
import Testing

@Suite struct BlockLocatorTests {
    private static func hash(_ height: Int) -> Hash256 {
        Hash256(word0: UInt64(height), word1: 7, word2: 0, word3: 0)
    }

    @Test func denseThenDoublingThenGenesis() {
        #expect(BlockLocator.heights(tipHeight: 0) == [0])
        #expect(BlockLocator.heights(tipHeight: 1) == [1, 0])
        #expect(BlockLocator.heights(tipHeight: 9) == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
        #expect(BlockLocator.heights(tipHeight: 10) == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
        #expect(BlockLocator.heights(tipHeight: 11) == [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 0])
        #expect(
            BlockLocator.heights(tipHeight: 100) == [
                100, 99, 98, 97, 96, 95, 94, 93, 92, 91, 89, 85, 77, 61, 29, 0,
            ])
        #expect(BlockLocator.heights(tipHeight: -1) == [])
        #expect(BlockLocator.heights(tipHeight: .min) == [])
    }

    @Test func neverTooMany() {
        for shift in 0..<63 {
            for tip in [1 << shift - 1, 1 << shift, 1 << shift + 1] {
                let heights = BlockLocator.heights(tipHeight: tip)
                #expect(heights.count <= BlockLocator.maximumCount)
                #expect(heights.first == tip)
                #expect(heights.last == 0)
                #expect(zip(heights, heights.dropFirst()).allSatisfy { $0 > $1 })
            }
        }
        #expect(BlockLocator.heights(tipHeight: .max).count == 72)
        #expect(BlockLocator.heights(tipHeight: 1_000_000).count == 29)
    }

    @Test func hashesOfAChain() throws {
        let hashes = BlockLocator.hashes(tipHeight: 50, hashAt: Self.hash)
        #expect(hashes == BlockLocator.heights(tipHeight: 50).map(Self.hash))
        #expect(BlockLocator.hashes(tipHeight: -5, hashAt: Self.hash) == [])
        struct Missing: Error, Equatable { let height: Int }
        #expect(throws: Missing(height: 48)) {
            try BlockLocator.hashes(tipHeight: 50) { height throws(Missing) in
                if height == 48 { throw Missing(height: height) }
                return Self.hash(height)
            }
        }
    }

    @Test func theFirstCommonBlock() {
        let fork = 30
        func heightOf(_ hash: Hash256) -> Int? {
            let height = Int(hash.word0)
            return hash == Self.hash(height) && height <= fork ? height : nil
        }
        let heights = BlockLocator.heights(tipHeight: 100)
        let locator = BlockLocator.hashes(tipHeight: 100, hashAt: Self.hash)
        #expect(BlockLocator.firstCommonHeight(locator, heightOf: heightOf) == heights.first { $0 <= fork })
        #expect(BlockLocator.firstCommonHeight([.zero], heightOf: heightOf) == nil)
        #expect(BlockLocator.firstCommonHeight([], heightOf: heightOf) == nil)
        #expect(BlockLocator.firstCommonHeight([.zero, Self.hash(3), Self.hash(9)], heightOf: heightOf) == 3)
    }
}
