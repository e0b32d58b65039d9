/// What other threads have for a loop: posted from anywhere, taken by the loop in batches, with one wake-up a batch.
///
/// Order is kept for each posting thread. A mailbox is closed when its loop stops; posting to it then answers `false`,
/// so that nobody waits for a loop that will never come.
public final class Mailbox<Element: Sendable>: Sendable {
    @usableFromInline
    struct State {
        @usableFromInline var elements: [Element] = []
        @usableFromInline var isClosed = false
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
        let wasEmpty: Bool? = state.withLock { state in
            if state.isClosed { return nil }
            let first = state.elements.isEmpty
            state.elements.append(element)
            return first
        }
        guard let wasEmpty else { return false }
        if wasEmpty { waker.wake() }
        return true
    }

    /// Adds one element without waking the loop, for those who have to let go of it first: true when
    /// ``wake()`` has to follow. False, too, when the loop has stopped.
    public func add(_ element: Element) -> Bool {
        state.withLock { state in
            if state.isClosed { return false }
            state.elements.append(element)
            return state.elements.count == 1
        }
    }

    /// Wakes the loop.
    public func wake() { waker.wake() }

    /// Takes everything that waits, giving `batch`'s (emptied) memory for the next round.
    func take(into batch: inout [Element]) {
        batch.removeAll(keepingCapacity: true)
        state.withLock { swap(&$0.elements, &batch) }
    }

    /// Refuses further elements and takes what waits.
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
