/// Threads that run callbacks, so that nothing a user writes can hold a loop.
///
/// Work comes as lanes: each lane's items run one at a time and in order, different lanes in parallel. A loop hands
/// over a whole tick's lanes under one lock.
public final class WorkerPool: Sendable {
    /// Something with work to do. Each is scheduled at most once at a time.
    public protocol Work: AnyObject, Sendable {
        /// Does a bounded piece of the work. True when there is more, to be done after others had their turn.
        func runOnWorker() -> Bool
    }

    private struct State {
        var ready: [any Work] = []
        var head = 0
        var idleWorkers = 0
        var liveWorkers = 0
        var isStopping = false
    }

    private let monitor = Monitor(State())
    private let ended = Latch()

    /// Starts `workers` threads. Throws ``SystemError`` when the system has none to give.
    public init(workers: Int, name: String = "peerworker") throws(SystemError) {
        let count = max(1, workers)
        monitor.withLock { $0.liveWorkers = count }
        for index in 0..<count {
            do throws(SystemError) {
                try SystemThread.start(name: "\(name)-\(index)") { [self] in work() }
            } catch {
                // The threads that did start end by themselves.
                let isLast = monitor.withLock { state in
                    state.isStopping = true
                    state.liveWorkers -= count - index
                    return state.liveWorkers == 0
                }
                monitor.broadcast()
                if isLast { ended.open() }
                throw error
            }
        }
    }

    /// Schedules work that is ready, leaving `batch` empty with its memory. Never waits for a worker.
    public func schedule(_ batch: inout [any Work]) {
        if batch.isEmpty { return }
        let wakes = monitor.withLock { state in
            state.ready.append(contentsOf: batch)
            return min(state.idleWorkers, batch.count)
        }
        batch.removeAll(keepingCapacity: true)
        if wakes > 1 {
            monitor.broadcast()
        } else if wakes == 1 {
            monitor.signal()
        }
    }

    /// Schedules one piece of work. False when the last worker has ended: it was not taken.
    @discardableResult
    public func schedule(_ work: any Work) -> Bool {
        let wakes: Bool? = monitor.withLock { state in
            if state.liveWorkers == 0 { return nil }
            state.ready.append(work)
            return state.idleWorkers > 0
        }
        guard let wakes else { return false }
        if wakes { monitor.signal() }
        return true
    }

    /// Lets the workers finish what is scheduled and end. Returns at once.
    public func stop() {
        monitor.withLock { $0.isStopping = true }
        monitor.broadcast()
    }

    /// Waits for the workers to end after ``stop()``, at most `limit`, and no longer when the task is cancelled. False
    /// when one is still busy then; it ends when its work returns.
    public func waitUntilStopped(within limit: Duration) async -> Bool {
        await ended.whenOpen(within: limit)
    }

    private func work() {
        while let next = takeNext() {
            if next.runOnWorker() { schedule(next) }
        }
        if monitor.withLock({ $0.liveWorkers == 0 }) { ended.open() }
    }

    /// The next piece of work, `nil` for a worker that is to end: it is no longer counted from then on, so that nothing
    /// is scheduled for workers that have all looked for the last time.
    private func takeNext() -> (any Work)? {
        var isCountedIdle = false
        return monitor.wait { state -> (any Work)?? in
            if isCountedIdle {
                state.idleWorkers -= 1
                isCountedIdle = false
            }
            if state.head < state.ready.count {
                let next = state.ready[state.head]
                state.head += 1
                if state.head == state.ready.count {
                    state.ready.removeAll(keepingCapacity: true)
                    state.head = 0
                } else if state.head >= 1024, state.head * 2 >= state.ready.count {
                    state.ready.removeFirst(state.head)
                    state.head = 0
                }
                return .some(next)
            }
            if state.isStopping {
                state.liveWorkers -= 1
                return .some(nil)
            }
            state.idleWorkers += 1
            isCountedIdle = true
            return nil
        }
    }
}
