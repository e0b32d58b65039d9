extension EventLoop {
    /// The limits and budgets of a loop. What a budget leaves over is done in the next tick, which then does not wait.
    /// A budget below 1 is taken as 1.
    public struct Configuration: Sendable {
        /// The name of the thread, up to 15 bytes, as `top -H` shows it.
        public var threadName = "peerloop"

        // MARK: One connection in one tick

        /// Bytes read from one connection in one tick.
        public var readByteCountPerTick = 64 << 10
        /// Bytes read from one connection in one tick where they are read directly to where they belong.
        public var directReadByteCountPerTick = 256 << 10
        /// Bytes written to one connection in one tick, over all its gathered writes.
        public var writeByteCountPerTick = 1 << 20

        // MARK: One phase of one tick

        /// Readiness reports taken from the kernel in one tick.
        public var eventsPerTick = 1024
        /// Connections taken from one listener in one tick.
        public var acceptsPerTick = 512
        /// Due timers fired in one tick.
        public var timersPerTick = 4096
        /// Elements of one ``Mailbox``, the one of jobs from other threads included, handed over in one tick.
        public var mailboxElementsPerTick = 4096
        /// Connections on transports served in one tick.
        public var transportsPerTick = 1024
        /// Connections written in one tick, besides those that answer what they have just received.
        public var flushesPerTick = 4096
        /// Connections closed for good in one tick: the kernel takes a while for each.
        public var closesPerTick = 1024

        // MARK: Limits

        /// What may wait to be written to a connection that has no limits of its own.
        public var writeLimits = WriteLimits()
        /// Bytes of input dropped while a connection finishes; beyond them it is closed at once: whoever still floods
        /// does not wait for a goodbye. Enough for a large message that was under way.
        public var finishingInputByteLimit: UInt64 = 64 << 20
        /// How long a listener rests when no descriptor is left.
        public var acceptBackOff: Duration = .milliseconds(100)
        /// Emptied output buffers kept for use by other connections.
        public var pooledOutputQueues = 1024
        /// How long after a burst memory that is no longer in use goes back to the operating system; `nil` leaves that
        /// to the allocator. A loop that nothing happens on is not woken for it.
        public var memoryReturnDelay: Duration? = .seconds(10)
        /// Has ticks that take too long reported; `nil` for nobody to watch.
        public var watchdog: Watchdog?

        /// The defaults.
        public init() {}

        /// With budgets that let everything go on, and buffers that can be had.
        var inRange: Configuration {
            var inRange = self
            let budgets: [WritableKeyPath<Configuration, Int>] = [
                \.readByteCountPerTick, \.directReadByteCountPerTick, \.writeByteCountPerTick, \.eventsPerTick,
                \.acceptsPerTick, \.timersPerTick, \.mailboxElementsPerTick, \.transportsPerTick, \.flushesPerTick,
                \.closesPerTick,
            ]
            for budget in budgets { inRange[keyPath: budget] = max(1, self[keyPath: budget]) }
            inRange.readByteCountPerTick = min(inRange.readByteCountPerTick, 1 << 30)
            inRange.eventsPerTick = min(inRange.eventsPerTick, 1 << 20)
            return inRange
        }
    }

    /// Who is told of ticks that take too long. While one is set, a thread looks at the loop twice in each `limit`.
    public struct Watchdog: Sendable {
        /// How long a tick may take, at least 1 ms. Waiting for events does not count.
        public var limit: Duration
        /// Called once on the watching thread when a tick passes the limit, and once on the loop when that tick is
        /// over; only the latter for a tick that ends before it was looked at.
        public var report: @Sendable (SlowTick) -> Void

        /// Reports ticks that take longer than `limit`.
        public init(limit: Duration, report: @escaping @Sendable (SlowTick) -> Void) {
            self.limit = max(limit, .milliseconds(1))
            self.report = report
        }
    }
}
