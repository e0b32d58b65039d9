import PeerLoop
import Synchronization
import Testing

private struct Refusal: Error, Equatable {
    let item: Int
}

/// A listener that blocks or throws hurts only its lane.
@Suite(.timeLimit(.minutes(1))) struct LaneFailureTests {
    @Test func anErrorEndsTheLane() {
        let news = Collected<String>()
        let lane = Lane<Int>(limits: LaneLimits(itemCount: 8)) { item in
            if item == 3 { throw Refusal(item: item) }
            news.add("handled \(item)")
        } whenFailed: {
            news.add("failed: \($0 as? Refusal == Refusal(item: 3))")
        } whenHalfEmpty: { _ in
            news.add("half empty")
        } whenDiscarded: {
            news.add("discarded \($0)")
        }
        for item in 1...6 { _ = lane.append(item, byteCount: 1) }
        #expect(!lane.runOnWorker())
        #expect(news.all == ["handled 1", "handled 2", "failed: true", "discarded [4, 5, 6]"])
        #expect(lane.append(7, byteCount: 1) == .ended)
        #expect(lane.discardedCount == 3, "what is refused stays with the caller")
        #expect(!lane.append(8))
        #expect(news.all.last == "discarded [8]")
        #expect(lane.discardedCount == 4)
        #expect(lane.waitingCount == 0)
        #expect(!lane.runOnWorker())
        #expect(news.count == 5)
    }

    @Test func withoutAnyoneToTellTheDiscardedAreCounted() {
        let failures = Collected<Int>()
        let lane = Lane<Int> { item in
            throw Refusal(item: item)
        } whenFailed: { error in
            if let refusal = error as? Refusal { failures.add(refusal.item) }
        }
        for item in 0..<100 { _ = lane.append(item) }
        #expect(!lane.runOnWorker())
        #expect(!lane.append(100))
        #expect(failures.all == [0])
        #expect(lane.discardedCount == 100)
    }

    /// Half of the lanes fail at some item, a few block, and the rest gets everything in order.
    @Test func othersGoOn() async throws {
        let pool = try WorkerPool(workers: 2, maximum: 8, growthDelay: .milliseconds(1), name: "lanefail")
        let blockers = Blockers()
        let failures = Atomic<Int>(0)
        let discarded = Atomic<Int>(0)
        let lanes = (0..<40).map { number in
            let seen = Collected<Int>()
            let lane = Lane<Int> { item in
                if number % 10 == 5, item == 100 { blockers.block() }
                if number % 2 == 0, item == number * 5 { throw Refusal(item: item) }
                seen.add(item)
            } whenFailed: { _ in
                failures.wrappingAdd(1, ordering: .relaxed)
            } whenDiscarded: {
                discarded.wrappingAdd($0.count, ordering: .relaxed)
            }
            return (lane, seen)
        }
        for item in 0..<1_000 {
            var batch: [any WorkerPool.Work] = []
            for (lane, _) in lanes where lane.append(item) { batch.append(lane) }
            pool.schedule(&batch)
        }
        try await until { blockers.count == 4 }
        for (number, (_, seen)) in lanes.enumerated() where number % 10 != 5 {
            let expected = number % 2 == 0 ? number * 5 : 1_000
            try await until { seen.count == expected }
            #expect(seen.all == Array(0..<expected))
        }
        for number in stride(from: 5, to: 40, by: 10) { #expect(lanes[number].1.count == 100) }
        blockers.letGo()
        await end(pool)
        for number in stride(from: 5, to: 40, by: 10) { #expect(lanes[number].1.all == Array(0..<1_000)) }
        #expect(failures.load(ordering: .relaxed) == 20)
        let handled = (0..<20).reduce(0) { $0 + $1 * 10 }
        #expect(discarded.load(ordering: .relaxed) == 20 * 999 - handled)
    }

    /// An item is gone before `whenLetGo` hears of it, and before the next one is handled.
    @Test func anItemIsLetGoBeforeTheNext() {
        final class Held: Sendable {
            let log: Collected<String>
            init(_ log: Collected<String>) { self.log = log }
            deinit { log.add("gone") }
        }
        let log = Collected<String>()
        let lane = Lane<Held> { held in
            held.log.add("handled")
            return 1
        } whenLetGo: { _ in
            log.add("let go")
        }
        for _ in 0..<3 { _ = lane.append(Held(log)) }
        #expect(!lane.runOnWorker())
        #expect(log.all == Array(repeating: ["handled", "gone", "let go"], count: 3).flatMap(\.self))
    }
}
