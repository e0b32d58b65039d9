internal import DequeModule

/// Threads that run callbacks, so that nothing a user writes can hold a loop.
///
/// Work comes as lanes: each lane's items run one at a time and in order, different lanes in parallel. A loop hands
/// over a whole tick's lanes under one lock.
///
/// Work that blocks does not stop the rest: while work waits and no worker has been free to take any for a while, one
/// more is added, up to a maximum, and ends once it has had nothing to do for a while. A pool without work costs no
/// processor time.
///
/// A pool that is no longer wanted is ended with ``shutDown(within:)``. Until then its threads keep it.
public final class WorkerPool: Sendable {
    /// Something with work to do. Each is scheduled at most once at a time.
    public protocol Work: AnyObject, Sendable {
        /// Does a bounded piece of the work. True when there is more, to be done after others had their turn.
        func runOnWorker() -> Bool

        /// The pool will not run this any more: its time to drain is over, or it had ended before. Answers how many
        /// items are lost by that. Any thread; where work is running, or asks for more, perhaps more than once.
        ///
        /// - Parameter isRunning: ``runOnWorker()`` was called and has not returned yet.
        @discardableResult
        func abandon(isRunning: Bool) -> Int
    }

    let monitor = Monitor(State())
    /// Where added workers wait, which are woken only when no other is idle.
    let extrasWait = Condition()
    /// Where the thread that adds workers waits.
    let watcherWait = Condition()
    let ended = Latch()
    let overflow: OverflowThreads
    let name: String
    let maximum: Int
    let growthDelay: Duration
    let retirement: Duration
    let niceness: Int32

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - workers: threads that stay, at least 1.
    ///   - maximum: threads at most; `nil` or less than `workers` for no more than those.
    ///   - growthDelay: how long all must have been busy with work waiting before one is added.
    ///   - retirement: how long an added one stays without work.
    ///   - niceness: by how much the threads give way to others, 0 to 19: above 0 for long computations, which would
    ///     otherwise keep a loop from its processor.
    ///   - name: what the threads' names begin with, as `top -H` shows them.
    ///
    /// Throws ``SystemError`` when the system has no thread to give.
    public init(
        workers: Int, maximum: Int? = nil, growthDelay: Duration = .milliseconds(10),
        retirement: Duration = .seconds(5), niceness: Int32 = 0, name: String = "peerworker"
    ) throws(SystemError) {
        let count = max(1, workers)
        self.name = name
        self.maximum = max(count, maximum ?? count)
        self.growthDelay = growthDelay
        self.retirement = retirement
        self.niceness = niceness
        overflow = OverflowThreads(name: name, maximum: self.maximum, niceness: niceness)
        let grows = self.maximum > count
        let total = grows ? count + 1 : count
        monitor.withLock {
            $0.liveWorkers = count
            $0.liveThreads = total
        }
        for index in 0..<total {
            do throws(SystemError) {
                if index < count {
                    try SystemThread.start(name: "\(name)-\(index)", niceness: niceness) { [self] in
                        work(isExtra: false)
                    }
                } else {
                    try SystemThread.start(name: "\(name)-w") { [self] in watch() }
                }
            } catch {
                // The threads that did start end by themselves.
                monitor.withLock { state in
                    state.isStopping = true
                    state.liveWorkers -= max(0, count - index)
                    state.liveThreads -= total - index
                    if state.liveThreads == 0 { ended.open() }
                }
                wakeEverybody()
                throw error
            }
        }
    }

    /// Threads that run work now.
    public var workerCount: Int { monitor.withLock { $0.liveWorkers } }

    // MARK: - Scheduling

    /// Batches up to this size go where single pieces of work go; larger ones are taken whole, without being copied.
    private static let smallBatchCount = 16

    /// Schedules work that is ready, leaving `batch` empty with its memory. Never waits for a worker. False when the
    /// workers have ended: each piece was told by ``Work/abandon(isRunning:)``.
    @discardableResult
    public func schedule(_ batch: inout [any Work]) -> Bool {
        if batch.isEmpty { return true }
        let count = batch.count
        let segment = count > Self.smallBatchCount ? WorkSegment(taking: &batch) : nil
        let wakes: Wakes? = monitor.withLock { state in
            guard state.takesWork else { return nil }
            if let segment {
                state.append(segment)
            } else {
                for work in batch { state.append(work) }
            }
            return self.wakes(for: count, &state)
        }
        if let wakes {
            batch.removeAll(keepingCapacity: true)
            carryOut(wakes)
            return true
        }
        for work in batch { work.abandon(isRunning: false) }
        batch.removeAll(keepingCapacity: true)
        while let work = segment?.claim() { work.abandon(isRunning: false) }
        return false
    }

    /// Schedules one piece of work. Never waits for a worker. False when the workers have ended: it was told by
    /// ``Work/abandon(isRunning:)``, so that a ``Lane`` discards its items.
    @discardableResult
    public func schedule(_ work: any Work) -> Bool {
        if offer(work) { return true }
        work.abandon(isRunning: false)
        return false
    }

    /// Schedules one piece of work. False when the workers have ended: it was not taken, nor told so.
    package func offer(_ work: any Work) -> Bool {
        let wakes: Wakes? = monitor.withLock { state in
            guard state.takesWork else { return nil }
            state.append(work)
            return self.wakes(for: 1, &state)
        }
        guard let wakes else { return false }
        carryOut(wakes)
        return true
    }

    /// Schedules work that a worker did a turn of.
    func reschedule(_ work: any Work) {
        let wakes: Wakes? = monitor.withLock { state in
            if state.isAbandoned {
                state.interrupted?.append(work)
                return nil
            }
            state.append(work)
            return self.wakes(for: 1, &state)
        }
        if let wakes { carryOut(wakes) }
    }

    // MARK: - Waking

    /// Who is to be woken, once the lock is given back.
    private struct Wakes {
        var regulars = 0
        var extras = 0
        var watcher = false
    }

    private func wakes(for count: Int, _ state: inout State) -> Wakes {
        let regulars = state.regulars.wake(count)
        let extras = state.extras.wake(count - regulars)
        return Wakes(regulars: regulars, extras: extras, watcher: hasToWatch(&state))
    }

    /// True when the thread that adds workers has to be woken.
    func hasToWatch(_ state: inout State) -> Bool {
        if state.isWatched || !state.isStarved(maximum) { return false }
        state.isWatched = true
        return true
    }

    private func carryOut(_ wakes: Wakes) {
        for _ in 0..<wakes.regulars { monitor.signal() }
        for _ in 0..<wakes.extras { extrasWait.signal() }
        if wakes.watcher { watcherWait.signal() }
    }

    func wakeEverybody() {
        monitor.broadcast()
        extrasWait.broadcast()
        watcherWait.broadcast()
    }
}

extension WorkerPool.Work {
    /// Counts as one item, and tells nobody.
    public func abandon(isRunning: Bool) -> Int { isRunning ? 0 : 1 }
}
