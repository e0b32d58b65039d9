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
        for number in stride(from: 0, to: known, by: 200) {
            for index in rigs.indices {
                let start = (isShared ? 0 : index * 1_000_000) + number
                rigs[index].announce(InventoryVector.samples(start..<start + 200))
                precondition(rigs[index].takeNext().count == 200)
                // Uses leave holes, for which there has to be space.
                rigs[index].remember(InventoryVector.samples(start..<start + 50))
            }
        }
        return (table, rigs)
    }

    private func byteCount(_ peers: (table: InventoryTable, rigs: [AnnouncerRig])) -> Int {
        let own = peers.rigs.reduce(0) { $0 + $1.announcer.byteCount + Self.objectByteCount }
        return (peers.table.byteCount + own) / peers.rigs.count
    }

    /// Among these are numbers of peers at which the table has just grown.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 9, 12, 20])
    func aPeerWithItemsThatNobodyElseKnows(count: Int) {
        let peers = peers(count, known: 2_000, isShared: false)
        #expect(peers.table.count == count * 2_000)
        #expect(byteCount(peers) <= 110_000)
    }

    /// While batches come and go there are 200 items more than are known in the end, and place is left for them. A lone
    /// peer has that for itself.
    @Test(arguments: [(1, 118_000), (2, 112_000), (3, 110_000), (5, 110_000), (12, 110_000)])
    func aPeerThatHasHeardOfMore(count: Int, most: Int) {
        let peers = peers(count, known: 3_000, isShared: false)
        #expect(peers.table.count == count * 2_000)
        #expect(byteCount(peers) <= most)
    }

    @Test func aPeerWithItemsThatAllKnow() {
        let peers = peers(50, known: 2_400, isShared: true)
        #expect(peers.table.count == 2_000)
        #expect(byteCount(peers) <= 22_000)
    }

    @Test func aPeerThatKnowsNothing() {
        // Nothing but the object.
        #expect(AnnouncerRig().announcer.byteCount == 0)
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

    @Test func whatThePeerLearnedWhileItWaitedGivesItsMemoryBack() {
        let rig = AnnouncerRig()
        rig.announce(InventoryVector.samples(0..<10_000))
        rig.remember(InventoryVector.samples(0..<10_000))
        #expect(rig.announcer.waitingCount == 0)
        #expect(rig.announcer.byteCount < 20_000)
    }

    @Test func blocksThatWaitedGiveTheirMemoryBack() {
        var rig = AnnouncerRig { $0.maxKnownItems = 0 }
        rig.announce(InventoryVector.samples(0..<1_000, .block))
        #expect(rig.announcer.byteCount > 4_000)
        #expect(rig.take().count == 1_000)
        #expect(rig.announcer.byteCount == 0)
        #expect(rig.table.byteCount == 0)
    }
}
