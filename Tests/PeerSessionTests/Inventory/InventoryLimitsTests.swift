import PeerWire
import Testing

@testable import PeerSession

@Suite struct InventoryLimitsTests {
    @Test(arguments: [(4_999, [4_999]), (5_000, [5_000]), (5_001, [5_000, 1]), (12_000, [5_000, 5_000, 2_000])])
    func aMessageHoldsExactlyTheMost(count: Int, batches: [Int]) {
        var rig = AnnouncerRig()
        rig.announce(InventoryVector.samples(0..<count))
        var sent: [InventoryVector] = []
        for (index, expected) in batches.enumerated() {
            let batch = rig.takeNext()
            #expect(batch.count == expected)
            sent += batch
            let isLast = index == batches.count - 1
            #expect(rig.announcer.deadline == (isLast ? nil : rig.now + AnnouncerRig.interval))
        }
        #expect(sent == InventoryVector.samples(0..<count))
    }

    @Test func withoutAnIntervalTheRestIsDueAtOnce() {
        var rig = AnnouncerRig {
            $0.trickleInterval = .zero
            $0.maxItemsPerMessage = 10
        }
        rig.announce(InventoryVector.samples(0..<25))
        #expect(rig.take().count == 10)
        #expect(rig.announcer.deadline == rig.now)
        #expect(rig.take().count == 10)
        #expect(rig.take() == InventoryVector.samples(20..<25))
        #expect(rig.announcer.deadline == nil)
    }

    @Test func blocksThatDoNotFitAreDueAtOnce() {
        var rig = AnnouncerRig { $0.maxItemsPerMessage = 10 }
        rig.announce(InventoryVector.samples(0..<15, .block) + [.sample(1)])
        #expect(rig.take() == InventoryVector.samples(0..<10, .block))
        #expect(rig.announcer.deadline == rig.now)
        #expect(rig.takeNext() == InventoryVector.samples(10..<15, .block) + [.sample(1)])
    }

    @Test(arguments: [(49_999, 0), (50_000, 0), (50_001, 1)])
    func asManyWaitAsMayWait(count: Int, dropped: UInt64) {
        let rig = AnnouncerRig()
        rig.announce(InventoryVector.samples(0..<count))
        #expect(rig.announcer.waitingCount == min(count, 50_000))
        #expect(rig.announcer.droppedCount == dropped)
        #expect(rig.table.count == min(count, 50_000))
    }

    @Test func theOldestThatIsNoBlockIsDropped() {
        var rig = AnnouncerRig { $0.maxWaitingItems = 5 }
        rig.isHeldBack = true
        rig.announce([.sample(0, .block), .sample(1), .sample(2), .sample(3), .sample(4)])
        #expect(rig.announcer.droppedCount == 0)
        rig.announce([.sample(4), .sample(5), .sample(6, .block), .sample(5)])
        #expect(rig.announcer.droppedCount == 2)
        #expect(rig.announcer.waitingCount == 5)
        rig.isHeldBack = false
        #expect(rig.takeNext() == [.sample(0, .block), .sample(6, .block), .sample(3), .sample(4), .sample(5)])
        #expect(rig.table.count == 5, "what was dropped is not kept")
    }

    @Test func whatWasDroppedCanBeAnnouncedAgain() {
        var rig = AnnouncerRig { $0.maxWaitingItems = 2 }
        rig.announce([.sample(1), .sample(2), .sample(3)])
        rig.announce([.sample(1)])
        #expect(rig.announcer.droppedCount == 2)
        #expect(rig.takeNext() == [.sample(3), .sample(1)])
    }

    @Test func aBlockIsDroppedOnlyForABlock() {
        var rig = AnnouncerRig { $0.maxWaitingItems = 3 }
        rig.announce(InventoryVector.samples(0..<4, .block))
        #expect(rig.announcer.droppedCount == 1)
        rig.announce([.sample(1), .sample(2)])
        #expect(rig.announcer.droppedCount == 3)
        #expect(rig.announcer.waitingCount == 3)
        #expect(rig.take() == InventoryVector.samples(1..<4, .block))
        #expect(rig.announcer.deadline == nil)
        #expect(rig.table.count == 3)
    }

    @Test(arguments: [1_999, 2_000, 2_001])
    func asMuchIsKnownAsMayBe(count: Int) {
        var rig = AnnouncerRig()
        rig.announce(InventoryVector.samples(0..<count))
        #expect(rig.takeNext().count == count)
        #expect(rig.announcer.known == InventoryVector.samples(max(0, count - 2_000)..<count))
        #expect(rig.table.count == min(count, 2_000))
    }

    // MARK: - Order

    private func order(seed: UInt64) -> [Int] {
        var rig = AnnouncerRig { $0.order = .shuffled }
        rig.random = SplitMix64(seed: seed)
        rig.announce(InventoryVector.samples(0..<200))
        return rig.takeNext().map { Int($0.hash.word3) }
    }

    @Test func aShuffledBatchHasTheSameItems() {
        let shuffled = order(seed: 1)
        #expect(shuffled != Array(0..<200))
        #expect(shuffled.sorted() == Array(0..<200))
        #expect(order(seed: 1) == shuffled)
        #expect(order(seed: 2) != shuffled)
    }

    @Test func everyOrderIsAsLikely() {
        var random = SplitMix64(seed: 5)
        var counts = [Int](repeating: 0, count: 64)
        for _ in 0..<24_000 {
            var items = [9, 0, 1, 2, 3]
            items.shuffle(from: 1, &random)
            #expect(items[0] == 9)
            // Which of the 24 orders it is.
            let smaller = (1..<4).map { place in items[(place + 1)...].count { $0 < items[place] } }
            counts[smaller[0] * 6 + smaller[1] * 2 + smaller[2]] += 1
        }
        // 1,000 each, with a standard deviation of 31.
        for count in counts[..<24] { #expect((840...1_160).contains(count)) }
        #expect(counts[24...].allSatisfy { $0 == 0 })
    }

    @Test func aNumberBelowABoundIsAnyOfThem() {
        var random = SplitMix64(seed: 6)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<7_000 { counts[random.next(below: 7)] += 1 }
        for count in counts { #expect((840...1_160).contains(count)) }
        // Just below two fifths of 2^64: were no draw refused, of the lower half of the numbers odd ones would come
        // three times for every two even ones.
        let bound = 7_378_697_629_483_820_646
        let low = (0..<6_000).map { _ in random.next(below: bound) }.filter { $0 < bound / 2 }
        #expect((2_800...3_200).contains(low.count))
        #expect((1_350...1_650).contains(low.count { $0 % 2 == 1 }))
        #expect(random.next(below: 1) == 0)
    }
}
