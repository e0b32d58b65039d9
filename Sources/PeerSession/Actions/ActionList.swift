public import PeerWire

/// The actions of an event, in order: fixed room inside the value, no heap but for lists of inventory.
///
/// The host keeps one, hands it to ``PeerSession/handle(_:at:into:)``, carries the actions out and empties it again.
public struct ActionList: Sendable {
    /// The most actions a list holds. One event makes far fewer, so a list that fills up was not emptied: a programming
    /// error, which traps.
    public static let capacity = 16

    private var storage = InlineArray<16, SessionAction>(repeating: .deliver)
    /// The number of actions.
    public private(set) var count = 0
    /// The items of ``SessionAction/sendInventory(first:count:)``, of all such actions in the list. Its memory is kept
    /// when the list is emptied, so that batches cost no allocation.
    public internal(set) var inventory: [InventoryVector] = []

    /// An empty list.
    public init() {}

    /// True when there is nothing to do.
    public var isEmpty: Bool { count == 0 }

    /// The action at `index`, which must be in `0 ..< count`.
    public subscript(index: Int) -> SessionAction {
        precondition(index < count, "no action at this index")
        return storage[index]
    }

    /// Calls `body` with each action in order.
    public func forEach<Failure: Error>(_ body: (SessionAction) throws(Failure) -> Void) throws(Failure) {
        for index in 0..<count {
            try body(storage[index])
        }
    }

    /// The items of one ``SessionAction/sendInventory(first:count:)`` of this list.
    public func items(first: Int32, count: Int32) -> ArraySlice<InventoryVector> {
        inventory[Int(first)..<Int(first + count)]
    }

    /// Empties the list.
    public mutating func removeAll() {
        count = 0
        if !inventory.isEmpty { inventory.removeAll(keepingCapacity: true) }
    }

    mutating func append(_ action: SessionAction) {
        precondition(count < Self.capacity, "the action list is full: it was not emptied between events")
        storage[count] = action
        count += 1
    }
}
