import Glibc
import PeerLoop
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct DrainTests {
    /// Work of the user's own that asks for ever more.
    private final class Endless: WorkerPool.Work {
        let turns = Atomic<Int>(0)

        func runOnWorker() -> Bool {
            turns.wrappingAdd(1, ordering: .relaxed)
            return true
        }
    }

    @Test func withinItsTimeAllIsDone() async throws {
        let pool = try WorkerPool(workers: 2)
        let handled = Atomic<Int>(0)
        let lanes = (0..<300).map { _ in Lane<Int> { _ in handled.wrappingAdd(1, ordering: .relaxed) } }
        var batch: [any WorkerPool.Work] = []
        for lane in lanes {
            for item in 0..<200 where lane.append(item) { batch.append(lane) }
        }
        pool.schedule(&batch)
        #expect(await pool.shutDown(within: .seconds(60)) == .drained)
        #expect(handled.load(ordering: .relaxed) == 300 * 200)
        #expect(pool.workerCount == 0)
        #expect(await pool.shutDown(within: .zero) == .drained, "asked again")
    }

    @Test func pastItsTimeTheOwnersAreTold() async throws {
        let pool = try WorkerPool(workers: 2)
        let blockers = Blockers()
        let discarded = Collected<String>()
        let handled = Collected<String>()
        // Two that hold the workers, with items behind; and two that wait for a worker.
        let lanes = ["a", "b", "c", "d"].enumerated().map { number, name in
            Lane<Int> { item in
                handled.add("\(name)\(item)")
                if number < 2 { blockers.block() }
            } whenDiscarded: { items in
                discarded.add(contentsOf: items.map { "\(name)\($0)" })
            }
        }
        for (number, lane) in lanes.enumerated() {
            for item in 0..<3 where lane.append(item) { pool.schedule(lane) }
            if number == 1 { try await until { blockers.count == 2 } }
        }
        #expect(await pool.shutDown(within: .milliseconds(20)) == .left(busyWorkers: 2, discardedItems: 10))
        #expect(discarded.all.sorted() == ["a1", "a2", "b1", "b2", "c0", "c1", "c2", "d0", "d1", "d2"])
        #expect(handled.all.sorted() == ["a0", "b0"])
        for lane in lanes { #expect(lane.append(9, byteCount: 0) == .ended) }
        #expect(!pool.schedule(Lane<Int> { _ in }))
        blockers.letGo()
        #expect(await pool.shutDown(within: .seconds(60)) == .left(busyWorkers: 0, discardedItems: 10))
        #expect(handled.count == 2)
        #expect(discarded.count == 10)
    }

    /// A loop that hands over its lanes too late.
    @Test func whatComesAfterTheEndIsTold() async throws {
        for isPastItsTime in [false, true] {
            let pool = try WorkerPool(workers: 1)
            let blockers = Blockers()
            if isPastItsTime {
                blockers.block(pool, times: 1)
                try await until { blockers.count == 1 }
            }
            _ = await pool.shutDown(within: isPastItsTime ? .zero : .seconds(60))
            let discarded = Collected<Int>()
            for count in [1, 100] {
                var batch: [any WorkerPool.Work] = (0..<count).map { number in
                    let lane = Lane<Int> { _ in
                    } whenDiscarded: {
                        discarded.add(contentsOf: $0)
                    }
                    _ = lane.append(number)
                    return lane
                }
                #expect(!pool.schedule(&batch))
                #expect(batch.isEmpty)
            }
            #expect(discarded.all == [0] + Array(0..<100))
            blockers.letGo()
            #expect(await pool.waitUntilStopped(within: .seconds(60)))
        }
    }

    @Test func aTaskThatIsCancelledWaitsNoLonger() async throws {
        let pool = try WorkerPool(workers: 1)
        let blockers = Blockers()
        blockers.block(pool, times: 3)
        try await until { blockers.count == 1 }
        let task = Task { await pool.shutDown(within: .seconds(3_600)) }
        task.cancel()
        #expect(await task.value == .left(busyWorkers: 1, discardedItems: 2))
        blockers.letGo()
        #expect(await pool.waitUntilStopped(within: .seconds(60)))
    }

    @Test func whoAwaitsIsAnsweredPastTheTimeToo() async throws {
        let pool = try WorkerPool(workers: 1, name: "drainrun")
        let blockers = Blockers()
        blockers.block(pool, times: 1)
        try await until { blockers.count == 1 }
        let begun = Counter()
        async let answers = withTaskGroup(of: Int.self) { group in
            for number in 0..<20 {
                group.addTask {
                    begun.add()
                    return await pool.run { number }
                }
            }
            return await group.reduce(0, +)
        }
        try await until { begun.count == 20 }
        guard case .left(busyWorkers: 1, discardedItems: 0) = await pool.shutDown(within: .milliseconds(5)) else {
            Issue.record("it was not held up, or an answer was lost")
            return
        }
        #expect(await answers == 190)
        #expect(await pool.run { threadName() } != "drainrun-0")
        blockers.letGo()
        #expect(await pool.waitUntilStopped(within: .seconds(60)))
    }

    @Test func workThatNeverEndsIsLeft() async throws {
        let pool = try WorkerPool(workers: 1)
        let endless = [Endless(), Endless(), Endless()]
        var batch: [any WorkerPool.Work] = endless
        pool.schedule(&batch)
        try await until { endless.allSatisfy { $0.turns.load(ordering: .relaxed) > 10 } }
        guard case .left = await pool.shutDown(within: .milliseconds(5)) else {
            Issue.record("it ended")
            return
        }
        #expect(await pool.waitUntilStopped(within: .seconds(60)))
    }

    /// Lanes that are busy all the time, ended at a random moment: each item is handled or told, never both, and all
    /// that was not begun is told before the end returns.
    @Test(arguments: 1...30) func nothingIsLostOrToldTwice(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let pool = try WorkerPool(
            workers: Int.random(in: 1...3, using: &random), maximum: 6, growthDelay: .microseconds(100))
        let handled = Atomic<Int>(0)
        let told = Atomic<Int>(0)
        let isOver = Atomic<Bool>(false)
        let begunLate = Atomic<Int>(0)
        let lanes = (0..<50).map { _ in
            Lane<Int> { item in
                if isOver.load(ordering: .acquiring) { begunLate.wrappingAdd(1, ordering: .relaxed) }
                if item % 7 == 0 { sched_yield() }
                handled.wrappingAdd(1, ordering: .relaxed)
            } whenDiscarded: {
                told.wrappingAdd($0.count, ordering: .relaxed)
            }
        }
        let appended = 50 * 400
        for item in 0..<400 {
            var batch: [any WorkerPool.Work] = []
            for lane in lanes where lane.append(item) { batch.append(lane) }
            pool.schedule(&batch)
        }
        let limit = Duration.microseconds(Int.random(in: 0...3_000, using: &random))
        let outcome = await pool.shutDown(within: limit)
        let toldAtTheEnd = told.load(ordering: .acquiring)
        isOver.store(true, ordering: .releasing)
        #expect(await pool.waitUntilStopped(within: .seconds(60)))
        switch outcome {
        case .drained: #expect(toldAtTheEnd == 0)
        case .left(_, let discardedItems): #expect(toldAtTheEnd == discardedItems)
        }
        #expect(told.load(ordering: .acquiring) == toldAtTheEnd, "somebody was told after the end")
        #expect(handled.load(ordering: .acquiring) + toldAtTheEnd == appended)
        // At most what each worker had begun.
        #expect(begunLate.load(ordering: .acquiring) <= 6)
    }

    /// A lane that is scheduled after the end has its items told, and takes no more.
    @Test func whatComesAfterTheEndIsDiscarded() async throws {
        let pool = try WorkerPool(workers: 1)
        let outcome = await pool.shutDown(within: .seconds(60))
        #expect(outcome == .drained)
        let discarded = Collected<Int>()
        let lane = Lane<Int>(handle: { _ in }, whenDiscarded: { discarded.add(contentsOf: $0) })
        #expect(lane.append(1))
        #expect(!pool.schedule(lane))
        #expect(discarded.all == [1])
        #expect(lane.append(2, byteCount: 0) == .ended)
        #expect(lane.discardedCount == 1 && lane.waitingCount == 0)
    }
}
