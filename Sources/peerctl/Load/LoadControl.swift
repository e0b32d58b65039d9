import PeerLoop

/// How far a load test is, for the line on the terminal.
struct LoadProgress: Sendable {
    var phase = "connecting"
    var handshaken = 0
    var failed = 0
    var connected = 0
    var operations: UInt64 = 0
}

/// Between the driver on its loop and the command that waits for it.
final class LoadControl: Sendable {
    /// Moments at which the target's use of the machine is read, on the loop's thread.
    enum Milestone: Sendable {
        case connected
        case steadyEnded
        case ended
    }

    private struct State {
        var progress = LoadProgress()
        var stopReason: String?
        var result: LoadResult?
    }

    private let state = Lock(State())
    private let done = Event()
    private let onMilestone: @Sendable (Milestone) -> Void

    init(onMilestone: @escaping @Sendable (Milestone) -> Void) {
        self.onMilestone = onMilestone
    }

    func mark(_ milestone: Milestone) { onMilestone(milestone) }

    func publish(_ progress: LoadProgress) { state.withLock { $0.progress = progress } }

    var progress: LoadProgress { state.withLock { $0.progress } }

    /// Ends the test early; what was measured so far is reported. The first reason is kept.
    func requestStop(_ reason: String) { state.withLock { $0.stopReason = $0.stopReason ?? reason } }

    var stopReason: String? { state.withLock { $0.stopReason } }

    func complete(_ result: LoadResult) {
        state.withLock { $0.result = result }
        done.happen()
    }

    var isDone: Bool { done.hasHappened }

    func waitForResult() async -> LoadResult {
        await done.wait()
        return state.withLock { $0.result } ?? LoadResult()
    }
}
