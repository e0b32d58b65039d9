extension EventLoop {
    /// Has `drain` called with what was posted to `mailbox`, in order, once a tick at most and with at most
    /// ``Configuration/mailboxElementsPerTick`` elements; the rest follows in the next tick.
    ///
    /// What is left when the loop stops is handed to `drain` too, once, so that nothing posted is lost in silence.
    ///
    /// A mailbox is attached once, to the loop that it wakes; anything else traps.
    public func attach<Element: Sendable>(
        _ mailbox: Mailbox<Element>, drain: @escaping (EventLoop, inout [Element]) -> Void
    ) {
        precondition(mailbox.waker.waker === handle.core.waker, "a mailbox belongs to the loop that it wakes")
        precondition(mailbox.claim(), "a mailbox is attached once")
        let inbox = Inbox(mailbox, drain: drain)
        drains.append { inbox.drainOnce(on: $0) }
        drainsAtStop.append { [unowned self] in inbox.drainForGood(on: self) }
        mustDrainMailboxes = true
    }

    func drainMailboxes() {
        guard mustDrainMailboxes else { return }
        mustDrainMailboxes = false
        leftElementCount = 0
        for drain in drains { drain(self) }
    }
}

/// The loop's side of one mailbox: the batch under way.
private final class Inbox<Element: Sendable> {
    private let mailbox: Mailbox<Element>
    private let drain: (EventLoop, inout [Element]) -> Void
    private var batch: [Element] = []
    /// Elements of `batch` that were handed over.
    private var handedCount = 0

    init(_ mailbox: Mailbox<Element>, drain: @escaping (EventLoop, inout [Element]) -> Void) {
        self.mailbox = mailbox
        self.drain = drain
    }

    func drainOnce(on loop: EventLoop) {
        if handedCount == 0 { mailbox.take(into: &batch) }
        if batch.isEmpty { return }
        let budget = max(1, loop.configuration.mailboxElementsPerTick)
        if handedCount == 0, batch.count <= budget {
            loop.tally[.mailboxElements] &+= UInt64(batch.count)
            drain(loop, &batch)
            // Not when the next batch comes: that may be long, and what was posted may be large.
            batch.removeAll(keepingCapacity: true)
            return
        }
        let end = min(batch.count, handedCount + budget)
        var part = Array(batch[handedCount..<end])
        handedCount = end
        loop.tally[.mailboxElements] &+= UInt64(part.count)
        drain(loop, &part)
        if end < batch.count {
            loop.tally[.mailboxBudget] &+= 1
            loop.leftElementCount += batch.count - end
        } else {
            batch = []
            handedCount = 0
        }
        // Also when this was the last part: what was posted meanwhile has woken the loop before.
        loop.mustDrainMailboxes = true
    }

    func drainForGood(on loop: EventLoop) {
        var left = Array(batch[handedCount...])
        batch = []
        handedCount = 0
        left += mailbox.close()
        if !left.isEmpty { drain(loop, &left) }
    }
}
