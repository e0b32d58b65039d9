/// The actions of an event, in order: fixed room inside the value, no heap.
///
/// The host keeps one, hands it to ``PeerSession/handle(_:at:into:)``, carries the actions out and empties it again.
public struct ActionList: Sendable, BitwiseCopyable {
    /// The most actions a list holds. One event makes three at most, so a list that fills up was not emptied: a
    /// programming error, which traps.
    public static let capacity = 8

    private var storage = InlineArray<8, SessionAction>(repeating: .deliver)
    /// The number of actions.
    public private(set) var count = 0

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

    /// Empties the list.
    public mutating func removeAll() {
        count = 0
    }

    mutating func append(_ action: SessionAction) {
        precondition(count < Self.capacity, "the action list is full: it was not emptied between events")
        storage[count] = action
        count += 1
    }
}
