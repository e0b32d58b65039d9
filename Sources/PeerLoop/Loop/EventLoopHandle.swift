/// What other threads hold of an ``EventLoop``: they give it work, wake it and stop it.
public struct EventLoopHandle: Sendable {
    typealias Job = @Sendable (EventLoop) -> Void

    final class Core: Sendable {
        let waker: Waker
        let jobs: Mailbox<Job>
        let ended = Latch()
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
                let loop = try EventLoop.make(configuration, handle)
                outcome.withLock { $0 = .success(()) }
                outcome.signal()
                loop.run()
            } catch {
                outcome.withLock { $0 = .failure(error) }
                outcome.signal()
            }
            handle.core.ended.open()
        }
        try outcome.wait { $0 }.get()
        return handle
    }

    /// Runs `job` on the loop. False when the loop has stopped: the job will not run. Any thread; never waits.
    @discardableResult
    public func execute(_ job: @escaping @Sendable (EventLoop) -> Void) -> Bool {
        core.jobs.post(job)
    }

    /// Runs `body` on the loop and returns what it returned. Throws what it threw, or ``LoopStopped``.
    public func submit<Value: Sendable>(
        _ body: @escaping @Sendable (EventLoop) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = execute { loop in
                continuation.resume(with: Result { try body(loop) })
            }
            if !isTaken { continuation.resume(throwing: LoopStopped()) }
        }
    }

    /// As ``submit(_:)``, for a thread that may block. On the loop's own thread it would wait for itself for ever.
    public func submitAndWait<Value: Sendable>(_ body: @escaping @Sendable (EventLoop) throws -> Value) throws -> Value
    {
        let outcome = Monitor<Result<Value, any Error>?>(nil)
        let isTaken = execute { loop in
            let result = Result { try body(loop) }
            outcome.withLock { $0 = result }
            outcome.signal()
        }
        if !isTaken { throw LoopStopped() }
        return try outcome.wait { $0 }.get()
    }

    /// What the loop counts and has before it, as of the end of its last tick. Any thread; the loop is not disturbed.
    public func metrics() -> LoopMetrics { core.counters.read() }

    /// What a ``Mailbox`` needs to wake this loop.
    public var waker: LoopWaker { LoopWaker(waker: core.waker) }

    /// Stops accepting, writes what waits, closes every connection, and ends the loop; after `limit` it ends in any
    /// case. Returns once the loop's thread is done. Calling it again waits for the same end.
    public func shutdown(within limit: Duration) async {
        execute { $0.shutdown(within: limit) }
        await core.ended.whenOpen()
    }

    /// As ``shutdown(within:)``, for a thread that may block.
    public func shutdownAndWait(within limit: Duration) {
        execute { $0.shutdown(within: limit) }
        core.ended.waitUntilOpen()
    }
}

/// The loop has stopped and takes no more work.
public struct LoopStopped: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line.
    public var description: String { "the event loop has stopped" }
}
