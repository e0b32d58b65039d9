/// What other threads have for a loop: posted from anywhere, taken by the loop in batches, with one wake-up a batch.
///
/// Order is kept for each posting thread. A mailbox is closed when its loop stops; posting to it then answers `false`,
/// so that nobody waits for a loop that will never come.
public final class Mailbox<Element: Sendable>: Sendable {
    @usableFromInline
    struct State {
        @usableFromInline var elements: [Element] = []
        @usableFromInline var isClosed = false
        @usableFromInline var isAttached = false
        /// Something waits whose adder has yet to wake the loop.
        @usableFromInline var owesWake = false
    }

    @usableFromInline let state = Lock(State())
    @usableFromInline let waker: LoopWaker

    /// A mailbox that wakes the loop of `waker`; ``EventLoop/attach(_:drain:)`` must be called on that loop.
    public init(waker: LoopWaker) {
        self.waker = waker
    }

    /// Adds one element. False when the loop has stopped: the element was not taken.
    ///
    /// Any thread.
    @inlinable
    @discardableResult
    public func post(_ element: Element) -> Bool {
        let wakes: Bool? = state.withLock { state in
            if state.isClosed { return nil }
            let wakes = state.elements.isEmpty || state.owesWake
            state.owesWake = false
            state.elements.append(element)
            return wakes
        }
        guard let wakes else { return false }
        if wakes { waker.wake() }
        return true
    }

    /// Adds one element without waking the loop, for those who have to let go of it first: true when
    /// ``wake()`` has to follow. False, too, when the loop has stopped. Whoever posts before that wakes the loop.
    @inlinable
    public func add(_ element: Element) -> Bool {
        state.withLock { state in
            if state.isClosed { return false }
            if state.elements.isEmpty { state.owesWake = true }
            state.elements.append(element)
            return state.owesWake
        }
    }

    /// Wakes the loop.
    public func wake() { waker.wake() }

    /// Elements that wait, at this moment.
    var waitingCount: Int { state.withLock { $0.elements.count } }

    /// True for the first who asks.
    func claim() -> Bool {
        state.withLock { state in
            defer { state.isAttached = true }
            return !state.isAttached
        }
    }

    /// Takes everything that waits, giving `batch`'s (emptied) memory for the next round.
    @inlinable
    func take(into batch: inout [Element]) {
        batch.removeAll(keepingCapacity: true)
        state.withLock { state in
            swap(&state.elements, &batch)
            state.owesWake = false
        }
    }

    /// Refuses further elements and takes what waits.
    @inlinable
    func close() -> [Element] {
        state.withLock { state in
            state.isClosed = true
            let left = state.elements
            state.elements = []
            return left
        }
    }
}

/// Wakes one loop; cheap, any thread.
public struct LoopWaker: Sendable {
    let waker: Waker

    @usableFromInline
    func wake() {
        waker.wake()
    }
}
