import PeerWire
import Testing

@testable import PeerSession

@Suite struct InventoryTableTests {
    private static let kinds: [InventoryKind] = [
        .transaction, .block, .doubleSpendProof, InventoryKind(rawValue: 0), InventoryKind(rawValue: 5),
        InventoryKind(rawValue: 0x4000_0001),
    ]

    /// A dictionary of references, and an array of its keys, as the order must not be the dictionary's.
    private struct Model {
        var references: [InventoryVector: Int] = [:]
        var ids: [InventoryVector: ItemID] = [:]
    }

    private func take(_ item: InventoryVector, _ items: inout InventoryItems, _ model: inout Model) {
        if let id = items.find(item) {
            #expect(model.ids[item] == id)
            items.retain(id)
        } else {
            #expect(model.ids[item] == nil)
            model.ids[item] = items.insert(item)
        }
        model.references[item, default: 0] += 1
    }

    private func give(_ item: InventoryVector, _ items: inout InventoryItems, _ model: inout Model) {
        guard let id = model.ids[item], let references = model.references[item] else {
            #expect(items.find(item) == nil)
            return
        }
        #expect(items.referenceCount(id) == references)
        items.release(id)
        model.references[item] = references == 1 ? nil : references - 1
        if references == 1 { model.ids[item] = nil }
    }

    private func expectSame(_ items: InventoryItems, _ model: Model) {
        #expect(items.count == model.ids.count)
        #expect(Set(model.ids.values).count == model.ids.count)
        for (item, id) in model.ids {
            #expect(items.find(item) == id)
            #expect(items[id] == item)
            #expect(items.referenceCount(id) == model.references[item])
        }
    }

    @Test(arguments: 0..<12)
    func countsReferencesAsADictionaryDoes(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var items = InventoryTable(seed: UInt64(seed)).items
        var model = Model()
        let numbers = [20, 700, 3_000][seed % 3]
        // Odd seeds have no rare kinds.
        let kinds = seed % 2 == 0 ? Self.kinds : Array(Self.kinds[..<3])
        for phase in 0..<6 {
            // Growing and shrinking by turns.
            let growth = phase % 2 == 0 ? 7 : 3
            for _ in 0..<3_000 {
                let item = InventoryVector.sample(random.next(below: numbers), kinds[random.next(below: kinds.count)])
                if random.next(below: 10) < growth {
                    take(item, &items, &model)
                } else {
                    give(item, &items, &model)
                }
            }
            expectSame(items, model)
        }
        let all = Array(model.references)
        for (item, count) in all {
            for _ in 0..<count { give(item, &items, &model) }
            #expect(items.find(item) == nil)
        }
        #expect(items.count == 0)
        #expect(items.byteCount == 0)
    }

    @Test func anItemOfAnotherKindIsAnotherItem() {
        var items = InventoryTable(seed: 2).items
        let ids = Self.kinds.map { items.insert(.sample(1, $0)) }
        #expect(Set(ids).count == Self.kinds.count)
        for (kind, id) in zip(Self.kinds, ids) { #expect(items[id] == .sample(1, kind)) }
    }

    @Test func aBlockIsTheSameHoweverItIsSent() {
        for kind in [InventoryKind.block, .filteredBlock, .compactBlock] {
            #expect(InventoryVector.sample(1, kind).normal == .sample(1, .block))
        }
        for kind in Self.kinds where kind != .block {
            #expect(InventoryVector.sample(1, kind).normal == .sample(1, kind))
        }
    }

    @Test func givesMemoryBackWhileOthersStay() {
        var items = InventoryTable(seed: 3).items
        let ids = InventoryVector.samples(0..<100_000).map { items.insert($0) }
        let full = items.byteCount
        for id in ids.dropFirst(1_000) { items.release(id) }
        #expect(items.count == 1_000)
        #expect(items.byteCount < full / 20)
        for number in 0..<1_000 { #expect(items.find(.sample(number)) == ids[number]) }
    }

    @Test func idsAreUsedAgain() {
        var items = InventoryTable(seed: 4).items
        var ids: [ItemID] = []
        var highest: ItemID = 0
        for number in 0..<50_000 {
            let id = items.insert(.sample(number))
            ids.append(id)
            highest = max(highest, id)
            if number >= 2_000 { items.release(ids[number - 2_000]) }
        }
        #expect(items.count == 2_000)
        // 2,001 at most at a time, and a chunk or two that are not full.
        #expect(highest < 2_001 + 2 * ItemID(InventoryChunk.capacity))
    }

    @Test func aRareKindCostsMemoryOnlyWhereItIs() {
        var items = InventoryTable(seed: 5).items
        for number in 0..<2_400 { _ = items.insert(.sample(number)) }
        let plain = items.byteCount
        let rare = items.insert(.sample(1, InventoryKind(rawValue: 77)))
        #expect(items[rare].kind == InventoryKind(rawValue: 77))
        // The kinds of the one chunk that it is in.
        #expect((512...600).contains(items.byteCount - plain))
        #expect(items.find(.sample(1, InventoryKind(rawValue: 78))) == nil)
    }

    /// Without this, somebody who knows the source could choose hashes that all go to one place.
    @Test func whereAnItemLiesDependsOnTheKey() {
        let places = (0..<64).map { seed in
            InventoryHash(key0: UInt64(seed), key1: 1).hash(.sample(1)).place(of: 1_000_000)
        }
        #expect(Set(places).count > 60)
        let ids = (0..<64).map { seed in InventoryHash(key0: 1, key1: UInt64(seed)).hash(ItemID(5)).place(of: 1_000_000)
        }
        #expect(Set(ids).count > 60)
    }

    /// Every word and the kind must matter, and each bit of them.
    @Test func eachBitOfAnItemMovesIt() {
        let key = InventoryHash(key0: 11, key1: 12)
        let item = InventoryVector.sample(3)
        var places: Set<UInt64> = [key.hash(item)]
        for bit in 0..<256 {
            var words: [UInt64] = [item.hash.word0, item.hash.word1, item.hash.word2, item.hash.word3]
            words[bit / 64] ^= 1 << UInt64(bit % 64)
            let hash = Hash256(word0: words[0], word1: words[1], word2: words[2], word3: words[3])
            places.insert(key.hash(.transaction(hash)) >> 32)
        }
        for bit in 0..<UInt32(32) {
            places.insert(key.hash(InventoryVector(kind: InventoryKind(rawValue: 1 ^ 1 << bit), hash: item.hash)) >> 32)
        }
        #expect(places.count == 1 + 256 + 32)
    }

    @Test func hashesAreEvenlySpread() {
        let key = InventoryHash(key0: 21, key1: 22)
        var items = [Int](repeating: 0, count: 64)
        var ids = items
        for number in 0..<64_000 {
            items[key.hash(.sample(number)).place(of: 64)] += 1
            ids[key.hash(ItemID(number)).place(of: 64)] += 1
        }
        // 1,000 each, and seven times the standard deviation of about 31.
        for count in items + ids { #expect((780...1_220).contains(count)) }
    }
}
