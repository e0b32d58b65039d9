import PeerWire
import Testing

@testable import PeerSession

/// What a peer's inventory takes, its share of the table included.
@Suite struct InventoryMemoryTests {
    /// A class instance with two words of header, a reference and the queue.
    private static let objectByteCount = 16 + 8 + MemoryLayout<AnnouncementQueue>.stride

    private func peers(_ count: Int, known: Int, isShared: Bool) -> (table: InventoryTable, rigs: [AnnouncerRig]) {
        let table = InventoryTable(seed: 1)
        var rigs = (0..<count).map { _ in AnnouncerRig(table: table) }
        var number = 0
        while number < known {
            for index in rigs.indices {
                // In batches of 200, and a little more than is kept, as when peers have been there for a while.
                let start = (isShared ? 0 : index * 1_000_000) + number
                rigs[index].announce(InventoryVector.samples(start..<start + 200))
                precondition(rigs[index].takeNext().count == 200)
            }
            number += 200
        }
        return (table, rigs)
    }

    private func byteCount(_ peers: (table: InventoryTable, rigs: [AnnouncerRig])) -> Int {
        let own = peers.rigs.reduce(0) { $0 + $1.announcer.byteCount + Self.objectByteCount }
        return (peers.table.byteCount + own) / peers.rigs.count
    }

    /// Numbers of peers at which the table has just grown are among these.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 9, 12, 20, 30], [2_000, 2_400])
    func aPeerWithItemsThatNobodyElseKnows(count: Int, known: Int) {
        let peers = peers(count, known: known, isShared: false)
        #expect(peers.table.count == count * 2_000)
        #expect(byteCount(peers) <= 110_000)
    }

    @Test func aPeerWithItemsThatAllKnow() {
        let peers = peers(100, known: 2_400, isShared: true)
        #expect(peers.table.count == 2_000)
        #expect(byteCount(peers) <= 22_000)
    }

    @Test func aPeerThatKnowsNothing() {
        #expect(byteCount(peers(10, known: 0, isShared: true)) <= 512)
    }

    @Test func memoryGrowsWithUse() {
        let rig = AnnouncerRig()
        rig.remember(InventoryVector.samples(0..<10))
        #expect(rig.announcer.byteCount < 256)
        rig.remember(InventoryVector.samples(0..<100))
        #expect(rig.announcer.byteCount < 1_500)
    }

    @Test func whatWaitedGivesItsMemoryBack() {
        var rig = AnnouncerRig { $0.maxItemsPerMessage = 50_000 }
        rig.announce(InventoryVector.samples(0..<50_000))
        #expect(rig.announcer.byteCount > 50_000 * 4)
        let full = rig.table.byteCount
        #expect(rig.takeNext().count == 50_000)
        #expect(rig.announcer.byteCount < 20_000)
        #expect(rig.table.count == 2_000)
        #expect(rig.table.byteCount < full / 10)
    }

    @Test func blocksThatWaitedGiveTheirMemoryBack() {
        var rig = AnnouncerRig()
        rig.announce(InventoryVector.samples(0..<1_000, .block))
        let waiting = rig.announcer.byteCount
        #expect(rig.take().count == 1_000)
        _ = InventoryVector.samples(0..<1_000, .block).map { rig.announcer.forget($0) }
        let known = KnownInventory(maxCount: 2_000)
        #expect(known.byteCount == 0)
        #expect(rig.announcer.byteCount <= waiting)
    }
}
