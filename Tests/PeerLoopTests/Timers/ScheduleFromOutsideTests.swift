import Foundation
import Synchronization
import Testing

@testable import PeerLoop

@Suite(.timeLimit(.minutes(2))) struct ScheduleFromOutsideTests {
    @Test func aJobFromOutsideRunsInItsTime() async throws {
        let handle = try EventLoopHandle.start()
        // Each delay counts from its own call, between which a busy machine may take its time: then with longer ones.
        for scale in [1, 10, 100] {
            if try await runInTheirTime(scale, on: handle) { break }
            #expect(scale < 100)
        }
        await handle.shutdown(within: .zero)
    }

    /// False when the calls took so long that their order says nothing.
    private func runInTheirTime(_ scale: Int, on handle: EventLoopHandle) async throws -> Bool {
        let start = ContinuousClock.now
        var spent = Duration.zero
        let order: [Int] = await withCheckedContinuation { continuation in
            let order = Lock<[Int]>([])
            for delay in [20 * scale, 0, 10 * scale] {
                handle.schedule(after: .milliseconds(delay)) { loop in
                    if loop.now < start + .milliseconds(delay) { order.withLock { $0.append(-1) } }
                    let all = order.withLock { order in
                        order.append(delay)
                        return order
                    }
                    if all.count == 3 { continuation.resume(returning: all) }
                }
            }
            spent = start.duration(to: .now)
        }
        #expect(!order.contains(-1))
        guard spent < .milliseconds(10 * scale) else { return false }
        #expect(order == [0, 10 * scale, 20 * scale])
        return true
    }

    /// Each job either runs or is taken back, and both sides agree on which.
    @Test func cancellingFromOtherThreadsIsExact() async throws {
        let handle = try EventLoopHandle.start()
        let count = 4_000
        let ran = (0..<count).map { _ in Flag() }
        var jobs: [ScheduledJobHandle] = []
        for index in 0..<count {
            jobs.append(
                handle.schedule(after: .microseconds(index % 2_000)) { _ in
                    #expect(!ran[index].exchange(true))
                })
        }
        let all = jobs
        let cancelled: [Bool] = try await withThrowingTaskGroup(of: [(Int, Bool)].self) { group in
            for part in 0..<4 {
                group.addTask {
                    try await runBlocking {
                        stride(from: part, to: count, by: 4).reversed().map { ($0, all[$0].cancel()) }
                    }
                }
            }
            var outcomes = [Bool](repeating: false, count: count)
            for try await part in group { for (index, outcome) in part { outcomes[index] = outcome } }
            return outcomes
        }
        // Until all that was not cancelled has run.
        await withCheckedContinuation { continuation in
            handle.schedule(after: .milliseconds(5)) { _ in continuation.resume() }
        }
        for index in 0..<count {
            #expect(ran[index].isSet != cancelled[index])
            #expect(!all[index].cancel(), "cancelled twice, or after it ran")
        }
        #expect(try await handle.submit { $0.timers.armedCount } == 0, "a timer stays")
        await handle.shutdown(within: .zero)
    }

    @Test func aJobIsLetGoWhenItIsCancelled() async throws {
        final class Held: Sendable {
            let gone: AsyncStream<Void>.Continuation
            init(_ gone: AsyncStream<Void>.Continuation) { self.gone = gone }
            deinit { gone.yield() }
        }
        let handle = try EventLoopHandle.start()
        let gone = AsyncStream.makeStream(of: Void.self)
        let job = { [held = Held(gone.continuation)] in
            handle.schedule(after: .seconds(3_600)) { _ in _ = held }
        }()
        #expect(try await handle.submit { $0.timers.armedCount } == 1)
        #expect(job.cancel())
        var ends = gone.stream.makeAsyncIterator()
        #expect(await ends.next() != nil)
        await handle.shutdown(within: .zero)
    }

    /// Nobody waits for ever: whatever was submitted runs, or its caller is told.
    @Test func aThousandThreadsSubmitWhileTheLoopStops() async throws {
        let handle = try EventLoopHandle.start()
        let threadCount = 1_000
        let perThread = 20
        let ran = Atomic<Int>(0)
        let answered = Atomic<Int>(0)
        let refused = Atomic<Int>(0)
        let isOutOfOrder = Flag()
        let ended = Latch()
        let left = Atomic<Int>(threadCount)
        for _ in 0..<threadCount {
            let thread = Thread {
                var last = 0
                for number in 1...perThread {
                    do {
                        let value = try handle.submitAndWait { loop in
                            _ = ran.wrappingAdd(1, ordering: .relaxed)
                            // Half of them are in when the loop begins to stop.
                            if ran.load(ordering: .relaxed) == threadCount * perThread / 2 {
                                loop.shutdown(within: .zero)
                            }
                            return number
                        }
                        if value != last + 1 { _ = isOutOfOrder.exchange(true) }
                        last = value
                        answered.wrappingAdd(1, ordering: .relaxed)
                    } catch {
                        refused.wrappingAdd(1, ordering: .relaxed)
                    }
                }
                if left.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 { ended.open() }
            }
            thread.stackSize = 256 << 10
            thread.start()
        }
        await ended.whenOpen()
        await handle.shutdown(within: .zero)
        let counts = (ran.load(ordering: .relaxed), answered.load(ordering: .relaxed), refused.load(ordering: .relaxed))
        #expect(counts.0 == counts.1)
        #expect(counts.1 + counts.2 == threadCount * perThread)
        #expect(counts.1 >= threadCount * perThread / 2 && counts.2 > 0)
        #expect(!isOutOfOrder.isSet)
    }

    @Test func aThreadsJobsRunInOrder() async throws {
        let handle = try EventLoopHandle.start()
        let seen: [Int] = try await {
            let seen = Lock<[Int]>([])
            for number in 0..<10_000 { handle.run { _ in seen.withLock { $0.append(number) } } }
            return try await handle.submit { _ in seen.withLock { $0 } }
        }()
        #expect(seen == Array(0..<10_000))
        await handle.shutdown(within: .zero)
    }

    @Test func errorsAreTyped() async throws {
        let handle = try EventLoopHandle.start()
        let error = SystemError(.bind, code: 98)
        #expect(try await handle.submit(throwing: SystemError.self) { _ throws(SystemError) in 7 } == 7)
        await #expect(throws: SubmitError.failed(error)) {
            try await handle.submit(throwing: SystemError.self) { _ throws(SystemError) in throw error }
        }
        await handle.shutdown(within: .zero)
        await #expect(throws: SubmitError<SystemError>.loopStopped) {
            try await handle.submit(throwing: SystemError.self) { _ throws(SystemError) in }
        }
    }
}
