extension EventLoop {
    /// Has `drain` called with what was posted to `mailbox`, in order, once a tick at most and with at most
    /// ``Configuration/mailboxElementsPerTick`` elements; the rest follows in the next tick.
    ///
    /// What is left when the loop stops is handed to `drain` too, once, so that nothing posted is lost in silence.
    ///
    /// A mailbox is attached once, to the loop that it wakes; anything else traps.
    @inlinable
    public func attach<Element: Sendable>(
        _ mailbox: Mailbox<Element>, drain: @escaping (EventLoop, inout [Element]) -> Void
    ) {
        admit(mailbox)
        let inbox = Inbox(mailbox, drain: drain)
        drains.append { inbox.drainOnce(on: $0) }
        drainsAtStop.append { [unowned self] in inbox.drainForGood(on: self) }
        mustDrainMailboxes = true
    }

    @usableFromInline
    func admit<Element: Sendable>(_ mailbox: Mailbox<Element>) {
        precondition(mailbox.waker.waker === handle.core.waker, "a mailbox belongs to the loop that it wakes")
        precondition(mailbox.claim(), "a mailbox is attached once")
    }

    func drainMailboxes() {
        guard mustDrainMailboxes else { return }
        mustDrainMailboxes = false
        leftElementCount = 0
        for drain in drains { drain(self) }
    }

    @usableFromInline
    var mailboxBudget: Int { max(1, configuration.mailboxElementsPerTick) }

    @usableFromInline
    func noteTaken(_ count: Int) { tally[.mailboxElements] &+= UInt64(count) }

    /// Elements that have to wait for the next tick.
    @usableFromInline
    func noteLeft(_ count: Int) {
        tally[.mailboxBudget] &+= 1
        leftElementCount += count
    }
}

/// The loop's side of one mailbox: the batch under way.
@usableFromInline
final class Inbox<Element: Sendable> {
    @usableFromInline let mailbox: Mailbox<Element>
    @usableFromInline let drain: (EventLoop, inout [Element]) -> Void
    @usableFromInline var batch: [Element] = []
    /// Elements of `batch` that were handed over.
    @usableFromInline var handedCount = 0

    @inlinable
    init(_ mailbox: Mailbox<Element>, drain: @escaping (EventLoop, inout [Element]) -> Void) {
        self.mailbox = mailbox
        self.drain = drain
    }

    @inlinable
    func drainOnce(on loop: EventLoop) {
        if handedCount == 0 { mailbox.take(into: &batch) }
        if batch.isEmpty { return }
        if handedCount > 0 || batch.count > loop.mailboxBudget {
            drainPart(on: loop)
            return
        }
        loop.noteTaken(batch.count)
        drain(loop, &batch)
        // Not when the next batch comes: that may be long, and what was posted may be large.
        batch.removeAll(keepingCapacity: true)
    }

    @inlinable
    func drainPart(on loop: EventLoop) {
        let end = min(batch.count, handedCount + loop.mailboxBudget)
        var part = Array(batch[handedCount..<end])
        handedCount = end
        loop.noteTaken(part.count)
        drain(loop, &part)
        if end < batch.count {
            loop.noteLeft(batch.count - end)
        } else {
            batch = []
            handedCount = 0
        }
        // Also when this was the last part: what was posted meanwhile has woken the loop before.
        loop.mustDrainMailboxes = true
    }

    @inlinable
    func drainForGood(on loop: EventLoop) {
        var left = Array(batch[handedCount...])
        batch = []
        handedCount = 0
        left += mailbox.close()
        if !left.isEmpty { drain(loop, &left) }
    }
}
