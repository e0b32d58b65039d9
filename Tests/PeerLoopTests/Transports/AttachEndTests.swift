import PeerLoop
import Synchronization
import Testing

/// How connections on transports end, and what a tick does for them at most.
@Suite(.timeLimit(.minutes(2))) struct AttachEndTests {
    private func budget(read: Int = 64 << 10, write: Int = 1 << 20) -> EventLoop.Configuration {
        var configuration = EventLoop.Configuration()
        configuration.readByteCountPerTick = read
        configuration.writeByteCountPerTick = write
        return configuration
    }

    @Test func aTickReadsItsBudgetAndGoesOnInTheNext() async throws {
        let (here, there) = MemoryTransport.pair(capacity: 1000)
        let perTick = Lock<[UInt64: Int]>([:])
        let recorder = Recorder()
        #expect(there.write(pattern(1000)) == .taken(1000))
        try await TwoLoops.with(budget(read: 30), shared: true) { loops in
            loops.first.run { loop in
                let handler = TestHandler(
                    recorder,
                    onReceive: { bytes, connection in
                        let tick = connection.eventLoop.tickCount
                        let count = bytes.byteCount
                        perTick.withLock { $0[tick, default: 0] += count }
                    })
                loop.attach(here, isInbound: false, handler: handler)
            }
            #expect(await recorder.receive(1000) == pattern(1000))
            #expect(perTick.withLock { $0.values.max() } == 30)
        }
    }

    @Test func aTickWritesItsBudgetAndGoesOnInTheNext() async throws {
        let (here, there) = MemoryTransport.pair(capacity: 1 << 20)
        let recorder = Recorder()
        try await TwoLoops.with(budget(write: 70), shared: true) { loops in
            loops.first.run { loop in
                let handler = TestHandler(recorder, onOpen: { $0.write(pattern(5000)) })
                loop.attach(here, isInbound: false, handler: handler)
            }
            var written = 0
            while written < 5000 {
                guard case .wrote(let count)? = await recorder.wait({ $0 != .opened }) else { break }
                #expect(count <= 70)
                written += count
            }
            #expect(there.read() == pattern(5000))
        }
    }

    @Test func closedBeforeItOpenedItIsNeverStarted() async throws {
        let transport = CountingTransport(MemoryTransport.pair().0)
        let recorder = Recorder()
        try await TwoLoops.with(shared: true) { loops in
            loops.first.run { $0.attach(transport, isInbound: true, handler: TestHandler(recorder)).close() }
            #expect(await recorder.wait { _ in true } == .closed(.closedLocally))
        }
        #expect(transport.starts.load(ordering: .relaxed) == 0)
        #expect(transport.closes.load(ordering: .relaxed) == 1)
    }

    @Test func theTransportIsClosedOnceHoweverItEnds() async throws {
        let ends: [@Sendable (Connection) -> Void] = [
            { $0.close() }, { $0.reset() }, { $0.finish(within: .zero) },
            {
                $0.close()
                $0.close()
                $0.reset()
                $0.finish(within: .zero)
            },
            { _ in },
        ]
        for end in ends {
            let transport = CountingTransport(MemoryTransport.pair().0)
            let recorder = Recorder()
            try await TwoLoops.with(shared: true) { loops in
                loops.first.run { loop in
                    loop.attach(transport, isInbound: true, handler: TestHandler(recorder, onOpen: end))
                }
                _ = await recorder.wait { $0 == .opened }
            }
            #expect(await recorder.waitForClose() != nil)
            #expect(transport.starts.load(ordering: .relaxed) == 1)
            #expect(transport.closes.load(ordering: .relaxed) == 1)
            #expect(transport.shutDowns.load(ordering: .relaxed) <= 1)
            // Nobody is there to hear it any more.
            transport.readiness.withLock { $0 }?.notify()
        }
    }

    @Test func aStaleNoticeDoesNotReachTheNextConnection() async throws {
        let old = CountingTransport(MemoryTransport.pair().0)
        let next = CountingTransport(MemoryTransport.pair().0)
        let recorder = Recorder()
        try await TwoLoops.with(shared: true) { loops in
            loops.first.run { loop in
                loop.attach(old, isInbound: true, handler: TestHandler(recorder, onOpen: { $0.close() }))
            }
            _ = await recorder.waitForClose()
            loops.first.run { $0.attach(next, isInbound: true, handler: TestHandler(recorder)) }
            _ = await recorder.wait { $0 == .opened }
            _ = try await loops.first.submit { $0.tickCount }
            let before = next.reads.load(ordering: .relaxed)
            #expect(before > 0)
            old.readiness.withLock { $0 }?.notify()
            _ = try await loops.first.submit { $0.tickCount }
            #expect(next.reads.load(ordering: .relaxed) == before)
        }
    }

    @Test func aShutdownTellsTheOtherEndGoodbye() async throws {
        let (here, there) = MemoryTransport.pair(capacity: 1 << 20)
        let loop = try EventLoopHandle.start()
        let recorder = Recorder()
        loop.run { loop in
            loop.attach(here, isInbound: false, handler: TestHandler(recorder, onOpen: { $0.write(pattern(100)) }))
        }
        _ = await recorder.wait { $0 == .opened }
        async let ended: Void = loop.shutdown(within: .seconds(30))
        var received: [UInt8] = []
        while there.read(appendingTo: &received) != .endOfStream { await Task.yield() }
        there.close()
        await ended
        #expect(received == pattern(100))
        #expect(await recorder.waitForClose() == .endOfStream)
    }

    @Test(arguments: [0, -1, 4, Int.max])
    func aCountThatCannotBeClosesTheConnection(_ count: Int) async throws {
        let recorder = Recorder()
        try await TwoLoops.with(shared: true) { loops in
            loops.first.run { loop in
                loop.attach(
                    FixedTransport(onWrite: { _ in .taken(count) }), isInbound: false,
                    handler: TestHandler(recorder, onOpen: { $0.write([1, 2, 3]) }))
            }
            guard case .failed(let error)? = await recorder.waitForClose() else {
                Issue.record("it was believed")
                return
            }
            #expect(error.operation == .write)
        }
    }

    @Test func aReadThatBringsNothingIsNoEndAndNoSpin() async throws {
        let recorder = Recorder()
        try await TwoLoops.with(shared: true) { loops in
            loops.first.run { loop in
                loop.attach(
                    FixedTransport(onRead: { .appended }), isInbound: false, handler: TestHandler(recorder))
            }
            _ = await recorder.wait { $0 == .opened }
            try await loops.first.expectQuiet()
            try await loops.first.expectConnections(1)
        }
    }

    @Test func failuresOfTheTransportCloseTheConnectionWithTheirError() async throws {
        let (read, write) = (SystemError(.read, code: 5), SystemError(.write, code: 6))
        for (transport, error) in [
            (FixedTransport(onRead: { .failed(read) }), read),
            (FixedTransport(onWrite: { _ in .failed(write) }), write),
        ] {
            let recorder = Recorder()
            try await TwoLoops.with(shared: true) { loops in
                loops.first.run { loop in
                    let handler = TestHandler(recorder, onOpen: { $0.write([1]) })
                    loop.attach(transport, isInbound: false, handler: handler)
                }
                #expect(await recorder.waitForClose() == .failed(error))
            }
        }
    }

    /// Both ends close at times of their own, over and over: nothing is left, each end hears of it once.
    @Test func closesThatCrossLeaveNothing() async throws {
        try await TwoLoops.with { loops in
            for round in 0..<200 {
                let (first, second) = (Recorder(), Recorder())
                loops.connect(
                    capacity: 1 + round % 7,
                    first: {
                        TestHandler(
                            first, onOpen: { $0.write(pattern(50)) },
                            onReceive: { _, connection in if round % 3 == 0 { connection.close() } })
                    },
                    second: {
                        TestHandler(
                            second, onOpen: { $0.write(pattern(round % 50)) },
                            onReceive: { _, connection in if round % 2 == 0 { connection.reset() } })
                    })
                if round % 5 == 1 { loops.first.run { $0.forEachConnection { $0.close() } } }
                if round % 6 != 0 { loops.second.run { $0.forEachConnection { $0.finish(within: .zero) } } }
                async let firstClose = first.waitForClose()
                async let secondClose = second.waitForClose()
                #expect(await firstClose != nil)
                #expect(await secondClose != nil)
            }
            try await loops.first.expectConnections(0)
            try await loops.second.expectConnections(0)
        }
    }
}
