public import DequeModule

/// The callbacks of one peer: items are handled one at a time and in order, on whichever worker is free.
///
/// Any thread may append. The owner of a lane learns from ``append(_:)`` when it has to be scheduled, so that a loop
/// can schedule a whole tick's lanes at once.
public final class Lane<Item: Sendable>: WorkerPool.Work {
    @usableFromInline
    struct State {
        @usableFromInline var items = Deque<Item>()
        @usableFromInline var isScheduled = false
    }

    /// Items handled in one turn, before other lanes have theirs.
    public static var itemsPerTurn: Int { 64 }

    @usableFromInline let state = Lock(State())
    @usableFromInline let handle: @Sendable (Item) -> Int?
    @usableFromInline let whenLetGo: (@Sendable (Int) -> Void)?

    /// A lane whose items are given to `handle`.
    @inlinable
    public init(handle: @escaping @Sendable (Item) -> Void) {
        self.handle = {
            handle($0)
            return nil
        }
        whenLetGo = nil
    }

    /// A lane whose items are given to `handle`. When the lane has let go of the item, and so of its memory,
    /// `whenLetGo` is given what `handle` returned, unless that was `nil`.
    @inlinable
    public init(handle: @escaping @Sendable (Item) -> Int?, whenLetGo: @escaping @Sendable (Int) -> Void) {
        self.handle = handle
        self.whenLetGo = whenLetGo
    }

    /// Adds an item. True when the lane was idle: the caller must then schedule it with
    /// ``WorkerPool/schedule(_:)->_``.
    @inlinable
    public func append(_ item: Item) -> Bool {
        state.withLock { state in
            state.items.append(item)
            if state.isScheduled { return false }
            state.isScheduled = true
            return true
        }
    }

    /// Items that wait.
    public var waitingCount: Int { state.withLock { $0.items.count } }

    /// Takes out the waiting items that `isUnwanted` names, and returns them. Those that are left keep their order.
    public func remove(where isUnwanted: (Item) -> Bool) -> [Item] {
        state.withLock { state in
            let removed = state.items.filter(isUnwanted)
            state.items.removeAll(where: isUnwanted)
            return Array(removed)
        }
    }

    /// Handles one turn's items. Called by the pool.
    @inlinable
    public func runOnWorker() -> Bool {
        for _ in 0..<Self.itemsPerTurn {
            switch handleNext() {
            case .nothing: return false
            case .handled(nil): break
            case .handled(let result?): whenLetGo?(result)
            }
        }
        return true
    }

    @usableFromInline
    enum Turn {
        case nothing
        case handled(Int?)
    }

    /// Out of line, so that nothing holds the item when it returns.
    @inline(never) @usableFromInline
    func handleNext() -> Turn {
        let next = state.withLock { state -> Item? in
            if let item = state.items.popFirst() { return item }
            state.isScheduled = false
            return nil
        }
        guard let next else { return .nothing }
        return .handled(handle(next))
    }
}

extension WorkerPool {
    /// Runs `body`, which may block, on a worker and returns what it returned or throws what it threw. Once the workers
    /// have ended it runs where it is called.
    public func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            let lane = Lane<Void> { _ in
                continuation.resume(returning: Result { () throws(Failure) in try body() })
            }
            if lane.append(()), !schedule(lane) { _ = lane.runOnWorker() }
        }
        return try result.get()
    }
}
