/// What other threads hold of a job that they had ``EventLoopHandle/schedule(after:_:onDrop:)`` schedule. Letting go of
/// it does not cancel the job.
public struct ScheduledJobHandle: Sendable {
    typealias Body = @Sendable (EventLoop) -> Void

    /// The job while it is to come. Whoever takes it out settles what becomes of it.
    private struct Pending {
        let body: Body
        let onDrop: (@Sendable () -> Void)?
        /// Set by the loop when it has the job.
        var job: ScheduledJob?
    }

    private let pending: Lock<Pending?>
    private let loop: EventLoopHandle

    init(on loop: EventLoopHandle, body: @escaping Body, onDrop: (@Sendable () -> Void)?) {
        self.loop = loop
        pending = Lock(Pending(body: body, onDrop: onDrop))
    }

    /// Takes the job back. Any thread; never waits for the loop.
    ///
    /// - Returns: whether it was still due, and so never runs. False when it has run, runs now, was cancelled or
    ///   dropped.
    @discardableResult
    public func cancel() -> Bool {
        guard let taken = take() else { return false }
        // The loop's own timer for it would otherwise stay until its time.
        if let job = taken.job { loop.run { $0.cancel(job) } }
        return true
    }

    /// Called by the loop: puts the job among its timers.
    func arm(at instant: ContinuousClock.Instant, on loop: EventLoop) {
        if pending.withLock({ $0 == nil }) { return }
        let job = loop.schedule(at: instant) { loop in
            take()?.body(loop)
        } onDrop: {
            drop()
        }
        let isOver = pending.withLock { state in
            state?.job = job
            return state == nil
        }
        // Taken back meanwhile, by somebody who could not know the timer.
        if isOver { loop.cancel(job) }
    }

    /// The loop has stopped, or stops.
    func drop() {
        take()?.onDrop?()
    }

    private func take() -> Pending? {
        pending.withLock { state in
            let taken = state
            state = nil
            return taken
        }
    }
}
