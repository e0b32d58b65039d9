import PeerLoop
import TestSupport
import Testing

/// What would stop a loop, or let it run wild, is not taken at its word.
@Suite(.timeLimit(.minutes(1))) struct ConfigurationTests {
    @Test(arguments: [0, -1, Int.min, Int.max]) func budgetsOfNothingAndOfEverythingWork(_ budget: Int) async throws {
        var configuration = EventLoop.Configuration()
        configuration.readByteCountPerTick = budget
        configuration.directReadByteCountPerTick = budget
        configuration.writeByteCountPerTick = budget
        configuration.eventsPerTick = budget
        configuration.acceptsPerTick = budget
        configuration.timersPerTick = budget
        configuration.mailboxElementsPerTick = budget
        configuration.transportsPerTick = budget
        configuration.flushesPerTick = budget
        configuration.closesPerTick = budget
        configuration.pooledOutputQueues = budget
        configuration.acceptBackOff = .seconds(budget)
        configuration.memoryReturnDelay = .seconds(budget)
        let witness = Witness()
        try await LoopFixture.with(
            configuration,
            handler: { WitnessHandler(witness, received: { $1.write($0) }) }
        ) { fixture in
            let port = fixture.port
            try await runOnThreads(3) { _ in
                let isRight = try? EchoClient.exchange(pattern(300), port: port, piece: 30)
                #expect(isRight == true)
            }
            try await fixture.handle.expectQuiet()
            let (here, there) = MemoryTransport.pair()
            try await fixture.handle.submit { loop in
                loop.attach(here, isInbound: false, handler: WitnessHandler(witness, opened: { $0.write([1, 2, 3]) }))
                loop.schedule(after: .zero) { _ in }
            }
            await witness.wait { $0.openedCount == 4 }
            _ = there
        }
        #expect(witness.now.closes.count == 4)
    }
    @Test(arguments: [0, -1, Int.max]) func budgetsOfDirectReadsToo(_ budget: Int) async throws {
        var configuration = EventLoop.Configuration()
        configuration.directReadByteCountPerTick = budget
        let witness = Witness()
        try await LoopFixture.with(configuration, handler: { DirectReader(witness) }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            try client.send(pattern(500))
            client.close()
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(cause == .endOfStream)
            #expect(witness.now.bytes == pattern(500))
        }
    }
}
