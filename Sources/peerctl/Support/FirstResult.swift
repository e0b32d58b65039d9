import PeerLoop

/// A value that several may settle and one task waits for: the first one counts.
final class FirstResult<Value: Sendable>: Sendable {
    private let value = Lock<Value?>(nil)
    private let settled = Event()

    /// True when this was the first.
    @discardableResult
    func settle(_ new: Value) -> Bool {
        let isFirst = value.withLock { value in
            if value != nil { return false }
            value = new
            return true
        }
        if isFirst { settled.happen() }
        return isFirst
    }

    /// The value, `nil` as long as there is none.
    var current: Value? { value.withLock { $0 } }

    func wait() async -> Value {
        while true {
            if let current { return current }
            await settled.wait()
        }
    }
}
