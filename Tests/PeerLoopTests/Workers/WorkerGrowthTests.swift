import Foundation
import PeerLoop
import Synchronization
import Testing

/// A measure of time: returns once another pool has added workers, one each millisecond at most, and has let them go
/// when they had nothing to do for as long as it says.
private func whileAnotherPoolGrows(by count: Int, retirement: Duration = .milliseconds(1)) async throws {
    let pool = try WorkerPool(
        workers: 1, maximum: 1 + count, growthDelay: .milliseconds(1), retirement: retirement, name: "measure")
    let blockers = Blockers()
    blockers.block(pool, times: 1 + count)
    try await until { blockers.count == 1 + count }
    blockers.letGo()
    try await until { pool.workerCount == 1 }
    pool.stop()
    #expect(await pool.waitUntilStopped(within: .seconds(60)))
}

@Suite(.timeLimit(.minutes(1))) struct WorkerGrowthTests {
    private func stop(_ pool: WorkerPool, _ name: String) async throws {
        pool.stop()
        #expect(await pool.waitUntilStopped(within: .seconds(60)))
        #expect(pool.workerCount == 0)
        // A thread is listed for a moment after its last act.
        try await until { threads(name) == 0 }
    }

    @Test func thirtyTwoBlockedLeaveTheOthersServed() async throws {
        let pool = try WorkerPool(workers: 2, maximum: 64, retirement: .seconds(3_600), name: "grow32")
        let blockers = Blockers()
        blockers.block(pool, times: 32)
        #expect(await pool.run { 5 } == 5)
        try await until { blockers.count == 32 }
        #expect(await pool.run { 6 } == 6)
        #expect((33...64).contains(pool.workerCount))
        blockers.letGo()
        try await stop(pool, "grow32")
    }

    @Test func growthEndsAtTheMaximum() async throws {
        let pool = try WorkerPool(workers: 1, maximum: 5, growthDelay: .milliseconds(1), name: "growmax")
        let blockers = Blockers()
        blockers.block(pool, times: 20)
        try await until { blockers.count == 5 }
        // Time enough for many more.
        try await whileAnotherPoolGrows(by: 30)
        #expect(blockers.count == 5)
        #expect(pool.workerCount == 5)
        // The workers and the thread that adds them. One that it began in vain may not be gone yet.
        try await until { threads("growmax") == 6 }
        blockers.letGo()
        try await stop(pool, "growmax")
        #expect(blockers.count == 0)
    }

    @Test func withoutAMaximumTheNumberIsFixed() async throws {
        let pool = try WorkerPool(workers: 2, growthDelay: .milliseconds(1), name: "growno")
        let blockers = Blockers()
        blockers.block(pool, times: 4)
        try await until { blockers.count == 2 }
        try await whileAnotherPoolGrows(by: 30)
        #expect(threads("growno") == 2)
        blockers.letGo()
        try await stop(pool, "growno")
    }

    @Test func addedWorkersRetireAndComeAgain() async throws {
        let pool = try WorkerPool(workers: 1, maximum: 8, retirement: .milliseconds(30), name: "growret")
        for _ in 0..<3 {
            let blockers = Blockers()
            blockers.block(pool, times: 8)
            try await until { blockers.count == 8 }
            #expect(pool.workerCount == 8)
            blockers.letGo()
            try await until { pool.workerCount == 1 }
            try await until { threads("growret") == 2 }
            #expect(await pool.run { 7 } == 7)
        }
        try await stop(pool, "growret")
    }

    @Test func addedWorkersStayWhileTheyMay() async throws {
        let pool = try WorkerPool(
            workers: 1, maximum: 3, growthDelay: .milliseconds(1), retirement: .seconds(3600), name: "growstay")
        let blockers = Blockers()
        blockers.block(pool, times: 3)
        try await until { blockers.count == 3 }
        blockers.letGo()
        try await until { blockers.count == 0 }
        try await whileAnotherPoolGrows(by: 1, retirement: .milliseconds(20))
        #expect(pool.workerCount == 3)
        // They serve at once, also while the one that always stays is blocked.
        let again = Blockers()
        again.block(pool, times: 2)
        try await until { again.count == 2 }
        #expect(await pool.run { 8 } == 8)
        again.letGo()
        try await stop(pool, "growstay")
    }

    @Test func stoppingWhileGrowingFinishesWhatIsScheduled() async throws {
        for round in 0..<20 {
            let pool = try WorkerPool(
                workers: 1 + round % 3, maximum: 16, growthDelay: .microseconds(100), name: "growstop")
            let blockers = Blockers()
            let done = Atomic<Int>(0)
            blockers.block(pool, times: 20)
            for _ in 0..<50 {
                let lane = Lane<Void> { _ in done.wrappingAdd(1, ordering: .relaxed) }
                if lane.append(()) { pool.schedule(lane) }
            }
            try await until { blockers.count > round % 5 }
            pool.stop()
            #expect(await pool.waitUntilStopped(within: .milliseconds(1)) == false)
            blockers.letGo()
            try await stop(pool, "growstop")
            #expect(done.load(ordering: .relaxed) == 50)
        }
    }

    /// A blocked listener must not keep the others of a stopping pool from being finished.
    @Test func aStoppingPoolStillGrows() async throws {
        let pool = try WorkerPool(workers: 1, maximum: 2, name: "growlast")
        let blockers = Blockers()
        blockers.block(pool, times: 1)
        try await until { blockers.count == 1 }
        let done = Atomic<Bool>(false)
        let lane = Lane<Void> { _ in done.store(true, ordering: .releasing) }
        if lane.append(()) { pool.schedule(lane) }
        pool.stop()
        try await until { done.load(ordering: .acquiring) }
        #expect(blockers.count == 1)
        blockers.letGo()
        try await stop(pool, "growlast")
    }

    /// The switches that the kernel counts for the pool's threads: whoever polls has more of them after a while.
    @Test func anIdlePoolSleeps() async throws {
        let pool = try WorkerPool(workers: 3, maximum: 64, retirement: .milliseconds(5), name: "growidle")
        let blockers = Blockers()
        blockers.block(pool, times: 5)
        try await until { blockers.count == 5 }
        blockers.letGo()
        try await until { threads("growidle") == 4 }
        // The thread that adds workers looks once more, as late as its delay says; it may be late for that.
        var counts = [switches("growidle")]
        #expect(counts[0] > 0)
        repeat {
            try await whileAnotherPoolGrows(by: 1, retirement: .milliseconds(200))
            counts.append(switches("growidle"))
        } while counts.count < 6 && counts.last != counts.dropLast().last
        #expect(counts.last == counts.dropLast().last, "\(counts)")
        try await stop(pool, "growidle")
    }

    private func switches(_ prefix: String) -> Int {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return tasks.reduce(0) { sum, task in
            let status = (try? String(contentsOfFile: "/proc/self/task/\(task)/status", encoding: .utf8)) ?? ""
            let lines = status.split(separator: "\n")
            guard lines.first?.split(separator: "\t").last?.hasPrefix(prefix) ?? false else { return sum }
            let line = lines.first { $0.hasPrefix("voluntary_ctxt_switches") }
            return sum + (line?.split(separator: "\t").last.flatMap { Int($0) } ?? 0)
        }
    }
}
