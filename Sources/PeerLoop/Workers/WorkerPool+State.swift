internal import DequeModule

extension WorkerPool {
    /// What the pool's lock protects.
    struct State {
        /// Work that waits, in order. The last one may have room for more, and only the first may be partly claimed.
        var segments = Deque<WorkSegment>()
        /// Workers of the fixed number.
        var regulars = Waiters()
        /// Added workers.
        var extras = Waiters()
        var liveWorkers = 0
        /// Workers, and the thread that adds them.
        var liveThreads = 0
        /// Pieces of work scheduled so far.
        var scheduledCount: UInt64 = 0
        /// The thread that adds workers is awake, or was told to be.
        var isWatched = false
        var isStopping = false
        /// The time to drain is over: nothing more is run.
        var isAbandoned = false
        /// Work that was to go on after that, until its owner is told; `nil` once all owners are.
        var interrupted: [any Work]? = []
        /// Items that were not begun, and told so.
        var discardedItemCount = 0
        /// What each worker is busy with.
        var desks: [WorkerDesk] = []
        /// Pieces of work that workers began which have ended since.
        var begunByEnded: UInt64 = 0

        var takesWork: Bool { liveWorkers > 0 && !isAbandoned }

        mutating func append(_ segment: WorkSegment) {
            scheduledCount &+= UInt64(segment.waitingCount)
            segments.append(segment)
        }

        mutating func append(_ work: any Work) {
            scheduledCount &+= 1
            if let last = segments.last, last.roomLeft > 0 {
                last.append(work)
            } else {
                let segment = WorkSegment(capacity: 64)
                segment.append(work)
                segments.append(segment)
            }
        }

        /// Claims the next piece of work, and tells where more may be claimed without the lock.
        mutating func claim() -> (work: any Work, from: WorkSegment)? {
            while let first = segments.first {
                if let work = first.claim() { return (work, first) }
                // The last one may get more.
                if segments.count == 1, !first.isUsedUp { return nil }
                segments.removeFirst()
            }
            return nil
        }

        /// Pieces of work taken so far: while it stands still, no worker is free.
        var takenCount: UInt64 {
            scheduledCount &- segments.reduce(0) { $0 &+ UInt64($1.waitingCount) }
        }

        /// Work waits that nobody is about to take, everybody is busy, and more help may come.
        func isStarved(_ maximum: Int) -> Bool {
            regulars.idleCount + extras.idleCount == 0 && liveWorkers < maximum
                && isMoreWaiting(than: regulars.wokenCount + extras.wokenCount)
        }

        private func isMoreWaiting(than count: Int) -> Bool {
            var waiting = 0
            for segment in segments {
                waiting += segment.waitingCount
                if waiting > count { return true }
            }
            return false
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
}
