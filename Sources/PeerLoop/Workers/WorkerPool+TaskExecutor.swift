extension WorkerPool: TaskExecutor {
    /// The pool's threads for `async` code: give it to `withTaskExecutorPreference` or `Task(executorPreference:)`, and
    /// what is not isolated to an actor runs there, where it may block.
    ///
    /// Jobs begin in the order in which they come, in line with other work; priorities are not regarded. Once the pool
    /// has ended, jobs run on threads that start for them, no more at a time than the pool's maximum, so that whoever
    /// awaits one does not wait for ever.
    public var taskExecutor: any TaskExecutor { self }

    /// Has a job run. Called by the runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        let work = ExecutorWork(UnownedJob(job), of: self)
        schedule(work)
    }
}

/// One job of a task. It runs in any case, for somebody awaits it.
private final class ExecutorWork: WorkerPool.Work {
    private let job: UnownedJob
    private let pool: WorkerPool

    init(_ job: UnownedJob, of pool: WorkerPool) {
        self.job = job
        self.pool = pool
    }

    func runOnWorker() -> Bool {
        job.runSynchronously(on: pool.asUnownedTaskExecutor())
        return false
    }

    func abandon(isRunning: Bool) -> Int {
        if !isRunning { pool.overflow.run { [self] in _ = runOnWorker() } }
        return 0
    }
}
