import Testing

@testable import PeerLoop

/// A note that a test takes on a loop's thread.
private final class Notes<Value> {
    var all: [Value] = []
}

@Suite(.timeLimit(.minutes(1))) struct ScheduleTests {
    private func withLoop<Value: Sendable>(
        _ body: @escaping @Sendable (EventLoop, CheckedContinuation<Value, Never>) -> Void
    ) async throws -> Value {
        let handle = try EventLoopHandle.start()
        let value = await withCheckedContinuation { continuation in
            handle.run { body($0, continuation) }
        }
        await handle.shutdown(within: .zero)
        return value
    }

    @Test func tenThousandTimersFireOnceInOrderAndNeverEarly() async throws {
        struct Firing: Sendable {
            let index: Int
            let deadline: ContinuousClock.Instant
            let time: ContinuousClock.Instant
        }
        let (start, firings): (ContinuousClock.Instant, [Firing]) = try await withLoop { loop, continuation in
            let start = loop.now
            var random = SeededGenerator(seed: 1)
            let notes = Notes<Firing>()
            let count = 10_000
            for index in 0..<count {
                let deadline = start + .microseconds(Int.random(in: -1_000..<300_000, using: &random))
                loop.schedule(at: deadline) { _ in
                    notes.all.append(Firing(index: index, deadline: deadline, time: .now))
                    if notes.all.count == count { continuation.resume(returning: (start, notes.all)) }
                }
            }
        }
        #expect(Set(firings.map(\.index)).count == 10_000)
        #expect(firings.allSatisfy { $0.time >= $0.deadline })
        // What had passed when it was scheduled comes first, in the order of scheduling.
        let late = firings.prefix { $0.deadline <= start }
        #expect(zip(late, late.dropFirst()).allSatisfy { $0.index < $1.index })
        var last = start
        for firing in firings[late.count...] {
            #expect(firing.deadline >= last - .nanoseconds(TimerQueue.resolution))
            last = max(last, firing.deadline)
        }
    }

    @Test func oneCallbackCancelsAnotherThatIsDueAtTheSameMoment() async throws {
        let (ran, outcomes): ([Int], [Bool]) = try await withLoop { loop, continuation in
            let ran = Notes<Int>()
            let outcomes = Notes<Bool>()
            let jobs = Notes<ScheduledJob>()
            let instant = loop.now + .milliseconds(2)
            for index in 0..<1_000 {
                jobs.all.append(
                    loop.schedule(at: instant) { loop in
                        ran.all.append(index)
                        // Itself, the one after it, the one before it, and the one after it again.
                        for other in [index, index + 1, index - 1, index + 1] where jobs.all.indices.contains(other) {
                            outcomes.all.append(loop.cancel(jobs.all[other]))
                        }
                    })
            }
            loop.schedule(at: instant + .milliseconds(1)) { _ in
                continuation.resume(returning: (ran.all, outcomes.all))
            }
        }
        #expect(ran == Array(stride(from: 0, to: 1_000, by: 2)))
        #expect(outcomes.filter { $0 }.count == 500)
        // Those of the second job that ran: itself, its successor, its predecessor, its successor once more.
        #expect(Array(outcomes[3..<7]) == [false, true, false, false])
    }

    @Test func aJobThatSchedulesItselfLeavesTheLoopToOthers() async throws {
        let (ticks, others): ([UInt64], Int) = try await withLoop { loop, continuation in
            let ticks = Notes<UInt64>()
            let others = Notes<Void>()
            func again(_ loop: EventLoop) {
                ticks.all.append(loop.tickCount)
                if ticks.all.count == 1_000 {
                    continuation.resume(returning: (ticks.all, others.all.count))
                    return
                }
                loop.handle.run { _ in }
                loop.schedule(after: .seconds(-1), again)
            }
            loop.atTickEnd { _ in others.all.append(()) }
            loop.schedule(after: .zero, again)
        }
        #expect(Set(ticks).count == 1_000, "it ran twice in a tick")
        #expect(others >= 999)
    }

    /// The handle of a job that is over names no other, though its timer is used again.
    @Test func aJobThatIsOverIsNoOther() async throws {
        let (outcomes, ran): ([Bool], Int) = try await withLoop { loop, continuation in
            let outcomes = Notes<Bool>()
            let ran = Notes<Void>()
            let first = loop.schedule(after: .seconds(100)) { _ in ran.all.append(()) }
            outcomes.all.append(loop.cancel(first))
            let second = loop.schedule(after: .zero) { loop in
                ran.all.append(())
                outcomes.all.append(loop.cancel(first))
                continuation.resume(returning: (outcomes.all, ran.all.count))
            }
            outcomes.all.append(second.timer == first.timer && second != first)
            outcomes.all.append(loop.cancel(first))
        }
        #expect(outcomes == [true, true, false, false])
        #expect(ran == 1)
    }

    @Test func aJobOfAnotherLoopIsNotCancelled() async throws {
        let first = try EventLoopHandle.start()
        let second = try EventLoopHandle.start()
        let jobs = try await (
            first.submit { loop in loop.schedule(after: .seconds(100)) { _ in } },
            second.submit { loop in loop.schedule(after: .seconds(100)) { _ in } }
        )
        #expect(jobs.0.timer == jobs.1.timer)
        #expect(try await first.submit { $0.cancel(jobs.1) } == false)
        #expect(try await first.submit { $0.cancel(jobs.0) })
        await first.shutdown(within: .zero)
        await second.shutdown(within: .zero)
    }

    /// The wait is as long as it takes, and no second one is needed.
    @Test func aJobTakesOneTick() async throws {
        let ticks: UInt64 = try await withLoop { loop, continuation in
            let start = loop.tickCount
            loop.schedule(after: .milliseconds(30)) { continuation.resume(returning: $0.tickCount - start) }
        }
        // One more for whatever else may wake a thread.
        #expect((1...2).contains(ticks))
    }

    @Test func noDelayIsTooLongOrTooShort() async throws {
        let order: [Int] = try await withLoop { loop, continuation in
            let order = Notes<Int>()
            let never: [Duration] = [.seconds(Int64.max), .nanoseconds(Int64.max), .seconds(1 << 40)]
            for delay in never { loop.schedule(after: delay) { _ in order.all.append(-1) } }
            loop.schedule(every: .seconds(Int64.max), startingAfter: .zero) { _, _ in order.all.append(1) }
            loop.schedule(at: loop.now - .seconds(1 << 40)) { _ in order.all.append(2) }
            loop.schedule(after: .seconds(Int64.min / 2)) { _ in order.all.append(3) }
            loop.schedule(after: .milliseconds(3)) { loop in
                order.all.append(loop.timers.armedCount)
                continuation.resume(returning: order.all)
            }
        }
        #expect(order == [1, 2, 3, 4])
    }
}

@Suite(.timeLimit(.minutes(1))) struct RepeatedScheduleTests {
    /// Where the next runs are, after late ones.
    @Test(arguments: [
        (0, 0, 10), (0, 9, 10), (0, 10, 20), (5, 24, 25), (5, 25, 35), (7, 1_000_006, 1_000_007),
        (3, 1 << 40, (1 << 40) + 7),
    ])
    func whatPassesMeanwhileIsLeftOut(deadline: Int64, now: Int64, next: Int64) {
        let job = Job(number: 1, body: .every(interval: 10) { _, _ in }, onDrop: nil, deadline: deadline)
        job.skip(10, past: now)
        #expect(job.deadline == next)
    }

    @Test func anIntervalBeyondAllTimeIsNeverOver() {
        let job = Job(number: 1, body: .every(interval: .max) { _, _ in }, onDrop: nil, deadline: 5)
        job.skip(.max, past: 7)
        #expect(job.deadline == .max)
    }

    @Test func itKeepsToItsInstantsAndEndsItself() async throws {
        let handle = try EventLoopHandle.start()
        let interval = Duration.milliseconds(2)
        let (runs, isOver): ([Duration], Bool) = await withCheckedContinuation { continuation in
            handle.run { loop in
                let start = loop.now
                var runs: [Duration] = []
                loop.schedule(every: interval) { loop, job in
                    // The next one is a whole number of intervals behind the first, too.
                    let next = loop.timers.armedDeadline(of: job.timer) ?? 0
                    let offset = start.duration(to: loop.clock.instant(atNanoseconds: next))
                    if offset.attoseconds % interval.attoseconds != 0 { runs.append(.zero) }
                    runs.append(start.duration(to: loop.now))
                    // A run that takes ten intervals is followed by one, not by ten.
                    let end = loop.elapsedNanoseconds + 20_000_000
                    while runs.count % 10 == 5, loop.elapsedNanoseconds < end {}
                    if runs.count == 30 {
                        let isOver = loop.cancel(job) && !loop.cancel(job) && loop.timers.armedCount == 0
                        continuation.resume(returning: (runs, isOver))
                    }
                }
            }
        }
        #expect(isOver)
        let numbers = runs.map { Int($0 / interval) }
        #expect(numbers.allSatisfy { $0 > 0 })
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }, "two runs for one instant: \(numbers)")
        await handle.shutdown(within: .zero)
    }

    @Test func itMayStartAtOnceAndIsTakenBackFromOutside() async throws {
        let handle = try EventLoopHandle.start()
        let runs = AsyncStream.makeStream(of: Int.self)
        let job = try await handle.submit { loop in
            var count = 0
            return loop.schedule(every: .milliseconds(1), startingAfter: .zero) { _, _ in
                count += 1
                runs.continuation.yield(count)
            }
        }
        var iterator = runs.stream.makeAsyncIterator()
        for number in 1...5 { #expect(await iterator.next() == number) }
        #expect(try await handle.submit { $0.cancel(job) })
        #expect(try await handle.submit { $0.cancel(job) || $0.timers.armedCount > 0 } == false)
        await handle.shutdown(within: .zero)
    }
}
