internal import Synchronization

/// A row of work in order: filled by who holds the pool's lock, emptied by any number of workers without it.
///
/// Work is claimed piece by piece and never ahead, so that none hides behind a worker that is blocked. A place is used
/// once; a row that is used up is dropped.
final class WorkSegment: @unchecked Sendable {  // allowed: a place is filled before it is published, and claimed once
    private let places: UnsafeMutablePointer<any WorkerPool.Work>
    private let capacity: Int
    /// Places that are filled.
    private let published: Atomic<Int>
    /// Places whose work was taken.
    private let claimed = Atomic<Int>(0)

    /// Room for so many.
    init(capacity: Int) {
        self.capacity = capacity
        places = .allocate(capacity: capacity)
        published = Atomic(0)
    }

    /// Takes over all of `batch`, leaving it empty with its memory.
    init(taking batch: inout [any WorkerPool.Work]) {
        capacity = batch.count
        places = .allocate(capacity: batch.count)
        published = Atomic(batch.count)
        // From the back: so it moves, and counts no reference.
        while let work = batch.popLast() { (places + batch.count).initialize(to: work) }
    }

    deinit {
        let claimed = claimed.load(ordering: .acquiring)
        (places + claimed).deinitialize(count: published.load(ordering: .acquiring) - claimed)
        places.deallocate()
    }

    var isUsedUp: Bool { claimed.load(ordering: .relaxed) == capacity }
    var roomLeft: Int { capacity - published.load(ordering: .relaxed) }
    var waitingCount: Int { published.load(ordering: .relaxed) - claimed.load(ordering: .relaxed) }

    /// Adds work where there is room; under the pool's lock.
    func append(_ work: any WorkerPool.Work) {
        let count = published.load(ordering: .relaxed)
        (places + count).initialize(to: work)
        published.store(count + 1, ordering: .releasing)
    }

    /// The next piece of work, which is the caller's from now on. Any thread.
    func claim() -> (any WorkerPool.Work)? {
        var index = claimed.load(ordering: .relaxed)
        while index < published.load(ordering: .acquiring) {
            let (isOurs, now) = claimed.weakCompareExchange(
                expected: index, desired: index + 1, ordering: .acquiringAndReleasing)
            if isOurs { return (places + index).move() }
            index = now
        }
        return nil
    }
}
