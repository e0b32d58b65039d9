import PeerLoop
import Testing

@Suite(.timeLimit(.minutes(1))) struct TaskExecutorTests {
    /// Which thread an `async` function runs on that nobody isolates.
    private nonisolated func thread() async -> String { threadName() }

    @Test func aPreferenceRunsCodeOnTheWorkers() async throws {
        let pool = try WorkerPool(workers: 2, name: "exec")
        let names = await withTaskExecutorPreference(pool.taskExecutor) {
            var names = [await thread()]
            await Task.yield()
            names.append(await thread())
            await withTaskGroup(of: String.self) { group in
                for _ in 0..<10 { group.addTask { await thread() } }
                for await name in group { names.append(name) }
            }
            return names
        }
        #expect(names.count == 12)
        #expect(Set(names).isSubset(of: ["exec-0", "exec-1"]), "\(names)")
        #expect(!(await thread()).hasPrefix("exec"))
        let name = await Task(executorPreference: pool.taskExecutor) { await thread() }.value
        #expect(name.hasPrefix("exec-"))
        #expect(await Task(executorPreference: pool) { await thread() }.value.hasPrefix("exec-"))
        await end(pool)
    }

    /// Jobs may block: the pool grows for them as for any work.
    @Test func jobsThatBlockLeaveTheOthersRunning() async throws {
        let pool = try WorkerPool(workers: 1, maximum: 5, growthDelay: .milliseconds(1))
        let blockers = Blockers()
        let tasks = (0..<4).map { _ in Task(executorPreference: pool) { blockers.block() } }
        #expect(await Task(executorPreference: pool) { 7 }.value == 7)
        try await until { blockers.count == 4 }
        blockers.letGo()
        for task in tasks { await task.value }
        await end(pool)
    }

    @Test func manyTasksHopToAndFro() async throws {
        let pool = try WorkerPool(workers: 3, maximum: 6, growthDelay: .microseconds(100))
        let yields = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask(executorPreference: pool) {
                    for _ in 0..<50 {
                        await Task.yield()
                        yields.add()
                    }
                }
            }
        }
        #expect(yields.count == 5_000)
        await end(pool)
    }

    @Test func jobsRunAfterAStop() async throws {
        let pool = try WorkerPool(workers: 1, maximum: 3, name: "execend")
        await end(pool)
        let name = await Task(executorPreference: pool) { await thread() }.value
        #expect(name == "execend-o")
        let sum = await withTaskGroup(of: Int.self) { group in
            for number in 0..<100 {
                group.addTask(executorPreference: pool) {
                    await Task.yield()
                    return number
                }
            }
            return await group.reduce(0, +)
        }
        #expect(sum == 4_950)
    }

    /// The threads of the end are as many as the pool may have, and leave.
    @Test func theThreadsAfterAStopAreFew() async throws {
        let pool = try WorkerPool(workers: 1, maximum: 3, name: "execfew")
        await end(pool)
        let blockers = Blockers()
        let tasks = (0..<10).map { _ in Task(executorPreference: pool) { blockers.block() } }
        try await until { blockers.count == 3 }
        // The pool's own have ended, but the system may still be clearing them away.
        try await until { threads("execfew") == 3 }
        blockers.letGo()
        for task in tasks { await task.value }
        try await until { threads("execfew") == 0 }
    }

    @Test func jobsThatWaitWhenTheTimeIsOverRun() async throws {
        let pool = try WorkerPool(workers: 1)
        let blockers = Blockers()
        blockers.block(pool, times: 1)
        try await until { blockers.count == 1 }
        let tasks = (0..<20).map { number in Task(executorPreference: pool) { number } }
        #expect(await pool.shutDown(within: .milliseconds(5)) == .left(busyWorkers: 1, discardedItems: 0))
        var sum = 0
        for task in tasks { sum += await task.value }
        #expect(sum == 190)
        blockers.letGo()
        #expect(await pool.waitUntilStopped(within: .seconds(60)))
    }

    /// Stopped at a random moment, while tasks hop: each comes to its end.
    @Test(arguments: 1...10) func aStopInTheMiddleStrandsNobody(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let pool = try WorkerPool(workers: 2)
        let hops = Counter()
        let stopAt = Int.random(in: 0..<2_000, using: &random)
        let limit = Duration.microseconds(Int.random(in: 0...500, using: &random))
        async let total = withTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask(executorPreference: pool) {
                    for _ in 0..<50 {
                        hops.add()
                        await Task.yield()
                    }
                    return 50
                }
            }
            return await group.reduce(0, +)
        }
        try await until { hops.count >= stopAt }
        _ = await pool.shutDown(within: limit)
        #expect(await total == 2_500)
        #expect(await pool.waitUntilStopped(within: .seconds(60)))
    }
}
