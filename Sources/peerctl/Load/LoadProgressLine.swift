import PeerLoop

/// The line of progress on a terminal, and a look at the child from time to time.
struct LoadProgressLine: Sendable {
    let plan: LoadPlan
    let control: LoadControl
    let childEnd: @Sendable () -> String?

    func run() async {
        let showsProgress = Output.showsProgress
        var operationsBefore: UInt64 = 0
        while !control.isDone {
            try? await Task.sleep(for: .milliseconds(200))
            if let end = childEnd() { control.requestStop(end) }
            guard showsProgress else { continue }
            let progress = control.progress
            let rate = (progress.operations - min(operationsBefore, progress.operations)) * 5
            operationsBefore = progress.operations
            Output.progress(
                "\r\u{1b}[K\(progress.phase): \(progress.handshaken)/\(plan.peers) handshaken, "
                    + "\(progress.failed) failed, "
                    + "\(progress.connected) connected, \(rate) operations/s")
        }
        if showsProgress { Output.progress("\r\u{1b}[K") }
    }
}

/// A request to stop that may come before there is anything to stop.
final class LoadStop: Sendable {
    private struct State {
        var reason: String?
        var control: LoadControl?
    }

    private let state = Lock(State())

    func request(_ reason: String) {
        let control = state.withLock { state in
            state.reason = reason
            return state.control
        }
        control?.requestStop(reason)
    }

    func attach(_ control: LoadControl) {
        let reason = state.withLock { state in
            state.control = control
            return state.reason
        }
        if let reason { control.requestStop(reason) }
    }
}
