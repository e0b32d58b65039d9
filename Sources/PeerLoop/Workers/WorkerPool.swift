/// Threads that run callbacks, so that nothing a user writes can hold a loop.
///
/// Work comes as lanes: each lane's items run one at a time and in order, different lanes in parallel. A loop hands
/// over a whole tick's lanes under one lock.
///
/// Work that blocks does not stop the rest: while work waits and no worker has been free to take any for a while, one
/// more is added, up to a maximum, and ends once it has had nothing to do for a while. A pool without work costs no
/// processor time.
public final class WorkerPool: Sendable {
    /// Something with work to do. Each is scheduled at most once at a time.
    public protocol Work: AnyObject, Sendable {
        /// Does a bounded piece of the work. True when there is more, to be done after others had their turn.
        func runOnWorker() -> Bool
    }

    struct State {
        var ready: [any Work] = []
        var head = 0
        /// Workers of the fixed number.
        var regulars = Waiters()
        /// Added workers.
        var extras = Waiters()
        var liveWorkers = 0
        /// Workers, and the thread that adds them.
        var liveThreads = 0
        /// Pieces of work taken so far: while it stands still, no worker is free.
        var takenCount: UInt64 = 0
        /// The thread that adds workers is awake, or was told to be.
        var isWatched = false
        var isStopping = false

        var isWorkWaiting: Bool { head < ready.count }
        /// Work waits that nobody is about to take, everybody is busy, and more help may come.
        func isStarved(_ maximum: Int) -> Bool {
            ready.count - head > regulars.wokenCount + extras.wokenCount
                && regulars.idleCount + extras.idleCount == 0 && liveWorkers < maximum
        }
    }

    /// Those who wait for work in one place. Who is to be woken no longer counts as idle, so that each piece of work
    /// wakes somebody else.
    struct Waiters {
        private(set) var idleCount = 0
        /// Woken, and not yet back to look.
        private(set) var wokenCount = 0

        mutating func begin() { idleCount += 1 }

        /// Has at most `count` of them woken; answers how many.
        mutating func wake(_ count: Int) -> Int {
            let woken = min(count, idleCount)
            idleCount -= woken
            wokenCount += woken
            return woken
        }

        /// One of them is back, woken or by chance; which of them does not matter.
        mutating func end() {
            if wokenCount > 0 { wokenCount -= 1 } else { idleCount -= 1 }
        }
    }

    let monitor = Monitor(State())
    /// Where added workers wait, which are woken only when no other is idle.
    let extrasWait = Condition()
    /// Where the thread that adds workers waits.
    let watcherWait = Condition()
    let ended = Latch()
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

    /// Schedules work that is ready, leaving `batch` empty with its memory. Never waits for a worker.
    public func schedule(_ batch: inout [any Work]) {
        if batch.isEmpty { return }
        let wake = monitor.withLock { state in
            state.ready.append(contentsOf: batch)
            return wakes(for: batch.count, &state)
        }
        batch.removeAll(keepingCapacity: true)
        carryOut(wake)
    }

    /// Schedules one piece of work. False when the last worker has ended: it was not taken.
    @discardableResult
    public func schedule(_ work: any Work) -> Bool {
        let wake: Wakes? = monitor.withLock { state in
            if state.liveWorkers == 0 { return nil }
            state.ready.append(work)
            return wakes(for: 1, &state)
        }
        guard let wake else { return false }
        carryOut(wake)
        return true
    }

    /// Lets the workers finish what is scheduled and end. Returns at once.
    public func stop() {
        monitor.withLock { $0.isStopping = true }
        wakeEverybody()
    }

    /// Waits for the workers to end after ``stop()``, at most `limit`, and no longer when the task is cancelled. False
    /// when one is still busy then; it ends when its work returns.
    public func waitUntilStopped(within limit: Duration) async -> Bool {
        await ended.whenOpen(within: limit)
    }

    // MARK: - Waking

    /// Who is to be woken, once the lock is given back.
    struct Wakes {
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

    private func carryOut(_ wake: Wakes) {
        if wake.regulars > 1 {
            monitor.broadcast()
        } else if wake.regulars == 1 {
            monitor.signal()
        }
        for _ in 0..<wake.extras { extrasWait.signal() }
        if wake.watcher { watcherWait.signal() }
    }

    func wakeEverybody() {
        monitor.broadcast()
        extrasWait.broadcast()
        watcherWait.broadcast()
    }
}
