extension WorkerPool {
    /// Runs `body`, which may block, on a worker and returns what it returned or throws what it threw. Once the workers
    /// have ended it runs where it is called.
    public func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            let work = AwaitedWork(overflow: overflow) {
                continuation.resume(returning: Result { () throws(Failure) in try body() })
            }
            if !offer(work) { _ = work.runOnWorker() }
        }
        return try result.get()
    }
}

/// Work that somebody waits for: it runs in any case.
final class AwaitedWork: WorkerPool.Work {
    private let overflow: OverflowThreads
    private let body: @Sendable () -> Void

    init(overflow: OverflowThreads, body: @escaping @Sendable () -> Void) {
        self.overflow = overflow
        self.body = body
    }

    func runOnWorker() -> Bool {
        body()
        return false
    }

    func abandon(isRunning: Bool) -> Int {
        if !isRunning { overflow.run(body) }
        return 0
    }
}
