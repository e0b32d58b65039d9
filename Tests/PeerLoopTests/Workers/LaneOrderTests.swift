import Glibc
import PeerLoop
import Synchronization
import Testing

/// Order within a lane, whatever the schedule.
@Suite(.timeLimit(.minutes(2))) struct LaneOrderTests {
    private struct Item: Sendable {
        let thread: Int
        let number: Int
    }

    /// Checks each appender's order, and that nobody else is in the handler.
    private final class Watched: Sendable {
        private let next: Lock<[Int]>
        private let inside = Atomic<Int>(0)
        let mistakes = Atomic<Int>(0)
        let handled = Atomic<Int>(0)

        init(threads: Int) {
            next = Lock([Int](repeating: 0, count: threads))
        }

        func handle(_ item: Item) {
            if inside.wrappingAdd(1, ordering: .relaxed).newValue != 1 { mistakes.wrappingAdd(1, ordering: .relaxed) }
            next.withLock { next in
                if next[item.thread] != item.number { mistakes.wrappingAdd(1, ordering: .relaxed) }
                next[item.thread] = item.number + 1
            }
            inside.wrappingSubtract(1, ordering: .relaxed)
            handled.wrappingAdd(1, ordering: .relaxed)
        }
    }

    /// Threads append to lanes drawn from a seed, and schedule them in batches, while the pool grows and shrinks.
    @Test(arguments: 1...6) func underContention(seed: UInt64) async throws {
        let pool = try WorkerPool(
            workers: 1 + Int(seed % 3), maximum: 12, growthDelay: .microseconds(200), retirement: .milliseconds(2))
        let threads = 8
        let perThread = 4_000
        let watched = (0..<20).map { _ in Watched(threads: threads) }
        let lanes = watched.enumerated().map { number, watched in
            Lane<Item> { item in
                // Some give their processor away, so that others meet them in the middle.
                if (item.number + number) % 97 == 0 { sched_yield() }
                watched.handle(item)
            }
        }
        let sent = Lock([Int](repeating: 0, count: lanes.count))
        try await onThreads(threads) { thread in
            var random = SeededGenerator(seed: seed << 8 | UInt64(thread))
            var numbers = [Int](repeating: 0, count: lanes.count)
            var batch: [any WorkerPool.Work] = []
            for _ in 0..<perThread {
                let lane = Int.random(in: 0..<lanes.count, using: &random)
                let item = Item(thread: thread, number: numbers[lane])
                numbers[lane] += 1
                if lanes[lane].append(item) { batch.append(lanes[lane]) }
                if Int.random(in: 0..<8, using: &random) == 0 { pool.schedule(&batch) }
                if Int.random(in: 0..<500, using: &random) == 0 { sched_yield() }
            }
            pool.schedule(&batch)
            sent.withLock { sent in
                for (lane, count) in numbers.enumerated() { sent[lane] += count }
            }
        }
        await end(pool)
        #expect(watched.map { $0.handled.load(ordering: .relaxed) } == sent.withLock { $0 }, "seed \(seed)")
        #expect(watched.allSatisfy { $0.mistakes.load(ordering: .relaxed) == 0 }, "seed \(seed)")
    }

    @Test func aThousandThreadsAppend() async throws {
        let pool = try WorkerPool(workers: 2, maximum: 4)
        let threads = 1_000
        let watched = (0..<7).map { _ in Watched(threads: threads) }
        let lanes = watched.map { watched in Lane<Item> { watched.handle($0) } }
        try await onThreads(threads) { thread in
            for number in 0..<20 {
                for lane in lanes where lane.append(Item(thread: thread, number: number)) { pool.schedule(lane) }
            }
        }
        await end(pool)
        #expect(watched.allSatisfy { $0.handled.load(ordering: .relaxed) == threads * 20 })
        #expect(watched.allSatisfy { $0.mistakes.load(ordering: .relaxed) == 0 })
    }

    /// More than a turn's items, and items that come while the lane runs: others get their turn between.
    @Test func aLongLaneGivesWay() async throws {
        let pool = try WorkerPool(workers: 1)
        let log = Collected<Int>()
        let blockers = Blockers()
        blockers.block(pool, times: 1)
        try await until { blockers.count == 1 }
        let lanes = (0..<2).map { number in Lane<Int> { _ in log.add(number) } }
        for lane in lanes {
            for item in 0..<3 * Lane<Int>.itemsPerTurn where lane.append(item) { pool.schedule(lane) }
        }
        blockers.letGo()
        await end(pool)
        let turns = [0, 1, 0, 1, 0, 1].flatMap { Array(repeating: $0, count: Lane<Int>.itemsPerTurn) }
        #expect(log.all == turns)
    }

    /// Pieces of work are taken in the order in which they were scheduled, alone, in small batches and in large ones.
    @Test(arguments: [1, 16, 17, 63, 64, 65, 1_000]) func workIsTakenInOrder(_ batchCount: Int) async throws {
        let pool = try WorkerPool(workers: 1)
        let blockers = Blockers()
        blockers.block(pool, times: 1)
        try await until { blockers.count == 1 }
        let log = Collected<Int>()
        var number = 0
        func next() -> Lane<Int> {
            let lane = Lane<Int> { log.add($0) }
            _ = lane.append(number)
            number += 1
            return lane
        }
        for _ in 0..<5 {
            for _ in 0..<3 { pool.schedule(next()) }
            var batch: [any WorkerPool.Work] = (0..<batchCount).map { _ in next() }
            #expect(pool.schedule(&batch))
            #expect(batch.isEmpty)
        }
        blockers.letGo()
        await end(pool)
        #expect(log.all == Array(0..<number))
    }
}
