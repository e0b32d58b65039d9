public import DequeModule

/// What a lane's lock protects.
@usableFromInline
struct LaneState<Entry> {
    @usableFromInline var entries = Deque<Entry>()
    /// Items that wait, and the one that is being handled.
    @usableFromInline var itemCount = 0
    /// Bytes of those.
    @usableFromInline var byteCount = 0
    @usableFromInline let limits: LaneLimits
    @usableFromInline var discardedCount = 0
    @usableFromInline var isScheduled = false
    /// The owner was told, and has not heard yet that there is room again.
    @usableFromInline var isFull = false
    @usableFromInline var hasEnded = false

    @inlinable
    init(_ limits: LaneLimits) {
        self.limits = limits
    }

    /// Makes room for an item of so many bytes, which the caller then adds if it is admitted.
    @inlinable
    mutating func admit(_ added: Int) -> LaneAdmission {
        precondition(added >= 0, "an item has a negative size")
        if hasEnded { return .ended }
        let bytes = byteCount + added
        let isBeyond = itemCount > 0 && (itemCount >= limits.itemCount || bytes > limits.byteCount)
        if isBeyond, limits.overflow == .refuse {
            isFull = true
            return .full
        }
        itemCount += 1
        byteCount = bytes
        let mustSchedule = !isScheduled
        isScheduled = true
        let mustPause = !isFull && (itemCount >= limits.itemCount || bytes >= limits.byteCount)
        if mustPause { isFull = true }
        return .admitted(mustSchedule: mustSchedule, mustPause: mustPause)
    }

    /// Items are gone. True when the owner has to be told that there is room again.
    @inlinable
    mutating func release(itemCount released: Int, byteCount releasedBytes: Int) -> Bool {
        itemCount -= released
        byteCount -= releasedBytes
        guard isFull, itemCount <= limits.itemCount / 2, byteCount <= limits.byteCount / 2 else { return false }
        isFull = false
        return true
    }

    /// As above for the item of so many bytes that was being handled, if there was one.
    @inlinable
    mutating func release(handled: Int?) -> Bool {
        guard let handled else { return false }
        return release(itemCount: 1, byteCount: handled)
    }

    /// The next item to handle. `nil` when there is none: the lane is idle.
    @inlinable
    mutating func next() -> Entry? {
        if let entry = entries.popFirst() { return entry }
        isScheduled = false
        return nil
    }

    /// Nothing is handled any more; answers what was to be.
    @usableFromInline
    mutating func end() -> Deque<Entry> {
        hasEnded = true
        isFull = false
        defer { entries = [] }
        return entries
    }
}

/// What the owner of a lane hears of. Most lanes have none.
@usableFromInline
final class LaneOwner<Item: Sendable>: Sendable {
    @usableFromInline let whenHalfEmpty: (@Sendable (Lane<Item>) -> Void)?
    @usableFromInline let whenFailed: (@Sendable (any Error) -> Void)?
    @usableFromInline let whenDiscarded: (@Sendable ([Item]) -> Void)?

    @usableFromInline
    init(
        whenHalfEmpty: (@Sendable (Lane<Item>) -> Void)?, whenFailed: (@Sendable (any Error) -> Void)?,
        whenDiscarded: (@Sendable ([Item]) -> Void)?
    ) {
        self.whenHalfEmpty = whenHalfEmpty
        self.whenFailed = whenFailed
        self.whenDiscarded = whenDiscarded
    }
}
