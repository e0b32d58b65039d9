import PeerWire
import Testing

@testable import PeerSession

@Suite struct InventoryAnnouncerTests {
    @Test func nothingIsDueWhileNothingWaits() {
        var rig = AnnouncerRig()
        #expect(rig.announcer.deadline == nil)
        rig.announce([])
        #expect(rig.announcer.deadline == nil)
        #expect(rig.take().isEmpty)
        rig.announce(InventoryVector.samples(0..<3))
        _ = rig.takeNext()
        #expect(rig.announcer.deadline == nil)
        rig.announce(InventoryVector.samples(0..<3))
        #expect(rig.announcer.deadline == nil, "what the peer knows does not wait")
    }

    @Test func itemsWaitFromWhenTheFirstCame() {
        var rig = AnnouncerRig()
        let due = rig.now + AnnouncerRig.interval
        rig.announce([.sample(1)])
        #expect(rig.announcer.deadline == due)
        rig.now = due - .nanoseconds(1)
        rig.announce([.sample(2)])
        #expect(rig.announcer.deadline == due)
        #expect(rig.take().isEmpty)
        rig.now = due
        #expect(rig.take() == [.sample(1), .sample(2)])
        rig.announce([.sample(3)])
        #expect(rig.announcer.deadline == due + AnnouncerRig.interval)
    }

    @Test func peersGivenTheSameHaveTheSameBatches() {
        let table = InventoryTable(seed: 1)
        var rigs = (0..<5).map { _ in AnnouncerRig(table: table) }
        for rig in rigs { rig.announce(InventoryVector.samples(0..<300)) }
        #expect(table.count == 300)
        let deadlines = Set(rigs.map(\.announcer.deadline))
        #expect(deadlines.count == 1)
        let batches = rigs.indices.map { rigs[$0].takeNext() }
        for batch in batches { #expect(batch == InventoryVector.samples(0..<300)) }
    }

    @Test func withoutAnIntervalAllIsDueAtOnce() {
        var rig = AnnouncerRig { $0.trickleInterval = .zero }
        rig.announce([.sample(1)])
        #expect(rig.announcer.deadline == rig.now)
        #expect(rig.take() == [.sample(1)])
        #expect(rig.announcer.deadline == nil)
    }

    @Test(arguments: [InventoryKind.block, .compactBlock, .filteredBlock])
    func blocksAreDueAtOnce(kind: InventoryKind) {
        var rig = AnnouncerRig()
        rig.announce([.sample(1), .sample(9, kind), .sample(2)])
        #expect(rig.announcer.deadline == rig.now)
        #expect(rig.take() == [.sample(9, .block)])
        #expect(rig.announcer.deadline == rig.now + AnnouncerRig.interval)
        #expect(rig.takeNext() == [.sample(1), .sample(2)])
    }

    @Test func blocksGoFirstAndInOrder() {
        var rig = AnnouncerRig { $0.order = .shuffled }
        rig.announce(InventoryVector.samples(0..<50))
        rig.now = rig.now + AnnouncerRig.interval
        rig.announce(InventoryVector.samples(0..<20, .block))
        let batch = rig.take()
        #expect(Array(batch.prefix(20)) == InventoryVector.samples(0..<20, .block))
        #expect(Set(batch.dropFirst(20)) == Set(InventoryVector.samples(0..<50)))
        #expect(batch.count == 70)
    }

    @Test func toAPeerThatDoesNotReadOnlyBlocksGo() {
        var rig = AnnouncerRig()
        rig.isHeldBack = true
        rig.announce([.sample(1), .sample(2, .block)])
        #expect(rig.take() == [.sample(2, .block)])
        for _ in 0..<3 { #expect(rig.takeNext().isEmpty) }
        rig.announce([.sample(3)])
        #expect(rig.announcer.waitingCount == 2)
        rig.isHeldBack = false
        #expect(rig.take() == [.sample(1), .sample(3)], "both are overdue since the first was")
    }

    @Test func whatThePeerKnowsIsNotQueued() {
        var rig = AnnouncerRig()
        rig.remember([.sample(1), .sample(2, .block)])
        rig.announce([.sample(1), .sample(2, .compactBlock), .sample(3)])
        #expect(rig.announcer.waitingCount == 1)
        #expect(rig.takeNext() == [.sample(3)])
    }

    @Test func whatThePeerLearnsWhileItWaitsIsNotSent() {
        var rig = AnnouncerRig()
        rig.announce(InventoryVector.samples(0..<10))
        rig.remember([.sample(0), .sample(4), .sample(9)])
        #expect(rig.announcer.waitingCount == 7)
        #expect(rig.takeNext() == [1, 2, 3, 5, 6, 7, 8].map { .sample($0) })
        rig.announce([.sample(20)])
        rig.remember([.sample(20)])
        #expect(rig.announcer.deadline == nil, "nothing waits any more")
        rig.isHeldBack = true
        rig.announce([.sample(1, .block), .sample(2, .block)])
        rig.remember([.sample(1, .block)])
        #expect(rig.take() == [.sample(2, .block)])
    }

    @Test(arguments: [0, 3, 2_000])
    func nothingIsTwiceInABatch(maxKnownItems: Int) {
        var rig = AnnouncerRig { $0.maxKnownItems = maxKnownItems }
        for _ in 0..<5 {
            rig.announce(InventoryVector.samples(0..<100) + [.sample(7), .sample(7)])
        }
        #expect(rig.announcer.waitingCount == 100)
        #expect(rig.takeNext() == InventoryVector.samples(0..<100))
        #expect(rig.announcer.knownCount == min(maxKnownItems, 100))
        #expect(rig.table.count == min(maxKnownItems, 100))
    }

    @Test func aBlockAnnouncedInEachWayGoesOnce() {
        var rig = AnnouncerRig()
        rig.announce([.sample(1, .block), .sample(1, .compactBlock), .sample(1, .filteredBlock)])
        #expect(rig.take() == [.sample(1, .block)])
    }

    @Test func whatWasSentIsKnown() {
        var rig = AnnouncerRig()
        rig.announce([.sample(1), .sample(2, .block)])
        #expect(!rig.announcer.knows(.sample(1)))
        _ = rig.takeNext()
        #expect(rig.announcer.knows(.sample(1)))
        #expect(rig.announcer.knows(.sample(2, .compactBlock)))
        #expect(!rig.announcer.knows(.sample(1, .block)))
        #expect(rig.announcer.known == [.sample(2, .block), .sample(1)])
    }

    @Test func whatIsForgottenIsAnnouncedAgain() {
        var rig = AnnouncerRig()
        rig.remember([.sample(1), .sample(2)])
        #expect(rig.announcer.forget(.sample(1)))
        #expect(!rig.announcer.forget(.sample(1)))
        #expect(!rig.announcer.forget(.sample(5)))
        #expect(rig.announcer.known == [.sample(2)])
        #expect(rig.table.count == 1)
        rig.announce([.sample(1), .sample(2)])
        #expect(rig.takeNext() == [.sample(1)])
    }

    @Test func announcingAndRememberingAreUses() {
        let rig = AnnouncerRig { $0.maxKnownItems = 4 }
        rig.remember(InventoryVector.samples(0..<4))
        rig.remember([.sample(0)])
        rig.announce([.sample(1)])
        #expect(rig.announcer.knows(.sample(2)))
        rig.remember([.sample(8), .sample(9)])
        #expect(rig.announcer.known == [0, 1, 8, 9].map { .sample($0) })
    }

    @Test func transactionsGoOnlyToThoseThatWantThem() {
        var rig = AnnouncerRig()
        rig.wantsTransactions = false
        let rare = InventoryVector.sample(4, InventoryKind(rawValue: 99))
        rig.announce([.sample(1), .sample(2, .doubleSpendProof), .sample(3, .block), rare])
        #expect(rig.announcer.waitingCount == 2)
        #expect(rig.takeNext() == [.sample(3, .block), rare])
    }

    /// As when items were queued before the peer's version came.
    @Test func transactionsThatTurnOutUnwantedAreNotSent() {
        var rig = AnnouncerRig()
        let rare = InventoryVector.sample(4, InventoryKind(rawValue: 99))
        rig.announce([.sample(1), .sample(2, .doubleSpendProof), rare])
        rig.wantsTransactions = false
        #expect(rig.takeNext() == [rare])
        #expect(rig.announcer.deadline == nil)
        #expect(rig.announcer.known == [rare])
        #expect(rig.table.count == 1)
    }

    @Test func itsEndGivesEverythingBack() {
        let table = InventoryTable(seed: 1)
        do {
            var rig = AnnouncerRig(table: table)
            rig.announce(InventoryVector.samples(0..<500))
            _ = rig.takeNext()
            rig.announce(InventoryVector.samples(500..<900) + InventoryVector.samples(0..<9, .block))
            rig.remember(InventoryVector.samples(890..<950))
            let other = AnnouncerRig(table: table)
            other.remember([.sample(3), .sample(2_000)])
            #expect(table.count == 960)
            withExtendedLifetime((rig, other)) {}
        }
        #expect(table.count == 0)
        #expect(table.byteCount == 0)
    }
}
