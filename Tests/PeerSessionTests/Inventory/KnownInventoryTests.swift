import Testing

@testable import PeerSession

/// The least-recently-used set, and the ordered set below it, against arrays that do the same slowly.
@Suite struct KnownInventoryTests {
    private let hash = InventoryHash(key0: 3, key1: 4)

    @Test(arguments: [1, 2, 7, 30, 200, 2_000], 0..<5)
    func forgetsExactlyTheLeastRecentlyUsed(maxCount: Int, seed: Int) {
        var random = SplitMix64(seed: UInt64(seed) << 32 | UInt64(maxCount))
        var known = KnownInventory(maxCount: maxCount)
        var model: [ItemID] = []
        // Few ids more than fit, so that all of them come, go and come back.
        let ids = maxCount * 3 / 2 + 2
        var differences = 0
        for step in 0..<(4_000 + maxCount * 4) {
            let id = ItemID(random.next(below: ids))
            switch random.next(below: 10) {
            case 0:
                let isKnown = model.remove(id)
                if known.remove(id, hash) != isKnown { differences += 1 }
            case 1, 2:
                if known.contains(id, hash) != model.contains(id) { differences += 1 }
            default:
                let isKnown = model.remove(id)
                if known.use(id, hash) != isKnown { differences += 1 }
                if !isKnown {
                    let oldest = model.count == maxCount ? model.removeFirst() : nil
                    if known.insert(id, hash) != oldest { differences += 1 }
                }
                model.append(id)
            }
            if known.count != model.count || step % 97 == 0 && known.all != model { differences += 1 }
        }
        #expect(differences == 0)
        #expect(known.all == model)
    }

    @Test(arguments: [(1_999, nil), (2_000, nil), (2_001, ItemID(0))] as [(Int, ItemID?)])
    func holdsExactlyTheMost(count: Int, evicted: ItemID?) {
        var known = KnownInventory(maxCount: 2_000)
        var last: ItemID?
        for id in 0..<ItemID(count) { last = known.insert(id, hash) }
        #expect(last == evicted)
        #expect(known.count == min(count, 2_000))
        #expect(known.contains(0, hash) == (count <= 2_000))
        #expect(known.contains(ItemID(count - 1), hash))
    }

    @Test func aUseRefreshesAndAQuestionDoesNot() {
        var known = KnownInventory(maxCount: 3)
        for id in 0..<ItemID(3) { #expect(known.insert(id, hash) == nil) }
        #expect(known.contains(0, hash))
        #expect(known.use(1, hash) == true)
        #expect(known.all == [0, 2, 1])
        #expect(known.insert(3, hash) == 0)
        #expect(known.insert(4, hash) == 2)
        #expect(known.all == [1, 3, 4])
    }

    @Test func ofNothingRemembersNothing() {
        var known = KnownInventory(maxCount: 0)
        #expect(known.insert(7, hash) == 7)
        #expect(!known.contains(7, hash))
        #expect(known.count == 0)
        #expect(known.byteCount == 0)
    }

    @Test func theLargestKeepsItsOrderWhenAllIsUsedAtRandom() {
        var random = SplitMix64(seed: 9)
        var known = KnownInventory(maxCount: 60_000)
        var lastUse = [Int](repeating: 0, count: 60_000)
        for id in 0..<60_000 {
            _ = known.insert(ItemID(id), hash)
            lastUse[id] = id
        }
        for time in 60_000..<200_000 {
            let id = random.next(below: 60_000)
            if known.use(ItemID(id), hash) { lastUse[id] = time }
        }
        let expected = (0..<60_000).sorted { lastUse[$0] < lastUse[$1] }.map { ItemID($0) }
        #expect(known.all == expected)
        #expect(known.insert(60_000, hash) == expected[0])
    }

    /// Over 65,535 places, so that a slot takes 32 bits.
    @Test func aQueueOfMoreThan16BitsOfPlacesIsInOrder() {
        var queue = OrderedIDs(maxCount: 200_000)
        for id in 0..<ItemID(200_000) { queue.append(id, hash) }
        let odd = stride(from: ItemID(1), to: 200_000, by: 2)
        #expect(odd.count { queue.remove($0, hash) } == 100_000)
        #expect(!queue.contains(1, hash))
        #expect(queue.contains(199_998, hash))
        #expect(queue.appendMissing(199_998, hash) == false)
        #expect(queue.appendMissing(199_999, hash) == true)
        let even = stride(from: ItemID(0), to: 200_000, by: 2)
        #expect(even.count { queue.popFirst() == $0 } == 100_000)
        #expect(queue.popFirst() == 199_999)
        #expect(queue.popFirst() == nil)
    }

    @Test(arguments: 0..<20)
    func aQueueIsInOrderWhateverIsTakenFromIt(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var queue = OrderedIDs(maxCount: 700)
        var model: [ItemID] = []
        for _ in 0..<5_000 {
            let id = ItemID(random.next(below: 700))
            switch random.next(below: 100) {
            case 0:
                queue.removeAll(keepingCapacityUpTo: 256)
                model = []
            case 1..<35:
                let oldest = model.isEmpty ? nil : model.removeFirst()
                #expect(queue.popFirst() == oldest)
            case 35..<45:
                let isThere = model.remove(id)
                #expect(queue.remove(id, hash) == isThere)
            case 45..<70:
                let isNew = !model.contains(id)
                #expect(queue.appendMissing(id, hash) == isNew)
                if isNew { model.append(id) }
            default:
                #expect(queue.contains(id, hash) == model.contains(id))
                if !model.contains(id) {
                    queue.append(id, hash)
                    model.append(id)
                }
            }
            #expect(queue.count == model.count)
        }
        var all: [ItemID] = []
        queue.forEach { all.append($0) }
        #expect(all == model)
    }
}

extension KnownInventory {
    fileprivate var all: [ItemID] {
        var all: [ItemID] = []
        forEach { all.append($0) }
        return all
    }
}

extension [ItemID] {
    /// Removes an id. False when it was not there.
    fileprivate mutating func remove(_ id: ItemID) -> Bool {
        guard let index = firstIndex(of: id) else { return false }
        remove(at: index)
        return true
    }
}
