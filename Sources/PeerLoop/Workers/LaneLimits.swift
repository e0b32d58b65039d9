/// What may wait in a ``Lane``, counted from when an item is appended until its handler has returned.
public struct LaneLimits: Hashable, Sendable {
    /// What a full lane does with one more item.
    public enum Overflow: Hashable, Sendable {
        /// It is refused, and stays with the caller.
        case refuse
        /// It is taken all the same: for what has been received already. The owner was told to stop.
        case admit
    }

    /// Items, at least 1.
    public var itemCount: Int
    /// Bytes, at least 1, as ``Lane/append(_:byteCount:)`` is told them.
    public var byteCount: Int
    /// What happens beyond the limits.
    public var overflow: Overflow

    /// Limits that are unlimited unless given.
    public init(itemCount: Int = .max, byteCount: Int = .max, overflow: Overflow = .refuse) {
        precondition(itemCount > 0 && byteCount > 0, "a lane must have room for an item")
        self.itemCount = itemCount
        self.byteCount = byteCount
        self.overflow = overflow
    }

    /// No limits.
    public static let unlimited = LaneLimits()
}

/// What became of an item that was appended to a ``Lane``.
public enum LaneAdmission: Hashable, Sendable {
    /// It waits for its turn.
    ///
    /// `mustSchedule`: the lane was idle, and the caller must schedule it. `mustPause`: the lane has become full, and
    /// what feeds it should be held up until the lane tells that it is half empty; said once, until then.
    case admitted(mustSchedule: Bool, mustPause: Bool)
    /// The lane is full: the item was not taken. The lane tells when it is half empty.
    case full
    /// The lane has ended: the item was not taken.
    case ended
}
