import PeerLoop
import TestSupport
import Testing

/// Every byte that has arrived is delivered before the end, whatever went wrong meanwhile.
@Suite(.timeLimit(.minutes(1))) struct TailTests {
    /// How the other side goes once it has sent something.
    enum Going: CaseIterable {
        case inOrder, halfway, reset

        func leave(_ client: BlockingSocket) {
            switch self {
            case .inOrder: client.close()
            case .halfway: client.shutDownWriting()
            case .reset: client.reset()
            }
        }

        func isRight(_ cause: CloseCause?) -> Bool {
            self == .reset ? cause?.isReset == true : cause == .endOfStream
        }
    }

    /// To a handler that begins with reading paused.
    private func sendAndLeave(
        _ tail: [UInt8], _ going: Going, _ fixture: LoopFixture, _ witness: Witness
    ) async throws {
        let client = try BlockingSocket(port: fixture.port)
        await witness.wait { $0.openedCount == 1 }
        try client.send(tail)
        try client.waitUntilTaken()
        going.leave(client)
    }

    @Test(arguments: Going.allCases, [1, 4_000, 60_000]) func whilePaused(_ going: Going, _ count: Int) async throws {
        let witness = Witness()
        let tail = pattern(count)
        try await LoopFixture.with(handler: {
            WitnessHandler(witness, opened: { $0.pauseReading() })
        }) { fixture in
            try await sendAndLeave(tail, going, fixture, witness)
            try await fixture.handle.expectQuiet("the other side left while reading was paused")
            #expect(witness.now.bytes.isEmpty && witness.now.closes.isEmpty)
            try await fixture.handle.submit { loop in loop.forEachConnection { $0.resumeReading() } }
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(going.isRight(cause))
            #expect(witness.now.bytes == tail)
        }
    }

    /// Paused and resumed for every piece, also after the end was there to see.
    @Test(arguments: Going.allCases) func readInManySteps(_ going: Going) async throws {
        let witness = Witness()
        let tail = pattern(50_000)
        var configuration = EventLoop.Configuration()
        configuration.readByteCountPerTick = 1_000
        try await LoopFixture.with(
            configuration,
            handler: {
                WitnessHandler(
                    witness, opened: { $0.pauseReading() },
                    received: { _, connection in
                        connection.pauseReading()
                        connection.eventLoop.schedule(after: .zero) { _ in connection.resumeReading() }
                    })
            }
        ) { fixture in
            try await sendAndLeave(tail, going, fixture, witness)
            try await fixture.handle.submit { loop in loop.forEachConnection { $0.resumeReading() } }
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(going.isRight(cause))
            #expect(witness.now.bytes == tail)
        }
    }

    /// Each answer fails, as nobody takes it any more; what was sent before is received all the same.
    @Test(arguments: [Going.inOrder, .reset]) func whileWritingFails(_ going: Going) async throws {
        let witness = Witness()
        let tail = pattern(60_000)
        var configuration = EventLoop.Configuration()
        configuration.readByteCountPerTick = 500
        try await LoopFixture.with(
            configuration,
            handler: {
                WitnessHandler(
                    witness, opened: { $0.pauseReading() },
                    received: { bytes, connection in connection.write(bytes.withUnsafeBytes { [UInt8]($0) }, witness) })
            }
        ) { fixture in
            try await sendAndLeave(tail, going, fixture, witness)
            try await fixture.handle.submit { loop in loop.forEachConnection { $0.resumeReading() } }
            // The first answer to one that has closed is still sent, and has the reset follow.
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(cause?.isReset == true)
            #expect(witness.now.bytes == tail)
            #expect(witness.now.outcomes.count == tail.count / 500)
            let failed = witness.now.outcomes.dropFirst(going == .reset ? 0 : 1)
            #expect(Set(failed) == [.connectionClosed])
        }
    }

    /// A write that fails while reading is paused ends the connection at once only when nothing is left to read.
    @Test(arguments: [0, 3_000]) func whileWritingFailsAndReadingIsPaused(_ count: Int) async throws {
        let witness = Witness()
        let tail = pattern(count)
        try await LoopFixture.with(handler: {
            WitnessHandler(witness, opened: { $0.pauseReading() })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            await witness.wait { $0.openedCount == 1 }
            try await fixture.handle.submit { _ in }
            let sockets = Lock<BlockingSocket?>(client)
            try await fixture.handle.submit { loop in
                // In one tick, so that the write comes before any report of the reset.
                try sockets.withLock { client in
                    try client?.send(tail)
                    try client?.waitUntilTaken()
                    client?.reset()
                    client = nil
                }
                loop.forEachConnection { $0.write([1], witness) }
            }
            #expect(await witness.firstOutcomes == [.connectionClosed])
            try await fixture.handle.expectQuiet("a write failed while reading was paused")
            if count > 0 {
                #expect(witness.now.closes.isEmpty)
                try await fixture.handle.submit { loop in loop.forEachConnection { $0.resumeReading() } }
            }
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(cause?.isReset == true)
            #expect(witness.now.bytes == tail)
        }
    }

    /// Whoever reads no more while too much waits is told that nothing waits any more when writing fails; otherwise it
    /// would stay, paused, for ever.
    @Test func backPressureEndsWithTheConnection() async throws {
        let witness = Witness()
        var configuration = EventLoop.Configuration()
        configuration.writeLimits = WriteLimits(highMark: 10_000)
        configuration.readByteCountPerTick = 4_096
        try await LoopFixture.with(
            configuration,
            handler: {
                WitnessHandler(
                    witness,
                    received: { bytes, connection in
                        for _ in 0..<500 { connection.write(bytes) }
                        if !connection.isWritable { connection.pauseReading() }
                    },
                    writabilityChanged: { if $0.isWritable { $0.resumeReading() } })
            }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port, receiveBuffer: 4096)
            let sent = pattern(30_000)
            try client.send(sent)
            try client.waitUntilTaken()
            let isPaused = try await eventually {
                try await fixture.handle.submit { loop in
                    var isPaused = false
                    loop.forEachConnection { isPaused = $0.isPaused }
                    return isPaused
                }
            }
            #expect(isPaused)
            client.reset()
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(cause?.isReset == true)
            #expect(witness.now.bytes == sent)
        }
    }

    /// The other side is gone amid a frame: what there is of it comes before the end.
    @Test(arguments: Going.allCases) func ofAFrameThatIsNotWhole(_ going: Going) async throws {
        let witness = Witness()
        try await LoopFixture.with(handler: { WitnessHandler(witness) }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            await witness.wait { $0.openedCount == 1 }
            try client.send(pattern(1_000))
            try client.waitUntilTaken()
            going.leave(client)
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(going.isRight(cause))
            #expect(witness.now.bytes == pattern(1_000))
        }
    }

    /// The other end of a pair in memory says goodbye and closes, so that writing fails before the goodbye is read.
    @Test(arguments: [true, false]) func inMemoryWhileWritingFails(_ isPaused: Bool) async throws {
        let witness = Witness()
        try await withLoop { handle in
            let (here, there) = MemoryTransport.pair()
            handle.run { loop in
                loop.attach(
                    here, isInbound: false,
                    handler: WitnessHandler(witness, opened: { if isPaused { $0.pauseReading() } }))
            }
            await witness.wait { $0.openedCount == 1 }
            try await handle.submit { loop in
                loop.forEachConnection { $0.write([1], witness) }
                // When transports are read but before what is queued is written, as another thread might.
                loop.attach(
                    MemoryTransport.pair().0, isInbound: false,
                    handler: WitnessHandler(
                        Witness(),
                        opened: { _ in
                            #expect(there.write(pattern(1_000).span.bytes) == .taken(1_000))
                            there.close()
                        }))
            }
            #expect(await witness.firstOutcomes == [.connectionClosed])
            if isPaused {
                try await handle.expectQuiet("paused with something to read")
                #expect(witness.now.closes.isEmpty)
                try await handle.submit { loop in loop.forEachConnection { $0.resumeReading() } }
            }
            let cause = try await witness.waitForOnlyClose(on: handle)
            #expect(cause == .failed(SystemError(.write, code: 32)))
            #expect(witness.now.bytes == pattern(1_000))
        }
    }
}
