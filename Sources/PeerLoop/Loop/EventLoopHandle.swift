internal import Glibc
internal import Synchronization

/// What other threads hold of an ``EventLoop``: they give it work, wake it and stop it.
public struct EventLoopHandle: Sendable {
    typealias Job = @Sendable (EventLoop) -> Void

    final class Core: Sendable {
        let waker: Waker
        let jobs: Mailbox<Job>
        let ended = Latch()
        /// The loop's thread while it runs.
        let thread = Atomic<UInt>(0)
        let counters = LoopCounters()

        init() throws(SystemError) {
            waker = try Waker()
            jobs = Mailbox(waker: LoopWaker(waker: waker))
        }
    }

    let core: Core

    /// Starts a loop on a thread of its own. Throws ``SystemError`` when the system has no descriptor or thread left.
    public static func start(
        _ configuration: EventLoop.Configuration = EventLoop.Configuration()
    ) throws(SystemError) -> EventLoopHandle {
        let handle = EventLoopHandle(core: try Core())
        let outcome = Monitor<Result<Void, SystemError>?>(nil)
        try SystemThread.start(name: configuration.threadName) {
            do throws(SystemError) {
                handle.core.thread.store(UInt(pthread_self()), ordering: .relaxed)
                let loop = try EventLoop.make(configuration, handle)
                outcome.withLock { $0 = .success(()) }
                outcome.signal()
                loop.run()
            } catch {
                outcome.withLock { $0 = .failure(error) }
                outcome.signal()
            }
            handle.core.thread.store(0, ordering: .relaxed)
            handle.core.ended.open()
        }
        try outcome.wait { $0 }.get()
        return handle
    }

    /// Runs `job` on the loop, after what this thread gave it before. Any thread; never waits.
    ///
    /// - Returns: false when the loop has stopped: the job will not run. One that was taken runs in any case, even when
    ///   the loop is stopping.
    @discardableResult
    public func run(_ job: @escaping @Sendable (EventLoop) -> Void) -> Bool {
        core.jobs.post(job)
    }

    /// Runs `body` on the loop and returns what it returned.
    ///
    /// Throws what `body` threw, or ``LoopStopped`` when it will not run; one of them comes in any case, whenever the
    /// loop stops.
    @discardableResult
    public func submit<Value: Sendable>(
        _ body: @escaping @Sendable (EventLoop) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = run { loop in
                continuation.resume(with: Result { try body(loop) })
            }
            if !isTaken { continuation.resume(throwing: LoopStopped()) }
        }
    }

    /// As ``submit(_:)``, with its errors typed.
    @discardableResult
    public func submit<Value: Sendable, Failure: Error>(
        throwing failure: Failure.Type, _ body: @escaping @Sendable (EventLoop) throws(Failure) -> Value
    ) async throws(SubmitError<Failure>) -> Value {
        let result: Result<Value, SubmitError<Failure>> = await withCheckedContinuation { continuation in
            let isTaken = run { loop in
                do throws(Failure) {
                    continuation.resume(returning: .success(try body(loop)))
                } catch {
                    continuation.resume(returning: .failure(.failed(error)))
                }
            }
            if !isTaken { continuation.resume(returning: .failure(.loopStopped)) }
        }
        return try result.get()
    }

    /// As ``submit(_:)``, for a thread that may block. Never on the loop's own thread, which would wait for itself.
    @discardableResult
    public func submitAndWait<Value: Sendable>(_ body: @escaping @Sendable (EventLoop) throws -> Value) throws -> Value
    {
        preconditionElsewhere()
        let outcome = Monitor<Result<Value, any Error>?>(nil)
        let isTaken = run { loop in
            let result = Result { try body(loop) }
            outcome.withLock { $0 = result }
            outcome.signal()
        }
        if !isTaken { throw LoopStopped() }
        return try outcome.wait { $0 }.get()
    }

    /// Runs `body` on the loop once `delay` has passed since this call; see ``EventLoop/schedule(at:_:onDrop:)``. Any
    /// thread; never waits.
    ///
    /// - Parameters:
    ///   - delay: from now on.
    ///   - body: what to run.
    ///   - onDrop: called in place of `body` when the loop stops first, on its thread, or when it has stopped already,
    ///     on this one, before this call returns. Not called for a job that is cancelled.
    /// - Returns: what cancels the job, from any thread.
    @discardableResult
    public func schedule(
        after delay: Duration, _ body: @escaping @Sendable (EventLoop) -> Void,
        onDrop: (@Sendable () -> Void)? = nil
    ) -> ScheduledJobHandle {
        // What is later than the clock of a loop reaches never comes.
        let instant = ContinuousClock.now.advanced(by: min(delay, .seconds(Int64.max)))
        let job = ScheduledJobHandle(on: self, body: body, onDrop: onDrop)
        if !run({ job.arm(at: instant, on: $0) }) { job.drop() }
        return job
    }

    /// What the loop counts and has before it, as of the end of its last tick. Any thread; the loop is not disturbed.
    public func metrics() -> LoopMetrics { core.counters.read() }

    /// What a ``Mailbox`` needs to wake this loop.
    public var waker: LoopWaker { LoopWaker(waker: core.waker) }

    /// Stops accepting, writes what waits, closes every connection, and ends the loop; after `limit` it ends in any
    /// case. Returns once the loop's thread is done. Calling it again waits for the same end.
    public func shutdown(within limit: Duration) async {
        run { $0.shutdown(within: limit) }
        await core.ended.whenOpen()
    }

    /// As ``shutdown(within:)``, for a thread that may block. Never on the loop's own thread, which would wait for
    /// itself.
    public func shutdownAndWait(within limit: Duration) {
        preconditionElsewhere()
        run { $0.shutdown(within: limit) }
        core.ended.waitUntilOpen()
    }

    private func preconditionElsewhere() {
        precondition(
            core.thread.load(ordering: .relaxed) != UInt(pthread_self()),
            "a loop's own thread cannot wait for the loop")
    }
}

/// The loop has stopped and takes no more work.
public struct LoopStopped: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line.
    public var description: String { "the event loop has stopped" }
}

/// Why ``EventLoopHandle/submit(throwing:_:)`` has nothing to return.
public enum SubmitError<Failure: Error>: Error {
    /// The loop has stopped: nothing was run.
    case loopStopped
    /// What was submitted threw this.
    case failed(Failure)
}

extension SubmitError: Equatable where Failure: Equatable {}

extension SubmitError: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .loopStopped: LoopStopped().description
        case .failed(let error): "\(error)"
        }
    }
}
