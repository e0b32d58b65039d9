public import PeerWire

/// The actions of an event, in order.
///
/// The host keeps one, hands it to ``PeerSession/handle(_:at:into:)``, carries the actions out and empties it again: its
/// memory is taken once and kept.
public struct ActionList: Sendable {
    /// The most actions a list holds. One event makes far fewer, so a list that fills up was not emptied: a programming
    /// error, which traps.
    public static let capacity = 16

    // Not an inline array: reading one element of it copies them all, which took a fifth of the time of a ping.
    private var storage: [SessionAction] = []
    /// The items of ``SessionAction/sendInventory(first:count:)``, of all such actions in the list. Its memory is kept
    /// when the list is emptied, so that batches cost no allocation.
    public internal(set) var inventory: [InventoryVector] = []

    /// An empty list.
    public init() {}

    /// The number of actions.
    public var count: Int { storage.count }

    /// True when there is nothing to do.
    public var isEmpty: Bool { storage.isEmpty }

    /// The action at `index`, which must be in `0 ..< count`.
    public subscript(index: Int) -> SessionAction { storage[index] }

    /// Calls `body` with each action in order.
    public func forEach<Failure: Error>(_ body: (SessionAction) throws(Failure) -> Void) throws(Failure) {
        for action in storage { try body(action) }
    }

    /// The items of one ``SessionAction/sendInventory(first:count:)`` of this list.
    public func items(first: Int32, count: Int32) -> ArraySlice<InventoryVector> {
        inventory[Int(first)..<Int(first + count)]
    }

    /// Empties the list.
    public mutating func removeAll() {
        storage.removeAll(keepingCapacity: true)
        if !inventory.isEmpty { inventory.removeAll(keepingCapacity: true) }
    }

    mutating func append(_ action: SessionAction) {
        precondition(storage.count < Self.capacity, "the action list is full: it was not emptied between events")
        if storage.capacity == 0 { storage.reserveCapacity(Self.capacity) }
        storage.append(action)
    }
}
