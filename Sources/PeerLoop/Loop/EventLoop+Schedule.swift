extension EventLoop {
    /// Runs `body` on this loop once `delay` has passed since ``now``, the time of this tick; see
    /// ``schedule(at:_:onDrop:)``.
    @discardableResult
    public func schedule(
        after delay: Duration, _ body: @escaping (EventLoop) -> Void, onDrop: (() -> Void)? = nil
    ) -> ScheduledJob {
        schedule(.once(body), at: nanoseconds(after: delay), onDrop: onDrop)
    }

    /// Runs `body` on this loop at `instant`, never before it, and up to about a millisecond behind it when the loop
    /// has nothing else to do.
    ///
    /// Jobs run in order of their instants, by steps of 66 µs; those scheduled for the same instant one after another
    /// run in that order. One whose instant has passed runs in this tick or the next, never in this call.
    ///
    /// - Parameters:
    ///   - instant: when. One that is more than 292 years away never comes.
    ///   - body: what to run.
    ///   - onDrop: called in place of `body`, on this thread, when the loop stops first: whoever waits for `body`
    ///     learns there that it never runs. Not called for a job that is cancelled.
    /// - Returns: what ``cancel(_:)`` takes.
    @discardableResult
    public func schedule(
        at instant: ContinuousClock.Instant, _ body: @escaping (EventLoop) -> Void, onDrop: (() -> Void)? = nil
    ) -> ScheduledJob {
        schedule(.once(body), at: clock.nanoseconds(of: instant), onDrop: onDrop)
    }

    /// Runs `body` on this loop again and again, `interval` apart, until it is cancelled, which `body` itself may do,
    /// or the loop stops.
    ///
    /// The first instant settles all others, so that they do not drift, however late `body` runs and however long it
    /// takes. Those that pass meanwhile are left out: after a delay of many intervals it runs once, and then at the
    /// next of its instants.
    ///
    /// - Parameters:
    ///   - interval: more than zero. With less than a millisecond `body` runs each millisecond or so when the loop has
    ///     nothing else to do.
    ///   - delay: from ``now`` to the first run; `nil` for one `interval`.
    ///   - body: what to run; it is given the job, which it may cancel.
    ///   - onDrop: called once, on this thread, when the loop stops before the job is cancelled.
    /// - Returns: what ``cancel(_:)`` takes.
    @discardableResult
    public func schedule(
        every interval: Duration, startingAfter delay: Duration? = nil,
        _ body: @escaping (EventLoop, ScheduledJob) -> Void, onDrop: (() -> Void)? = nil
    ) -> ScheduledJob {
        precondition(interval > .zero, "a job cannot repeat without an interval")
        let length = LoopClock.nanoseconds(of: interval)
        let first = nanoseconds(after: max(.zero, delay ?? interval))
        return schedule(.every(interval: length, body), at: first, onDrop: onDrop)
    }

    /// Takes back a job of this loop. From this call on its body does not run, even when its time has come.
    ///
    /// - Returns: whether it was still due. False when it has run or runs now, unless it repeats, when it was cancelled
    ///   or dropped before, and when it is another loop's.
    @discardableResult
    public func cancel(_ job: ScheduledJob) -> Bool {
        guard Int(job.timer) < timerOwners.count, case .job(let owner) = timerOwners[Int(job.timer)],
            owner.number == job.number
        else { return false }
        releaseTimer(job.timer)
        return true
    }

    /// Nanoseconds of the instant `delay` after the beginning of this tick, clamped to what 64 bits hold.
    func nanoseconds(after delay: Duration) -> Int64 {
        let (time, isBeyond) = nowNanoseconds.addingReportingOverflow(LoopClock.nanoseconds(of: delay))
        // Time is not negative here, so that only what is far ahead is out of range.
        return isBeyond ? .max : time
    }

    private func schedule(_ body: Job.Body, at deadline: Int64, onDrop: (() -> Void)?) -> ScheduledJob {
        lastJobNumber += 1
        if dropsJobs {
            onDrop?()
            return ScheduledJob(timer: .max, number: lastJobNumber)
        }
        let job = Job(number: lastJobNumber, body: body, onDrop: onDrop, deadline: deadline)
        let identifier = allocateTimer(owner: .job(job))
        armTimer(identifier, at: deadline)
        return ScheduledJob(timer: identifier, number: lastJobNumber)
    }

    func fire(_ job: Job, _ identifier: TimerQueue.Identifier, at current: Int64) {
        switch job.body {
        case .once(let body):
            releaseTimer(identifier)
            body(self)
        case .every(let interval, let body):
            job.skip(interval, past: current)
            armTimer(identifier, at: job.deadline)
            body(self, ScheduledJob(timer: identifier, number: job.number))
        }
    }

    /// Nothing that is scheduled runs any more, and whoever asked to hear of that does.
    func dropJobs() {
        dropsJobs = true
        let owners = timerOwners
        timerOwners = []
        timers = TimerQueue()
        for case .job(let job) in owners { job.onDrop?() }
    }
}
