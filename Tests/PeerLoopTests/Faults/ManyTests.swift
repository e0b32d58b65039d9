import PeerLoop
import Synchronization
import TestSupport
import Testing

/// Many of everything.
@Suite(.timeLimit(.minutes(2))) struct ManyTests {
    /// Each fires once and not early, and nobody waits for all of them.
    @Test func tenThousandTimers() async throws {
        let fired = Lock<[Int]>([])
        let early = Atomic<Int>(0)
        let progress = AsyncStream.makeStream(of: Int.self)
        try await withLoop { handle in
            try await handle.submit { loop in
                var random = SeededGenerator(seed: 10_000)
                for index in 0..<10_000 {
                    let delay = Duration.microseconds(Int.random(in: -1_000...300_000, using: &random))
                    let due = loop.now.advanced(by: delay)
                    loop.schedule(after: delay) { loop in
                        if loop.now < due { early.wrappingAdd(1, ordering: .relaxed) }
                        let count = fired.withLock { fired in
                            fired.append(index)
                            return fired.count
                        }
                        if count == 10_000 { progress.continuation.yield(count) }
                    }
                }
            }
            for await count in progress.stream where count == 10_000 { break }
            // The figures are those of the tick before.
            for _ in 0..<2 { try await handle.submit { _ in } }
            #expect(fired.value.sorted() == Array(0..<10_000))
            #expect(early.load(ordering: .relaxed) == 0)
            #expect(handle.metrics().timerCount >= 10_000)
            try await handle.expectQuiet("no timer is left")
        }
    }

    /// As above, moved and taken back by the thousand meanwhile.
    @Test func tenThousandDeadlinesOfConnections() async throws {
        let witness = Witness()
        try await withLoop { handle in
            handle.run { loop in
                for index in 0..<1_000 {
                    let handler = WitnessHandler(
                        witness,
                        opened: { connection in
                            // The last one holds.
                            for step in 0..<10 {
                                let delay = Duration.milliseconds((index * 7 + step * 13) % 120 + 1)
                                connection.setDeadline(connection.eventLoop.now + delay)
                                if (index + step) % 3 == 0 { connection.setDeadline(nil) }
                            }
                            connection.setDeadline(
                                index % 2 == 0 ? connection.eventLoop.now + .milliseconds(index % 50) : nil)
                        })
                    loop.attach(MemoryTransport.pair().0, isInbound: false, handler: handler)
                }
            }
            await witness.wait { $0.deadlineCount == 500 }
            try await handle.expectQuiet("no deadline is left")
            #expect(witness.now.deadlineCount == 500)
        }
    }

    @Test func aThousandThreadsSubmit() async throws {
        let sum = Atomic<Int>(0)
        try await withLoop { handle in
            let total = Lock(0)
            try await runOnThreads(1_000) { index in
                for step in 0..<3 {
                    let answer = try? handle.submitAndWait { _ in
                        total.withLock { $0 += 1 }
                        return index * 3 + step
                    }
                    sum.wrappingAdd(answer ?? -1_000_000, ordering: .relaxed)
                }
            }
            #expect(total.value == 3_000)
            #expect(sum.load(ordering: .relaxed) == (0..<3_000).reduce(0, +))
        }
    }

    /// Thousands end at once. They are closed over several ticks, a few in each, and the others are served in between.
    @Test func aStormOfEndsLeavesRoomForTheRest() async throws {
        var configuration = EventLoop.Configuration()
        configuration.closesPerTick = 100
        let closes = TickLog()
        let timers = Lock<Set<UInt64>>([])
        let echo = TickLog()
        let accepted = Lock(0)
        try await LoopFixture.with(
            configuration,
            handler: {
                let isFirst = accepted.withLock { count in
                    count += 1
                    return count == 1
                }
                if isFirst {
                    return TestHandler(
                        Recorder(),
                        onReceive: { bytes, connection in
                            echo.note(connection.eventLoop.tickCount)
                            connection.write(bytes)
                        })
                }
                return Closures(closed: { closes.note($0.eventLoop.tickCount) })
            }
        ) { fixture in
            let port = fixture.port
            let served = try BlockingSocket(port: port)
            try served.send([1])
            #expect(try served.receive(exactly: 1) == [1])
            let count = 3_000
            let clients = Lock<[BlockingSocket]>([])
            try await fixture.blocking {
                try clients.withLock { clients in
                    for _ in 0..<count { clients.append(try BlockingSocket(port: port)) }
                }
            }
            let areAll = try await eventually { try await fixture.handle.submit { $0.connectionCount } == count + 1 }
            #expect(areAll)
            @Sendable func keepTime(_ loop: EventLoop) {
                timers.withLock { _ = $0.insert(loop.tickCount) }
                if loop.connectionCount > 1 { loop.schedule(after: .zero, keepTime) }
            }
            let client = Lock(served)
            let begin = try await fixture.handle.submit { loop in
                // Behind the loop's back, so that it finds all of it at once.
                clients.withLock { clients in
                    for (index, client) in clients.enumerated() {
                        if index % 2 == 0 { client.close() } else { client.reset() }
                    }
                }
                try client.withLock { try $0.send([2]) }
                loop.schedule(after: .zero, keepTime)
                return loop.tickCount
            }
            await closes.wait(for: count)
            #expect(closes.amounts.max() ?? 0 <= 100)
            #expect(closes.amounts.count >= count / 100)
            let answer = try client.withLock { try $0.receive(exactly: 1) }
            #expect(answer == [2])
            let firstEcho = echo.ticks.last ?? .max
            #expect(firstEcho <= begin + 4, "it had to wait for the ends of others")
            let end = closes.ticks.last ?? 0
            let missed = (begin + 2..<end).filter { tick in !timers.withLock { $0.contains(tick) } }
            // A timer that asks for the next tick has it.
            #expect(missed.isEmpty)
            try await fixture.handle.expectConnections(1)
        }
    }
}
