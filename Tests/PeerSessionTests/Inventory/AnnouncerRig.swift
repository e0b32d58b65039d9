import PeerWire

@testable import PeerSession

extension InventoryVector {
    /// The item of a number: the same each time, and another for each number and kind.
    static func sample(_ number: Int, _ kind: InventoryKind = .transaction) -> InventoryVector {
        var random = SplitMix64(seed: UInt64(number))
        return InventoryVector(
            kind: kind,
            hash: Hash256(word0: random.next(), word1: random.next(), word2: random.next(), word3: UInt64(number)))
    }

    static func samples(_ numbers: Range<Int>, _ kind: InventoryKind = .transaction) -> [InventoryVector] {
        numbers.map { .sample($0, kind) }
    }
}

extension InventoryTable {
    convenience init(seed: UInt64) { self.init(key0: seed, key1: ~seed) }
}

/// One peer's announcer, with time that moves only when told.
struct AnnouncerRig {
    static let start = Timestamp(ContinuousClock().systemEpoch + .seconds(1_000))
    static let interval = InventoryConfiguration().trickleInterval

    let table: InventoryTable
    let announcer: InventoryAnnouncer
    var now = Self.start
    var random = SplitMix64(seed: 1)
    var wantsTransactions = true
    var isHeldBack = false

    init(
        table: InventoryTable = InventoryTable(seed: 1), _ change: (inout InventoryConfiguration) -> Void = { _ in }
    ) {
        var configuration = InventoryConfiguration()
        change(&configuration)
        self.table = table
        announcer = InventoryAnnouncer(table: table, configuration: configuration)
    }

    func announce(_ items: [InventoryVector]) {
        announcer.announce(items.span, wantsTransactions: wantsTransactions, at: now)
    }

    func remember(_ items: [InventoryVector]) {
        for item in items { announcer.remember(item) }
    }

    /// What is due now.
    mutating func take() -> [InventoryVector] {
        var items: [InventoryVector] = []
        let count = announcer.takeDue(
            at: now, wantsTransactions: wantsTransactions, isHeldBack: isHeldBack, into: &items, random: &random)
        precondition(count == items.count, "the count returned is not that of the items appended")
        return items
    }

    /// What is due after one trickle interval.
    mutating func takeNext() -> [InventoryVector] {
        now = now + Self.interval
        return take()
    }
}
