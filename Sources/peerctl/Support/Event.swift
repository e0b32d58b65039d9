import PeerLoop

/// Something that happens once and that one task waits for.
final class Event: Sendable {
    private enum State {
        case pending
        case waiting(CheckedContinuation<Void, Never>)
        case happened
    }

    private let state = Lock(State.pending)

    func happen() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state = .happened }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
        waiter?.resume()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if case .happened = state { return true }
                state = .waiting(continuation)
                return false
            }
            if isDone { continuation.resume() }
        }
    }

    var hasHappened: Bool {
        state.withLock { if case .happened = $0 { true } else { false } }
    }
}
