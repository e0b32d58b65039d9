/// Names a job that an ``EventLoop`` runs later to ``EventLoop/cancel(_:)`` of that loop; another loop does not know
/// it.
public struct ScheduledJob: Hashable, Sendable, BitwiseCopyable {
    let timer: TimerQueue.Identifier
    let number: UInt64
}

/// What runs later; it owns the timer that is armed for it.
final class Job {
    enum Body {
        case once((EventLoop) -> Void)
        /// `interval` in nanoseconds.
        case every(interval: Int64, (EventLoop, ScheduledJob) -> Void)
    }

    let number: UInt64
    let body: Body
    let onDrop: (() -> Void)?
    /// When it runs next, in nanoseconds of its loop's clock.
    var deadline: Int64

    init(number: UInt64, body: Body, onDrop: (() -> Void)?, deadline: Int64) {
        self.number = number
        self.body = body
        self.onDrop = onDrop
        self.deadline = deadline
    }

    /// Moves on to the next instant behind `now`, by whole intervals.
    func skip(_ interval: Int64, past now: Int64) {
        let last = deadline + (now - deadline) / interval * interval
        let (next, isBeyond) = last.addingReportingOverflow(interval)
        deadline = isBeyond ? .max : next
    }
}
