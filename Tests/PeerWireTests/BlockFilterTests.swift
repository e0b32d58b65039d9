import TestSupport
import Testing

@testable import PeerWire

/// Committed filters of blocks, with the elements that Bitcoin Cash nodes put in.
@Suite struct BlockFilterTests {
    /// The elements taken one by one through the public views.
    private static func elements(_ block: Block) -> Set<[UInt8]> {
        var elements: Set<[UInt8]> = []
        for transaction in block.transactions {
            for input in transaction.inputs where !input.isCoinbase {
                var writer = ByteWriter(capacity: Outpoint.byteCount)
                writer.writeHash(input.outpoint.transaction)
                writer.writeUInt32(input.outpoint.index)
                elements.insert(writer.finish())
            }
            for output in transaction.outputs {
                let script = output.script.array
                let locking = Array(script[LockingScript.start(in: script.span.bytes)...])
                if !locking.isEmpty { elements.insert(locking) }
            }
        }
        return elements
    }

    private static func check(_ block: Block) throws {
        let elements = elements(block)
        let set = GolombCodedSet(block: block)
        #expect(set.blockHash == block.hash() && set.count == elements.count)
        #expect(
            set
                == GolombCodedSet(
                    elements: elements.sorted { $0.lexicographicallyPrecedes($1) }, blockHash: block.hash()))
        #expect(try GolombCodedSet(bytes: set.bytes, blockHash: block.hash()) == set)
        #expect(elements.prefix(50).allSatisfy { set.contains($0) })
    }

    @Test func aRealBlockHasItsOutpointsAndScripts() throws {
        let block = try Block(bytes: FilterVectors.fourTransactions)
        try Self.check(block)
        let set = GolombCodedSet(block: block)
        // Six outpoints, and three keys that are paid to.
        #expect(set.count == 9)
        let spent = try #require(block.transactions[2].inputs.last).outpoint
        #expect(set.contains(spent))
        #expect(set.containsAny([[UInt8]](), outpoints: [spent]))
        #expect(set.containsAny([[1], [2]], outpoints: [Outpoint(transaction: .zero, index: 0), spent]))
        #expect(!set.contains(.coinbase) && !set.containsAny([[1], [2]], outpoints: [.coinbase]))
        #expect(set.contains(try #require(block.transactions[0].outputs.first).script.array))
    }

    @Test func theGenesisBlockHasOneScript() throws {
        let vector = FilterVectors.basicFilters[0]
        let script = hex(vector.scripts[0])
        let coinbase = try Transaction(
            inputs: [TransactionInput(outpoint: .coinbase, script: [1])],
            outputs: [TransactionOutput(value: 50, script: WireBytes(script))])
        var builder = GolombCodedSet.Builder(blockHash: try #require(Hash256(vector.block)))
        builder.insert(coinbase)
        #expect(builder.finish().bytes.hexadecimal == vector.filter)
    }

    @Test func tokensAreLeftOutAndUnspendableScriptsAreNot() throws {
        let prefix = [0xef] + [UInt8](repeating: 3, count: 32) + hex("7202cafefde803")
        let locking = hex("76a914000102030405060708090a0b0c0d0e0f1011121388ac")
        let broken = [0xef] + locking
        let data = hex("6a04aabbccdd")
        let scripts = [prefix + locking, locking, [], prefix, broken, data]
        let transaction = try Transaction(
            inputs: [TransactionInput(outpoint: Outpoint(transaction: .zero, index: 0), script: [])],
            outputs: scripts.map { TransactionOutput(value: 0, script: WireBytes($0)) })
        let block = try Block(header: FilterMessageTests.header, transactions: [transaction])
        try Self.check(block)
        let set = GolombCodedSet(block: block)
        // One outpoint, the locking script once, the field that only looks like a token, the data.
        #expect(set.count == 4)
        #expect(set.contains(locking) && set.contains(broken) && set.contains(data))
        #expect(!set.contains(prefix + locking) && !set.contains([]))
    }

    @Test func elementsOfAllKindsGoIn() throws {
        let outpoint = Outpoint(transaction: Self.hash, index: 7)
        var builder = GolombCodedSet.Builder(blockHash: .zero)
        builder.insert([1, 2])
        builder.insert(WireBytes([3, 4]))
        builder.insert([UInt8]([5]).span.bytes)
        builder.insert(outpoint)
        builder.insert([UInt8]())
        let set = builder.finish()
        #expect(set.count == 5 && set.contains([1, 2]) && set.contains([3, 4]) && set.contains([5]))
        #expect(set.contains(outpoint) && set.contains([]))
        #expect(set.contains(Self.hash.bytes + [7, 0, 0, 0]))
    }

    private static let hash = Hash256(word0: 1, word1: 2, word2: 3, word3: 4)

    @Test(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.unavailable)))
    func aLargeRealBlockIsCoded() throws {
        let block = try Block(bytes: SharedData.bytes(of: "block-413567.bin"))
        try Self.check(block)
        let set = GolombCodedSet(block: block)
        // About 21 bits for each element.
        #expect(8 * set.bytes.count < 22 * set.count && 8 * set.bytes.count > 20 * set.count)
        var filter = BloomFilter(elementCount: 10, falsePositiveRate: 0.000_01, tweak: 1, flags: .updateAll)
        filter.insert(block.transactions[700].hash())
        let filtered = block.filtered(by: &filter)
        #expect(filtered.matches.contains { $0.index == 700 })
        #expect(try filtered.message.matches() == filtered.matches)
    }
}
