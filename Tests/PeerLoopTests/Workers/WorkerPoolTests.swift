import PeerLoop
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct WorkerPoolTests {
    @Test func aLaneKeepsItsOrderAndNeverRunsTwiceAtOnce() async throws {
        let pool = try WorkerPool(workers: 4)
        let lanes = 16
        let perLane = 2_000
        let done = AsyncStream.makeStream(of: Bool.self)
        let sets = (0..<lanes).map { _ in
            let state = Lock((next: 0, isRunning: false))
            return Lane<Int> { item in
                let isFine = state.withLock { state in
                    defer { state = (item + 1, true) }
                    return state.next == item && !state.isRunning
                }
                state.withLock { $0.isRunning = false }
                if !isFine { done.continuation.yield(false) }
                if item == perLane - 1 { done.continuation.yield(true) }
            }
        }
        for item in 0..<perLane {
            var batch: [any WorkerPool.Work] = []
            for lane in sets where lane.append(item) { batch.append(lane) }
            pool.schedule(&batch)
            #expect(batch.isEmpty)
        }
        var finished = 0
        for await isFine in done.stream {
            #expect(isFine)
            finished += 1
            if finished == lanes { break }
        }
        pool.stop()
        #expect(await pool.waitUntilStopped(within: .seconds(20)))
    }

    @Test func aBlockedLaneLeavesTheOthersRunning() async throws {
        let pool = try WorkerPool(workers: 2)
        let gate = Lock(false)
        let entered = AsyncStream.makeStream(of: Void.self)
        let blocked = Lane<Int> { _ in
            entered.continuation.yield()
            while !gate.withLock({ $0 }) {}
        }
        if blocked.append(0) { pool.schedule(blocked) }
        for await _ in entered.stream { break }
        let others = AsyncStream.makeStream(of: Int.self)
        let free = Lane<Int> { others.continuation.yield($0) }
        for item in 0..<100 where free.append(item) { pool.schedule(free) }
        var expected = 0
        for await item in others.stream {
            #expect(item == expected)
            expected += 1
            if expected == 100 { break }
        }
        gate.withLock { $0 = true }
        pool.stop()
        #expect(await pool.waitUntilStopped(within: .seconds(20)))
    }

    @Test func stoppingFinishesWhatIsScheduled() async throws {
        let pool = try WorkerPool(workers: 2)
        let count = Atomic<Int>(0)
        for _ in 0..<500 {
            let lane = Lane<Int> { _ in count.wrappingAdd(1, ordering: .relaxed) }
            if lane.append(1) { pool.schedule(lane) }
        }
        pool.stop()
        #expect(await pool.waitUntilStopped(within: .seconds(20)))
        #expect(count.load(ordering: .relaxed) == 500)
    }

    @Test func waitingForABusyWorkerEndsAtItsLimit() async throws {
        let pool = try WorkerPool(workers: 1)
        let gate = Lock(false)
        let lane = Lane<Int> { _ in while !gate.withLock({ $0 }) {} }
        if lane.append(0) { pool.schedule(lane) }
        pool.stop()
        #expect(await pool.waitUntilStopped(within: .milliseconds(20)) == false)
        gate.withLock { $0 = true }
        #expect(await pool.waitUntilStopped(within: .seconds(20)))
    }

    /// The timeout that was no longer needed was cancelled before the answer was settled, and sometimes answered first.
    @Test func waitingForTheEndDoesNotTimeOutEarly() async throws {
        for _ in 0..<10_000 {
            let pool = try WorkerPool(workers: 1)
            async let isStopped = pool.waitUntilStopped(within: .seconds(60))
            pool.stop()
            #expect(await isStopped)
        }
    }

    /// Work for workers that had ended was kept for ever, and whoever waited for it waited as long.
    @Test func runComesBackAfterTheEnd() async throws {
        let pool = try WorkerPool(workers: 2)
        pool.stop()
        #expect(await pool.run { 5 } == 5)
        #expect(await pool.waitUntilStopped(within: .seconds(60)))
        #expect(await pool.run { 6 } == 6)
    }
}
