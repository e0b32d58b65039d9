import PeerWire
import Testing

@testable import PeerKit

@Suite struct SharedInventoryTests {
    private static func items(_ numbers: Range<UInt64>) -> [InventoryVector] {
        numbers.map { .transaction(Hash256(word0: $0, word1: 0, word2: 0, word3: 0)) }
    }

    private static func place(_ bytes: [UInt8]?) -> UnsafePointer<UInt8>? {
        bytes?.withUnsafeBufferPointer(\.baseAddress)
    }

    /// The same bytes, not equal ones.
    @Test func peersWithEqualBatchesShareOneEncodedInv() throws {
        let batch = Self.items(0..<200)
        let frame = try Message.inventory(batch).frame(magic: Network.regtest.magic)
        var shared = SharedInventory()
        #expect(shared.frame(of: batch[...]) == nil)
        shared.keep(frame, of: batch)
        #expect(Self.place(shared.frame(of: batch[...])) == Self.place(frame))
        #expect(Self.place(shared.frame(of: Self.items(0..<400)[..<200])) == Self.place(frame))
    }

    @Test func otherBatchesDoNotShareIt() throws {
        let batch = Self.items(0..<200)
        var shared = SharedInventory()
        shared.keep([1], of: batch)
        #expect(shared.frame(of: batch[1...]) == nil)
        #expect(shared.frame(of: batch.reversed()[...]) == nil)
        #expect(shared.frame(of: Self.items(0..<201)[...]) == nil)
        shared.forget()
        #expect(shared.frame(of: batch[...]) == nil)
    }
}
