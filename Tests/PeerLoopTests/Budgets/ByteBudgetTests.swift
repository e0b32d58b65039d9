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
}
