import PeerLoop
import TestSupport
import Testing

/// Each phase of a tick does so much and no more; the rest follows in the next, nothing is lost, and the order stays.
@Suite(.timeLimit(.minutes(2))) struct PhaseBudgetTests {
    @Test func mailboxElementsAreHandedOverInParts() async throws {
        var configuration = EventLoop.Configuration()
        configuration.mailboxElementsPerTick = 3
        let log = TickLog()
        let order = Lock<[Int]>([])
        try await withLoop(configuration) { handle in
            let mailbox = Mailbox<Int>(waker: handle.waker)
            for element in 0..<10 { mailbox.post(element) }
            try await handle.submit { loop in
                loop.attach(mailbox) { loop, elements in
                    order.withLock { $0 += elements }
                    log.note(loop.tickCount, elements.count)
                }
            }
            await log.wait(for: 10)
            #expect(log.amounts == [3, 3, 3, 1])
            #expect(order.withLock { $0 } == Array(0..<10))
            #expect(handle.metrics().budgetHits.mailboxElements >= 3)
            // What comes later is not held up by what was split.
            mailbox.post(10)
            await log.wait(for: 11)
        }
    }

    @Test func whatABudgetLeftInAMailboxIsHandedOverAtTheStop() async throws {
        var configuration = EventLoop.Configuration()
        configuration.mailboxElementsPerTick = 2
        let handle = try EventLoopHandle.start(configuration)
        let seen = Lock<[Int]>([])
        let mailbox = Mailbox<Int>(waker: handle.waker)
        for element in 0..<100 { mailbox.post(element) }
        try await handle.submit { loop in
            loop.attach(mailbox) { _, elements in seen.withLock { $0 += elements } }
            loop.shutdown(within: .zero)
        }
        await handle.shutdown(within: .zero)
        #expect(seen.withLock { $0 } == Array(0..<100))
    }

    @Test func dueTimersFireInParts() async throws {
        var configuration = EventLoop.Configuration()
        configuration.timersPerTick = 4
        let log = TickLog()
        try await withLoop(configuration) { handle in
            try await handle.submit { loop in
                for _ in 0..<10 { loop.schedule(after: .zero) { log.note($0.tickCount) } }
            }
            await log.wait(for: 10)
            #expect(log.amounts == [4, 4, 2])
            #expect(try await handle.submit { _ in true })
            #expect(handle.metrics().budgetHits.timers == 2)
            #expect(handle.metrics().timerCount == 10)
        }
    }

    @Test func connectionsAreWrittenInParts() async throws {
        var configuration = EventLoop.Configuration()
        configuration.flushesPerTick = 4
        let log = TickLog()
        try await withLoop(configuration) { handle in
            try await handle.submit { loop in
                for index in 0..<10 {
                    let (here, _) = MemoryTransport.pair()
                    let handler = Closures(wrote: { count, connection in log.note(connection.eventLoop.tickCount) })
                    let connection = loop.attach(here, isInbound: false, handler: handler)
                    handler.onOpen = { _ in
                        // All of them in the tick in which the last is opened.
                        if index == 9 { loop.forEachConnection { $0.write([1]) } }
                    }
                    _ = connection
                }
            }
            await log.wait(for: 10)
            #expect(log.amounts == [4, 4, 2])
        }
    }

    @Test func closesComeInParts() async throws {
        var configuration = EventLoop.Configuration()
        configuration.closesPerTick = 3
        let log = TickLog()
        try await withLoop(configuration) { handle in
            try await handle.submit { loop in
                for _ in 0..<8 {
                    let (here, _) = MemoryTransport.pair()
                    loop.attach(
                        here, isInbound: false, handler: Closures(closed: { log.note($0.eventLoop.tickCount) }))
                }
                loop.forEachConnection { $0.close() }
            }
            await log.wait(for: 8)
            #expect(log.amounts == [3, 3, 2])
            #expect(try await handle.submit { $0.connectionCount } == 0)
            #expect(handle.metrics().budgetHits.closes == 2)
            #expect(handle.metrics().closedCount == 8)
        }
    }

    @Test func connectionsAreAcceptedInParts() async throws {
        var configuration = EventLoop.Configuration()
        configuration.acceptsPerTick = 2
        let log = TickLog()
        try await withLoop(configuration) { handle in
            let clients = Lock<[BlockingSocket]>([])
            try await handle.submit { loop in
                let acceptor = TestAcceptor {
                    Closures(opened: { log.note($0.eventLoop.tickCount) })
                }
                let listener = try loop.listen(on: SocketAddress(ipv4: 127, 0, 0, 1, port: 0), handler: acceptor)
                // The kernel takes them while the loop is busy here.
                let port = listener.address.port
                try clients.withLock { clients in for _ in 0..<6 { clients.append(try BlockingSocket(port: port)) } }
            }
            await log.wait(for: 6)
            #expect(log.amounts == [2, 2, 2])
            #expect(try await handle.submit { _ in true })
            #expect(handle.metrics().acceptedCount == 6)
            #expect(handle.metrics().budgetHits.accepts >= 2)
            clients.withLock { $0.removeAll() }
        }
    }

    @Test func transportsAreServedInParts() async throws {
        var configuration = EventLoop.Configuration()
        configuration.transportsPerTick = 3
        let log = TickLog()
        try await withLoop(configuration) { handle in
            try await handle.submit { loop in
                for _ in 0..<7 {
                    let (here, _) = MemoryTransport.pair()
                    loop.attach(here, isInbound: false, handler: Closures(opened: { log.note($0.eventLoop.tickCount) }))
                }
            }
            await log.wait(for: 7)
            #expect(log.amounts == [3, 3, 1])
            #expect(try await handle.submit { _ in true })
            #expect(handle.metrics().budgetHits.transports == 2)
        }
    }

    @Test func eventsAreTakenInParts() async throws {
        var configuration = EventLoop.Configuration()
        configuration.eventsPerTick = 2
        let log = TickLog()
        try await LoopFixture.with(
            configuration,
            handler: {
                Closures(received: { count, connection in log.note(connection.eventLoop.tickCount, count) })
            }
        ) { fixture in
            let port = fixture.port
            let sockets = Lock<[BlockingSocket]>([])
            try sockets.withLock { sockets in for _ in 0..<6 { sockets.append(try BlockingSocket(port: port)) } }
            // All of it waits when the loop comes back from this.
            try await fixture.handle.submit { _ in
                try sockets.withLock { for client in $0 { try client.send([1]) } }
            }
            await log.wait(for: 6)
            #expect(log.amounts.allSatisfy { $0 <= 2 })
            #expect(fixture.handle.metrics().budgetHits.events >= 2)
            sockets.withLock { $0.removeAll() }
        }
    }
}
