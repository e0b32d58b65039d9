internal import Glibc

extension WorkerPool {
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

    /// What a pool's end found.
    public enum DrainOutcome: Hashable, Sendable {
        /// All that was scheduled was done.
        case drained
        /// The time was over before that. So many workers are still busy with work that did not return; so many items
        /// were not begun, and their owners were told so.
        case left(busyWorkers: Int, discardedItems: Int)
    }

    /// Ends the pool: lets the workers finish what is scheduled, but has them begin nothing more once `limit` has
    /// passed or the task is cancelled. What is not begun by then is told to its owner before this returns, by
    /// ``Work/abandon(isRunning:)``: a ``Lane`` discards its items, and what somebody awaits, of ``run(_:)`` or
    /// ``taskExecutor``, runs on threads that start for it.
    ///
    /// A worker that is blocked stays so, and ends when its work returns. To call this again waits for that, too.
    public func shutDown(within limit: Duration) async -> DrainOutcome {
        stop()
        if await !waitUntilStopped(within: limit) { abandon() }
        return monitor.withLock { state in
            state.isAbandoned
                ? .left(busyWorkers: state.liveWorkers, discardedItems: state.discardedItemCount) : .drained
        }
    }

    private func abandon() {
        var waiting: [any Work] = []
        let begunCount: UInt64? = monitor.withLock { state in
            // The last one may have ended just now.
            if state.liveWorkers == 0 { return nil }
            state.isAbandoned = true
            while let (work, _) = state.claim() { waiting.append(work) }
            state.scheduledCount &-= UInt64(waiting.count)
            return state.scheduledCount
        }
        guard let begunCount else { return }
        wakeEverybody()
        var discarded = 0
        for work in waiting { discarded += work.abandon(isRunning: false) }
        for desk in desks(whenBegun: begunCount) {
            if let work = desk.look() { discarded += work.abandon(isRunning: true) }
        }
        // Last: those whose desks were found free had put their work here before.
        let interrupted = monitor.withLock { state in
            defer { state.interrupted = nil }
            return state.interrupted ?? []
        }
        for work in interrupted { discarded += work.abandon(isRunning: false) }
        monitor.withLock { $0.discardedItemCount += discarded }
    }

    /// The desks of those who work, once all that was claimed is begun: a worker claims without the lock, and shows a
    /// few instructions later what it claimed.
    private func desks(whenBegun count: UInt64) -> [WorkerDesk] {
        while true {
            let (begun, desks) = monitor.withLock { state in
                (state.desks.reduce(state.begunByEnded) { $0 &+ $1.begunCount }, state.desks)
            }
            if begun == count { return desks }
            sched_yield()
        }
    }
}
