internal import Synchronization

/// What the loop counts, on its own thread: plain numbers, published once a tick.
struct LoopTally {
    /// In the order of ``LoopMetrics/countFields``.
    enum Count: Int {
        case ticks, events, wakeUps, timers, mailboxElements, accepted, refused, closed, receivedBytes, sentBytes
        case memoryReturns
        case eventBudget, acceptBudget, timerBudget, mailboxBudget, transportBudget, flushBudget, closeBudget
        case readBudget, writeBudget
    }

    private(set) var counts = InlineArray<20, UInt64>(repeating: 0)

    subscript(count: Count) -> UInt64 {
        @inline(__always) get { counts[count.rawValue] }
        @inline(__always) set { counts[count.rawValue] = newValue }
    }
}

/// What any thread may read of a loop's counts. Only the loop writes.
final class LoopCounters: Sendable {
    private let counts = InlineArray<20, Atomic<UInt64>> { _ in Atomic(0) }
    private let queues = InlineArray<6, Atomic<Int>> { _ in Atomic(0) }
    private let durations = InlineArray<304, Atomic<UInt64>> { _ in Atomic(0) }
    private let busyNanoseconds = Atomic<Int64>(0)
    private let longestNanoseconds = Atomic<Int64>(0)

    func publish(_ tally: borrowing LoopTally, _ waiting: InlineArray<6, Int>) {
        for index in 0..<20 { counts[index].store(tally.counts[index], ordering: .relaxed) }
        for index in 0..<6 { queues[index].store(waiting[index], ordering: .relaxed) }
    }

    /// At once, not at the tick's end: others choose by it where the next connection goes.
    func publish(connectionCount: Int) { queues[0].store(connectionCount, ordering: .relaxed) }

    var connectionCount: Int { queues[0].load(ordering: .relaxed) }
    /// Elements of mailboxes that a budget left over.
    var leftElementCount: Int { queues[4].load(ordering: .relaxed) }

    /// Nobody else writes, so an addition need not be one step.
    func add(tickNanoseconds: Int64) {
        let bucket = DurationHistogram.bucket(of: tickNanoseconds)
        durations[bucket].store(durations[bucket].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        busyNanoseconds.store(busyNanoseconds.load(ordering: .relaxed) &+ tickNanoseconds, ordering: .relaxed)
        if tickNanoseconds > longestNanoseconds.load(ordering: .relaxed) {
            longestNanoseconds.store(tickNanoseconds, ordering: .relaxed)
        }
    }

    func read() -> LoopMetrics {
        var metrics = LoopMetrics()
        for (index, field) in LoopMetrics.countFields.enumerated() {
            metrics[keyPath: field] = counts[index].load(ordering: .relaxed)
        }
        for (index, field) in LoopMetrics.queueFields.enumerated() {
            metrics[keyPath: field] = queues[index].load(ordering: .relaxed)
        }
        for index in 0..<DurationHistogram.bucketCount {
            metrics.tickDurations.counts[index] = durations[index].load(ordering: .relaxed)
        }
        metrics.busyTime = .nanoseconds(busyNanoseconds.load(ordering: .relaxed))
        metrics.longestTick = .nanoseconds(longestNanoseconds.load(ordering: .relaxed))
        return metrics
    }
}
