internal import DequeModule

/// Threads for what must still run when a pool's workers have ended, or are all blocked and given up: each starts when
/// there is something for it, and ends after it. Somebody waits for what runs here.
final class OverflowThreads: Sendable {
    typealias Job = @Sendable () -> Void

    private struct State {
        var jobs = Deque<Job>()
        var threadCount = 0
    }

    private let state = Lock(State())
    private let name: String
    private let maximum: Int
    private let niceness: Int32

    /// At most `maximum` threads at a time; beyond them jobs wait for one.
    init(name: String, maximum: Int, niceness: Int32) {
        self.name = name
        self.maximum = maximum
        self.niceness = niceness
    }

    /// Has `job` run: on a thread of its own if there may be another one, and where this is called when there is no
    /// thread to be had at all.
    func run(_ job: @escaping Job) {
        let needsThread = state.withLock { state in
            state.jobs.append(job)
            if state.threadCount >= maximum { return false }
            state.threadCount += 1
            return true
        }
        guard needsThread else { return }
        do throws(SystemError) {
            try SystemThread.start(name: "\(name)-o", niceness: niceness) { [self] in work() }
        } catch {
            work()
        }
    }

    private func work() {
        while let job = state.withLock({ state -> Job? in
            if let job = state.jobs.popFirst() { return job }
            state.threadCount -= 1
            return nil
        }) {
            job()
        }
    }
}
