internal import Synchronization

/// What the watching thread and the loop know of each other.
final class TickWatch: Sendable {
    private let clock: LoopClock
    private let name: String
    private let limitNanoseconds: Int64
    private let watchdog: EventLoop.Watchdog
    private let monitor = Monitor(false)
    private let stopped = Condition()

    /// Nanoseconds at which the tick began, 0 while the loop waits.
    private let tickBegan = Atomic<Int64>(0)
    private let phaseBegan = Atomic<Int64>(0)
    private let phase = Atomic<UInt8>(LoopPhase.waiting.rawValue)
    /// When the tick began that is over its limit and of which the loop is to say what runs; 0 for none.
    private let asked = Atomic<Int64>(0)

    init(_ watchdog: EventLoop.Watchdog, name: String, clock: LoopClock) {
        self.watchdog = watchdog
        self.name = name
        self.clock = clock
        limitNanoseconds = max(1_000_000, clock.nanoseconds(of: clock.origin + watchdog.limit))
    }

    // MARK: On the loop

    func begin(at now: Int64) {
        phaseBegan.store(now, ordering: .relaxed)
        phase.store(LoopPhase.events.rawValue, ordering: .relaxed)
        tickBegan.store(max(1, now), ordering: .releasing)
    }

    func enter(_ next: LoopPhase, at now: Int64) {
        phaseBegan.store(now, ordering: .relaxed)
        phase.store(next.rawValue, ordering: .relaxed)
    }

    /// True once in a tick that is over its limit: what has just returned is what ran.
    @inline(__always)
    func wantsActivity() -> Bool {
        let began = asked.load(ordering: .relaxed)
        if began == 0 { return false }
        asked.store(0, ordering: .relaxed)
        // It may have been asked of one that was just over.
        return began == tickBegan.load(ordering: .relaxed)
    }

    /// The tick is over. `longest` is the phase that took the longest.
    func end(tookNanoseconds duration: Int64, longest: (phase: LoopPhase, nanoseconds: Int64), activity: String?) {
        tickBegan.store(0, ordering: .releasing)
        asked.store(0, ordering: .relaxed)
        guard duration > limitNanoseconds else { return }
        watchdog.report(
            SlowTick(
                loopName: name, duration: .nanoseconds(duration), isOver: true, phase: longest.phase,
                phaseDuration: .nanoseconds(longest.nanoseconds), activity: activity))
    }

    // MARK: On the watching thread

    func start() throws(SystemError) {
        try SystemThread.start(name: "peerwatch") { [self] in watch() }
    }

    func stop() {
        monitor.withLock { $0 = true }
        stopped.broadcast()
    }

    private func watch() {
        let period = Duration.nanoseconds(limitNanoseconds / 2)
        var reported: Int64 = 0
        while true {
            let isStopped = monitor.wait(on: stopped, atMost: period) { isStopped, _ -> Bool? in
                isStopped ? true : nil
            }
            if isStopped == true { return }
            let began = tickBegan.load(ordering: .acquiring)
            let now = clock.nanoseconds()
            guard began != 0, began != reported, now - began > limitNanoseconds else { continue }
            reported = began
            asked.store(began, ordering: .relaxed)
            watchdog.report(
                SlowTick(
                    loopName: name, duration: .nanoseconds(now - began), isOver: false,
                    phase: LoopPhase(rawValue: phase.load(ordering: .relaxed)) ?? .events,
                    phaseDuration: .nanoseconds(max(0, now - phaseBegan.load(ordering: .relaxed))), activity: nil))
        }
    }
}
