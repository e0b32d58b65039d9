import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct MetricsTests {
    @Test func anEchoIsCounted() async throws {
        try await LoopFixture.with(handler: { TestHandler(Recorder(), onReceive: { $1.write($0) }) }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            try client.send([UInt8](repeating: 1, count: 5000))
            _ = try client.receive(exactly: 5000)
            client.close()
            // The figures of one tick are published one after the other.
            #expect(await eventually { fixture.handle.metrics().closedCount == 1 })
            try await fixture.handle.submit { _ in }
            let isWhole = await eventually {
                let metrics = fixture.handle.metrics()
                return metrics.tickDurations.count == metrics.tickCount
            }
            #expect(isWhole)
            let metrics = fixture.handle.metrics()
            #expect(metrics.acceptedCount == 1)
            #expect(metrics.receivedByteCount == 5000)
            #expect(metrics.sentByteCount == 5000)
            #expect(metrics.queues.connections == 0)
            #expect(metrics.queues.outputBytes == 0)
            #expect(metrics.eventCount >= 3)
            #expect(metrics.tickCount >= 3)
            #expect(metrics.tickDurations.count == metrics.tickCount)
            #expect(metrics.busyTime > .zero)
            #expect(metrics.longestTick <= metrics.busyTime)
            #expect(metrics.tickDurations.quantile(1) * 2 >= metrics.longestTick)
        }
    }

    /// A loop that is awake need not be woken; sooner or later it is found asleep.
    @Test func wakeUpsAreCounted() async throws {
        try await withLoop { handle in
            let isWoken = try await eventually {
                try await handle.submit { _ in }
                return handle.metrics().wakeUpCount >= 3
            }
            #expect(isWoken)
        }
    }

    @Test func whatWaitsIsSeenWhileItWaits() async throws {
        try await withLoop { handle in
            try await handle.submit { loop in
                let (here, _) = MemoryTransport.pair(capacity: 1)
                loop.attach(here, isInbound: false, handler: Closures(opened: { $0.write([1, 2, 3, 4, 5]) }))
                loop.schedule(after: .seconds(3600)) { _ in }
            }
            #expect(await eventually { handle.metrics().queues.outputBytes == 4 })
            try await handle.submit { _ in }
            #expect(handle.metrics().queues.connections == 1)
            #expect(handle.metrics().queues.timers == 1)
            try await handle.submit { loop in loop.forEachConnection { $0.close() } }
            #expect(await eventually { handle.metrics().queues.connections == 0 })
            try await handle.submit { _ in }
            #expect(handle.metrics().queues.outputBytes == 0, "what a closed connection had waiting waits no more")
        }
    }

    @Test func refusalsAreCounted() async throws {
        try await LoopFixture.with(handler: { nil }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            #expect(try client.receive().isEmpty)
            #expect(try await fixture.handle.submit { _ in true })
            #expect(fixture.handle.metrics().refusedCount == 1)
            #expect(fixture.handle.metrics().acceptedCount == 0)
        }
    }

    /// A burst leaves pages behind, which go back once it is over; a loop that did little has nothing to give.
    @Test func memoryIsGivenBackAfterABurst() async throws {
        var configuration = EventLoop.Configuration()
        configuration.memoryReturnDelay = .milliseconds(5)
        configuration.writeLimits = .unlimited
        try await withLoop(configuration) { handle in
            try await handle.submit { loop in
                let (here, _) = MemoryTransport.pair(capacity: 1)
                loop.attach(
                    here, isInbound: false,
                    handler: Closures(opened: { $0.write([UInt8](repeating: 1, count: 4 << 20)) }))
                loop.schedule(after: .milliseconds(20)) { loop in loop.forEachConnection { $0.close() } }
            }
            #expect(await eventually { handle.metrics().memoryReturnCount == 1 })
            #expect(handle.metrics().queues.timers == 0, "nothing wakes an idle loop")
        }
    }

    @Test func aLittleTrafficLeavesNothingToGiveBack() async throws {
        var configuration = EventLoop.Configuration()
        configuration.memoryReturnDelay = .milliseconds(1)
        try await LoopFixture.with(configuration, handler: { TestHandler(Recorder(), onReceive: { $1.write($0) }) }) {
            let client = try BlockingSocket(port: $0.port)
            for _ in 0..<20 {
                try client.send([1, 2, 3])
                _ = try client.receive(exactly: 3)
            }
            #expect($0.handle.metrics().memoryReturnCount == 0)
            #expect($0.handle.metrics().queues.timers == 0)
        }
    }

    @Test func sumsAddUp() {
        var one = LoopMetrics()
        one.tickCount = 3
        one.longestTick = .seconds(2)
        one.budgetHits.writes = 1
        one.queues.outputBytes = 10
        var other = one
        other.longestTick = .seconds(5)
        other.busyTime = .seconds(7)
        let sum = one + other
        #expect(sum.tickCount == 6)
        #expect(sum.budgetHits.writes == 2)
        #expect(sum.queues.outputBytes == 20)
        #expect(sum.longestTick == .seconds(5))
        #expect(sum.busyTime == .seconds(7))
    }
}
