internal import PeerLoop

/// One value, given once from any thread and awaited by one task, whichever comes first: however many try to give it,
/// the one who waits is resumed once.
struct Answer<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, Never>)
        case given(Value)
        case taken
    }

    private let state = Lock(State.open)

    /// False when a value was given before: this one is not used.
    @discardableResult
    func give(_ value: Value) -> Bool {
        let (isFirst, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Value, Never>?) in
            switch state {
            case .open:
                state = .given(value)
                return (true, nil)
            case .awaited(let continuation):
                state = .taken
                return (true, continuation)
            case .given, .taken:
                return (false, nil)
            }
        }
        waiter?.resume(returning: value)
        return isFirst
    }

    /// True once there is a value, which nothing changes any more.
    var isGiven: Bool {
        state.withLock { state in
            switch state {
            case .open, .awaited: false
            case .given, .taken: true
            }
        }
    }

    /// The value, or `cancelled` when the task is cancelled before there is one; `cleanUp` is then called, at once.
    /// Asked for once.
    func value(
        whenCancelled cancelled: Value, cleanUp: @escaping @Sendable () -> Void = {}
    ) async -> Value {
        await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0) }
        } onCancel: {
            if give(cancelled) { cleanUp() }
        }
    }

    private func wait(_ continuation: CheckedContinuation<Value, Never>) {
        let value = state.withLock { state -> Value? in
            switch state {
            case .open:
                state = .awaited(continuation)
                return nil
            case .given(let value):
                state = .taken
                return value
            case .awaited, .taken:
                preconditionFailure("an answer is awaited once")
            }
        }
        if let value { continuation.resume(returning: value) }
    }

    /// The same one, not an equal one.
    func isSame(as other: Answer) -> Bool { state === other.state }
}
