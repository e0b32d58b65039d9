import PeerLoop
import TestSupport
import Testing

/// One connection moves so many bytes in a tick and no more, so that it cannot starve the others.
@Suite(.timeLimit(.minutes(2))) struct ByteBudgetTests {
    /// Everything waits in the kernel before the loop looks, so the ticks can be counted.
    @Test func aFloodIsReadByItsBudgetWhileTheOthersAreServedInTheSameTicks() async throws {
        var configuration = EventLoop.Configuration()
        configuration.readByteCountPerTick = 1000
        let flood = TickLog()
        let quiet = TickLog()
        let accepted = Lock(0)
        try await LoopFixture.with(
            configuration,
            handler: {
                let isFlood = accepted.withLock { count in
                    count += 1
                    return count == 1
                }
                return Closures(received: { count, connection in
                    (isFlood ? flood : quiet).note(connection.eventLoop.tickCount, count)
                })
            }
        ) { fixture in
            let port = fixture.port
            let clients = Lock<[BlockingSocket]>([])
            try clients.withLock { clients in for _ in 0..<6 { clients.append(try BlockingSocket(port: port)) } }
            #expect(try await eventually { try await fixture.handle.submit { $0.connectionCount } == 6 })
            try await fixture.handle.submit { _ in
                try clients.withLock { clients in
                    try clients[0].send([UInt8](repeating: 1, count: 10_000))
                    for client in clients.dropFirst() { try client.send([1]) }
                }
            }
            await flood.wait(for: 10_000)
            await quiet.wait(for: 5)
            #expect(flood.amounts == Array(repeating: 1000, count: 10))
            #expect(quiet.amounts == [5], "all of them in one tick")
            #expect(fixture.handle.metrics().budgetHits.reads >= 9)
            clients.withLock { $0.removeAll() }
        }
    }

    @Test func muchIsWrittenByItsBudget() async throws {
        var configuration = EventLoop.Configuration()
        configuration.writeByteCountPerTick = 1000
        let log = TickLog()
        let done = Recorder()
        try await LoopFixture.with(
            configuration,
            handler: {
                Closures(
                    opened: { $0.write([UInt8](repeating: 7, count: 4500)) { _ in done.record(.deadline) } },
                    wrote: { count, connection in log.note(connection.eventLoop.tickCount, count) })
            }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            await log.wait(for: 4500)
            #expect(log.amounts == [1000, 1000, 1000, 1000, 500])
            #expect(await done.wait { $0 == .deadline } == .deadline)
            #expect(try client.receive(exactly: 4500) == [UInt8](repeating: 7, count: 4500))
            #expect(try await fixture.handle.submit { _ in true })
            #expect(fixture.handle.metrics().budgetHits.writes == 4)
            #expect(fixture.handle.metrics().queues.outputBytes == 0)
            client.close()
        }
    }

    /// It is written to after its own event and in the flush phase again; both together keep to the budget.
    @Test func whatIsWrittenTwiceInATickIsWithinOneBudget() async throws {
        var configuration = EventLoop.Configuration()
        configuration.writeByteCountPerTick = 1000
        let log = TickLog()
        try await LoopFixture.with(
            configuration,
            handler: {
                TestHandler(
                    Recorder(),
                    onReceive: { _, connection in
                        connection.write([UInt8](repeating: 1, count: 600))
                        connection.eventLoop.schedule(after: .zero) { _ in
                            connection.write([UInt8](repeating: 2, count: 700))
                        }
                    },
                    onWrite: { count, connection in log.note(connection.eventLoop.tickCount, count) })
            }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            try client.send([1])
            let expected = [UInt8](repeating: 1, count: 600) + [UInt8](repeating: 2, count: 700)
            #expect(try client.receive(exactly: 1300) == expected)
            await log.wait(for: 1300)
            #expect(log.amounts.allSatisfy { $0 <= 1000 })
            client.close()
        }
    }

    /// What is written while its own event is handled goes out when the handler returns, not when the tick ends.
    @Test func anAnswerGoesOutInTheTickOfItsQuestion() async throws {
        let asked = TickLog()
        let answered = TickLog()
        try await LoopFixture.with(handler: {
            TestHandler(
                Recorder(),
                onReceive: { bytes, connection in
                    asked.note(connection.eventLoop.tickCount)
                    connection.write(bytes)
                    // Nothing has gone out yet: it is gathered until the handler returns.
                    #expect(connection.pendingByteCount == bytes.byteCount)
                    connection.eventLoop.schedule(after: .zero) { loop in
                        if connection.pendingByteCount == 0 { answered.note(loop.tickCount) }
                    }
                })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            try client.send([1, 2, 3])
            #expect(try client.receive(exactly: 3) == [1, 2, 3])
            await answered.wait(for: 1)
            #expect(asked.amounts == [1])
            client.close()
        }
    }

    /// A large answer goes out from where it lies; what the kernel does not take, and what follows, keeps its order.
    @Test func aLargeAnswerIsSentAtOnceWithinTheBudget() async throws {
        var configuration = EventLoop.Configuration()
        configuration.writeByteCountPerTick = 50_000
        let log = TickLog()
        let message = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        try await LoopFixture.with(
            configuration,
            handler: {
                TestHandler(
                    Recorder(),
                    onReceive: { _, connection in
                        let before = connection.sentByteCount
                        connection.write(message.span.bytes)
                        connection.write([1, 2, 3])
                        #expect(connection.sentByteCount - before <= 50_000)
                        #expect(Int(connection.sentByteCount - before) + connection.pendingByteCount == 200_003)
                    },
                    onWrite: { count, connection in log.note(connection.eventLoop.tickCount, count) })
            }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            try client.send([1])
            #expect(try client.receive(exactly: 200_003) == message + [1, 2, 3])
            await log.wait(for: 200_003)
            #expect(log.amounts.allSatisfy { $0 <= 50_000 })
            #expect(try await fixture.handle.submit { _ in true })
            #expect(fixture.handle.metrics().sentByteCount == 200_003)
            #expect(fixture.handle.metrics().queues.outputBytes == 0)
        }
    }

    @Test func aLargeAnswerToAPeerThatIsGoneFailsLikeAnyOther() async throws {
        let recorder = Recorder()
        let message = [UInt8](repeating: 7, count: 1 << 20)
        try await LoopFixture.with(handler: {
            TestHandler(recorder, onReceive: { _, connection in connection.write(message.span.bytes) })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port, receiveBuffer: 4096)
            try client.send([1])
            _ = try client.receive(upTo: 1)
            client.reset()
            guard case .failed(let error)? = await recorder.waitForClose() else {
                Issue.record("the reset was not reported")
                return
            }
            #expect(error.isReset)
            // Told of in the midst of a tick, at whose end the figures are.
            try await fixture.handle.submit { _ in }
            #expect(fixture.handle.metrics().queues.outputBytes == 0)
        }
    }
}
