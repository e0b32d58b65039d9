internal import Synchronization

/// Several loops, for work that one thread cannot do: each has its own connections, which never move to another.
///
/// What is accepted is spread by the kernel, among listeners that share a port; see ``listen(on:options:handler:)``.
/// What is connected is spread by ``next(_:)``.
///
/// ```swift
/// let group = try LoopGroup.start()
/// let listener = try await group.listen(on: SocketAddress("[::]:7000")) { _ in EchoAcceptor() }
/// print("listening on \(listener.address)")
/// await group.shutdown(within: .seconds(5))
/// ```
public final class LoopGroup: Sendable {
    /// How many loops there are, and what they are like.
    public struct Configuration: Sendable {
        /// Loops, at least one. By default as many as there are processors that the process may run on.
        public var loopCount = ProcessLimits.availableProcessorCount
        /// The limits of each loop. The names of the threads get a number: the loop's place in ``LoopGroup/loops``.
        public var loop = EventLoop.Configuration()

        /// The defaults.
        public init() {}
    }

    /// How ``LoopGroup/next(_:)`` chooses.
    public enum Spreading: Sendable, Hashable {
        /// Each loop in its turn.
        case roundRobin
        /// The loop with the fewest connections, jobs that wait for it counted as one each; of several such, each in
        /// its turn. The counts are those of the moment, and no promise for the next.
        case leastConnections
    }

    /// The loops, always the same ones.
    public let loops: [EventLoopHandle]
    private let turns = Atomic<Int>(0)

    private init(_ loops: [EventLoopHandle]) {
        self.loops = loops
    }

    /// Starts the loops, each on a thread of its own. Throws ``SystemError`` when the system has no descriptor or
    /// thread left for one of them; those that had started have ended by then.
    public static func start(_ configuration: Configuration = Configuration()) throws(SystemError) -> LoopGroup {
        precondition(configuration.loopCount > 0, "a group has at least one loop")
        var loops: [EventLoopHandle] = []
        loops.reserveCapacity(configuration.loopCount)
        for index in 0..<configuration.loopCount {
            var one = configuration.loop
            one.threadName = Self.name(one.threadName, index)
            do throws(SystemError) {
                loops.append(try EventLoopHandle.start(one))
            } catch {
                for loop in loops { loop.shutdownAndWait(within: .zero) }
                throw error
            }
        }
        return LoopGroup(loops)
    }

    /// The number goes before what the kernel cuts off.
    private static func name(_ name: String, _ index: Int) -> String {
        let number = "-\(index)"
        var base = name
        while base.utf8.count + number.utf8.count > 15, !base.isEmpty { base.removeLast() }
        return base + number
    }

    /// The loop for what comes next. Any thread; never waits.
    public func next(_ spreading: Spreading = .roundRobin) -> EventLoopHandle {
        let turn = turns.wrappingAdd(1, ordering: .relaxed).oldValue
        let first = Int(UInt(bitPattern: turn) % UInt(loops.count))
        switch spreading {
        case .roundRobin:
            return loops[first]
        case .leastConnections:
            var best = loops[first]
            var least = Self.load(best)
            for offset in 1..<max(1, loops.count) {
                let loop = loops[(first + offset) % loops.count]
                let load = Self.load(loop)
                if load < least { (best, least) = (loop, load) }
            }
            return best
        }
    }

    private static func load(_ loop: EventLoopHandle) -> Int {
        loop.core.counters.connectionCount + loop.core.counters.leftElementCount + loop.core.jobs.waitingCount
    }

    /// Connections of all loops, whatever their state; each loop's count is of its own moment.
    public var connectionCount: Int {
        loops.reduce(0) { $0 + $1.core.counters.connectionCount }
    }

    /// What all loops together count and have before them; of the longest tick the longest of all. Any thread; no loop
    /// is disturbed.
    public func metrics() -> LoopMetrics {
        loops.reduce(LoopMetrics()) { $0 + $1.metrics() }
    }

    /// Has every loop stop accepting, write what waits, close its connections and end; after `limit` each ends in any
    /// case. Returns once all their threads are done. Calling it again waits for the same end.
    public func shutdown(within limit: Duration) async {
        stop(within: limit)
        for loop in loops { await loop.shutdown(within: limit) }
    }

    /// As ``shutdown(within:)``, for a thread that may block. Never on the thread of one of the loops.
    public func shutdownAndWait(within limit: Duration) {
        stop(within: limit)
        for loop in loops { loop.shutdownAndWait(within: limit) }
    }

    /// All at once, so that the limits pass side by side.
    private func stop(within limit: Duration) {
        for loop in loops { loop.run { $0.shutdown(within: limit) } }
    }
}
