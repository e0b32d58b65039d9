internal import Synchronization

/// What one worker is busy with, for those who have to tell the work's owner that its time is over.
///
/// The worker pays one atomic exchange for each piece of work; whoever looks makes it wait for a few instructions.
final class WorkerDesk: @unchecked Sendable {  // allowed: the phase says who may touch the work
    /// Twice the number of pieces begun; and one while the last of them runs.
    private let phase = Atomic<UInt64>(0)
    private static let lookedAt: UInt64 = 1 << 63
    private var work: (any WorkerPool.Work)?

    /// Pieces of work begun so far.
    var begunCount: UInt64 { (phase.load(ordering: .acquiring) & ~Self.lookedAt) >> 1 }

    /// Runs a piece of work, and has the pool schedule it again when there is more to do.
    func run(_ next: any WorkerPool.Work, of pool: WorkerPool) {
        work = next
        let busy = phase.load(ordering: .relaxed) + 3
        phase.store(busy, ordering: .releasing)
        if next.runOnWorker() { pool.reschedule(next) }
        while !phase.weakCompareExchange(expected: busy, desired: busy - 1, ordering: .acquiringAndReleasing)
            .exchanged
        {}
        work = nil
    }

    /// What runs now, `nil` when the worker is between two pieces of work.
    func look() -> (any WorkerPool.Work)? {
        let seen = phase.load(ordering: .relaxed)
        guard seen & 1 == 1,
            phase.compareExchange(expected: seen, desired: seen | Self.lookedAt, ordering: .acquiringAndReleasing)
                .exchanged
        else { return nil }
        defer { phase.store(seen, ordering: .releasing) }
        return work
    }
}
