import PeerWire

/// Stub.
final class InventoryAnnouncer {
    init(table: InventoryTable, configuration: InventoryConfiguration) {}

    func announce(_ items: Span<InventoryVector>, wantsTransactions: Bool, at now: Timestamp) {}
    var deadline: Timestamp? { nil }
    func takeDue(
        at now: Timestamp, isHeldBack: Bool, into items: inout [InventoryVector], random: inout SplitMix64
    ) -> Int { 0 }
    func remember(_ item: InventoryVector) {}
    func knows(_ item: InventoryVector) -> Bool { false }
    func forget(_ item: InventoryVector) -> Bool { false }
    var known: [InventoryVector] { [] }
    var waitingCount: Int { 0 }
    var droppedCount: UInt64 { 0 }
}
