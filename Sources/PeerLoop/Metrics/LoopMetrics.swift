/// What a loop has done and has before it, read while it runs. Numbers of one tick appear together, nearly: each is
/// read by itself, so that a reader never stops the loop.
///
/// All counts are since the loop started; differences of two readings tell of an interval.
public struct LoopMetrics: Sendable, Hashable {
    /// Ticks.
    public var tickCount: UInt64 = 0
    /// How long ticks took, waiting not included.
    public var tickDurations = DurationHistogram()
    /// The longest tick.
    public var longestTick: Duration = .zero
    /// Time spent in ticks; in an interval, its part of that interval is the loop's load.
    public var busyTime: Duration = .zero
    /// Readiness reports of the kernel.
    public var eventCount: UInt64 = 0
    /// Waits that another thread ended.
    public var wakeUpCount: UInt64 = 0
    /// Timers fired.
    public var timerCount: UInt64 = 0
    /// Elements taken from mailboxes.
    public var mailboxElementCount: UInt64 = 0
    /// Connections accepted and given a handler.
    public var acceptedCount: UInt64 = 0
    /// Connections refused as they came: by the handler, or for want of a descriptor.
    public var refusedCount: UInt64 = 0
    /// Connections that ended, whoever ended them.
    public var closedCount: UInt64 = 0
    /// Bytes received.
    public var receivedByteCount: UInt64 = 0
    /// Bytes the kernel, or a transport, took for sending.
    public var sentByteCount: UInt64 = 0
    /// Times that memory was given back to the operating system.
    public var memoryReturnCount: UInt64 = 0

    /// Ticks in which a phase's budget was used up, so that the rest waited for the next tick.
    public var budgetHits = BudgetHits()
    /// What there was at the end of the last tick.
    public var queues = Queues()

    /// How often each budget of ``EventLoop/Configuration`` was used up.
    public struct BudgetHits: Sendable, Hashable {
        /// ``EventLoop/Configuration/eventsPerTick``.
        public var events: UInt64 = 0
        /// ``EventLoop/Configuration/acceptsPerTick``.
        public var accepts: UInt64 = 0
        /// ``EventLoop/Configuration/timersPerTick``.
        public var timers: UInt64 = 0
        /// ``EventLoop/Configuration/mailboxElementsPerTick``.
        public var mailboxElements: UInt64 = 0
        /// ``EventLoop/Configuration/transportsPerTick``.
        public var transports: UInt64 = 0
        /// ``EventLoop/Configuration/flushesPerTick``.
        public var flushes: UInt64 = 0
        /// ``EventLoop/Configuration/closesPerTick``.
        public var closes: UInt64 = 0
        /// ``EventLoop/Configuration/readByteCountPerTick``, counted for each connection and tick.
        public var reads: UInt64 = 0
        /// ``EventLoop/Configuration/writeByteCountPerTick``, counted for each connection and tick.
        public var writes: UInt64 = 0
    }

    /// What waits.
    public struct Queues: Sendable, Hashable {
        /// Connections, whatever their state.
        public var connections = 0
        /// Armed timers.
        public var timers = 0
        /// Connections with something queued in this tick or left by the last.
        public var toFlush = 0
        /// Connections that have ended and are not closed for good.
        public var toClose = 0
        /// Elements of mailboxes that a budget left over.
        public var mailboxElements = 0
        /// Bytes that wait to be written to all connections.
        public var outputBytes = 0
    }

    /// Nothing yet.
    public init() {}
}

extension LoopMetrics {
    /// Both loops' counts; of the longest tick the longer.
    public static func + (one: LoopMetrics, other: LoopMetrics) -> LoopMetrics {
        var sum = LoopMetrics()
        for field in countFields { sum[keyPath: field] = one[keyPath: field] &+ other[keyPath: field] }
        for field in queueFields { sum[keyPath: field] = one[keyPath: field] + other[keyPath: field] }
        sum.tickDurations = one.tickDurations + other.tickDurations
        sum.longestTick = max(one.longestTick, other.longestTick)
        sum.busyTime = one.busyTime + other.busyTime
        return sum
    }

    /// The counts, in the order in which a loop keeps them.
    static var countFields: [WritableKeyPath<LoopMetrics, UInt64>] {
        [
            \.tickCount, \.eventCount, \.wakeUpCount, \.timerCount, \.mailboxElementCount, \.acceptedCount,
            \.refusedCount, \.closedCount, \.receivedByteCount, \.sentByteCount, \.memoryReturnCount,
            \.budgetHits.events, \.budgetHits.accepts, \.budgetHits.timers, \.budgetHits.mailboxElements,
            \.budgetHits.transports, \.budgetHits.flushes, \.budgetHits.closes, \.budgetHits.reads,
            \.budgetHits.writes,
        ]
    }

    /// What waits, in the order in which a loop publishes it.
    static var queueFields: [WritableKeyPath<LoopMetrics, Int>] {
        [
            \.queues.connections, \.queues.timers, \.queues.toFlush, \.queues.toClose, \.queues.mailboxElements,
            \.queues.outputBytes,
        ]
    }
}
