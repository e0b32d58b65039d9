public import DequeModule

/// A queue with a handler: items are handled one at a time and in order, on whichever worker is free.
///
/// Any thread may append. The owner of a lane learns from ``append(_:byteCount:)`` when it has to be scheduled, so that
/// a loop can schedule a whole tick's lanes at once. A handler that blocks or throws holds up or ends its own lane and
/// no other.
///
/// With ``LaneLimits`` a lane is bounded. Whoever feeds it hears once that it has become full, from
/// ``append(_:byteCount:)``, and then once that half of each limit is free again, through `whenHalfEmpty`. An empty
/// lane takes an item of any size. Where a connection feeds the lane, that is when to pause its reading and when to
/// resume it:
///
/// ```swift
/// let lane = Lane<[UInt8]>(limits: LaneLimits(itemCount: 64, byteCount: 4 << 20, overflow: .admit)) { chunk in
///     store(chunk)
/// } whenHalfEmpty: { lane in
///     handle.run { loop in
///         // By now it may be full again, and will tell once more.
///         if !lane.isFull { loop.connection(id)?.resumeReading() }
///     }
/// }
/// ```
public final class Lane<Item: Sendable>: WorkerPool.Work {
    @usableFromInline
    struct Entry {
        @usableFromInline var item: Item
        @usableFromInline var byteCount: Int

        @inlinable
        init(item: Item, byteCount: Int) {
            self.item = item
            self.byteCount = byteCount
        }
    }

    /// Items handled in one turn, before other lanes have theirs.
    @inlinable public static var itemsPerTurn: Int { 64 }

    @usableFromInline let state: Lock<LaneState<Entry>>
    @usableFromInline let handle: @Sendable (Item) throws -> Int?
    @usableFromInline let whenLetGo: (@Sendable (Int) -> Void)?
    @usableFromInline let owner: LaneOwner<Item>?
    /// ``takeTurn()``, made where the item's type is known: a call by the pool would run the generic code.
    @usableFromInline let turn: @Sendable (Lane<Item>) -> Bool

    /// A lane whose items are given to `handle`.
    ///
    /// - Parameters:
    ///   - limits: what may wait.
    ///   - handle: is given each item, on a worker. It may block.
    ///   - whenHalfEmpty: is called once after the lane was full, when half of each limit is free: on the worker, or
    ///     by ``remove(where:)``.
    ///   - whenDiscarded: is given items that will not be handled, because the lane has ended; see
    ///     ``WorkerPool/shutDown(within:)``. Any thread. ``discardedCount`` counts them.
    @inlinable
    public init(
        limits: LaneLimits = .unlimited, handle: @escaping @Sendable (Item) -> Void,
        whenHalfEmpty: (@Sendable (Lane<Item>) -> Void)? = nil,
        whenDiscarded: (@Sendable ([Item]) -> Void)? = nil
    ) {
        state = Lock(LaneState(limits))
        self.handle = {
            handle($0)
            return nil
        }
        whenLetGo = nil
        owner =
            whenHalfEmpty == nil && whenDiscarded == nil
            ? nil : LaneOwner(whenHalfEmpty: whenHalfEmpty, whenFailed: nil, whenDiscarded: whenDiscarded)
        turn = { $0.takeTurn() }
    }

    /// A lane whose items are given to a handler that may throw. An error that it throws ends the lane: `whenFailed`
    /// is told, once and on the worker, then the items that wait are discarded, and later ones are refused. Nothing is
    /// told of room any more: `whenFailed` should stop whoever feeds the lane.
    ///
    /// The other parameters are those of a lane whose handler does not throw.
    @inlinable
    public init(
        limits: LaneLimits = .unlimited, handle: @escaping @Sendable (Item) throws -> Void,
        whenFailed: @escaping @Sendable (any Error) -> Void, whenHalfEmpty: (@Sendable (Lane<Item>) -> Void)? = nil,
        whenDiscarded: (@Sendable ([Item]) -> Void)? = nil
    ) {
        state = Lock(LaneState(limits))
        self.handle = {
            try handle($0)
            return nil
        }
        whenLetGo = nil
        owner = LaneOwner(whenHalfEmpty: whenHalfEmpty, whenFailed: whenFailed, whenDiscarded: whenDiscarded)
        turn = { $0.takeTurn() }
    }

    /// A lane whose items are given to `handle`. When the lane has let go of the item, and so of its memory,
    /// `whenLetGo` is given what `handle` returned, unless that was `nil`.
    @inlinable
    public init(handle: @escaping @Sendable (Item) -> Int?, whenLetGo: @escaping @Sendable (Int) -> Void) {
        state = Lock(LaneState(.unlimited))
        self.handle = handle
        self.whenLetGo = whenLetGo
        owner = nil
        turn = { $0.takeTurn() }
    }

    // MARK: - Appending

    /// Adds an item. True when the lane was idle: the caller must then schedule it with
    /// `schedule(_:)` of its ``WorkerPool``.
    ///
    /// For lanes without limits. An item that is refused all the same counts as discarded.
    @inlinable
    public func append(_ item: Item) -> Bool {
        switch append(item, byteCount: 0) {
        case .admitted(let mustSchedule, _): return mustSchedule
        case .full, .ended:
            discard([item])
            return false
        }
    }

    /// Adds an item that counts as so many bytes, if there is room. Never waits; any thread.
    @inlinable
    public func append(_ item: Item, byteCount: Int) -> LaneAdmission {
        state.withLock { state in
            let admission = state.admit(byteCount)
            if case .admitted = admission { state.entries.append(Entry(item: item, byteCount: byteCount)) }
            return admission
        }
    }

    /// Whether the lane has become full and is not half empty since.
    public var isFull: Bool { state.withLock { $0.isFull } }

    /// Items that wait.
    public var waitingCount: Int { state.withLock { $0.entries.count } }

    /// Items that were discarded so far: they waited when a handler's error or the end of the pool ended the lane, or
    /// were refused by ``append(_:)``.
    public var discardedCount: Int { state.withLock { $0.discardedCount } }

    /// Takes out the waiting items that `isUnwanted` names, and returns them. Those that are left keep their order.
    public func remove(where isUnwanted: (Item) -> Bool) -> [Item] {
        var removed: [Item] = []
        let isHalfEmpty = state.withLock { state in
            var bytes = 0
            state.entries.removeAll { entry in
                guard isUnwanted(entry.item) else { return false }
                removed.append(entry.item)
                bytes += entry.byteCount
                return true
            }
            return state.release(itemCount: removed.count, byteCount: bytes)
        }
        if isHalfEmpty { owner?.whenHalfEmpty?(self) }
        return removed
    }

    // MARK: - Handling

    /// Handles one turn's items. Called by the pool.
    public func runOnWorker() -> Bool { turn(self) }

    @usableFromInline
    enum Step {
        case over
        case handled(Int?, byteCount: Int)
        case failed(any Error)
    }

    @inlinable
    func takeTurn() -> Bool {
        var handled: Int?
        for _ in 0..<Self.itemsPerTurn {
            switch handleNext(after: handled) {
            case .over: return false
            case .handled(let result, let byteCount):
                handled = byteCount
                if let result { whenLetGo?(result) }
            case .failed(let error):
                end(error)
                return false
            }
        }
        let isHalfEmpty = state.withLock { $0.release(handled: handled) }
        if isHalfEmpty { owner?.whenHalfEmpty?(self) }
        return true
    }

    /// Counts the last item as handled and handles one more. Out of line, so that nothing holds the item when it
    /// returns.
    @inline(never) @inlinable
    func handleNext(after handled: Int?) -> Step {
        let (next, isHalfEmpty) = state.withLock { state in
            let isHalfEmpty = state.release(handled: handled)
            return (state.next(), isHalfEmpty)
        }
        if isHalfEmpty { owner?.whenHalfEmpty?(self) }
        guard let next else { return .over }
        do {
            return .handled(try handle(next.item), byteCount: next.byteCount)
        } catch {
            return .failed(error)
        }
    }

    // MARK: - Ending

    @usableFromInline
    func end(_ error: any Error) {
        let left = state.withLock { $0.end() }
        owner?.whenFailed?(error)
        discard(left.map(\.item))
    }

    /// Ends the lane: what waits is discarded, and what comes later is refused. Called by the pool when it has ended.
    public func abandon(isRunning: Bool) -> Int {
        let left = state.withLock { $0.end() }
        discard(left.map(\.item))
        return left.count
    }

    @usableFromInline
    func discard(_ items: [Item]) {
        if items.isEmpty { return }
        state.withLock { $0.discardedCount += items.count }
        owner?.whenDiscarded?(items)
    }
}
