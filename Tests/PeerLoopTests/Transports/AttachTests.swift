import PeerLoop
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct AttachTests {
    @Test(arguments: [true, false], [1, 3, 1000, 1 << 20])
    func echoesOnOneLoopAndOnTwo(shared: Bool, capacity: Int) async throws {
        let recorder = Recorder()
        let message = pattern(capacity < 1000 ? 5000 : 300_000)
        try await TwoLoops.with(shared: shared) { loops in
            loops.connect(
                capacity: capacity, first: { TestHandler(recorder, onOpen: { $0.write(message) }) },
                second: { TestHandler(Recorder(), onReceive: { $1.write($0) }) })
            #expect(await recorder.receive(message.count) == message)
        }
    }

    @Test func itOpensInALaterTickAndSaysWhatItWasTold() async throws {
        let address = SocketAddress(ipv4: 203, 0, 113, 7, port: 8333)
        let recorder = Recorder()
        try await TwoLoops.with(shared: true) { loops in
            let transport = CountingTransport(MemoryTransport.pair().0)
            let seen = try await loops.first.submit { loop in
                let connection = loop.attach(
                    transport, remoteAddress: address, isInbound: true, handler: TestHandler(recorder))
                return (connection.isOpen, connection.remoteAddress, connection.isInbound, loop.connectionCount)
            }
            #expect(seen == (false, address, true, 1))
            _ = await recorder.wait { $0 == .opened }
            let local = try await loops.first.submit { loop in
                var address: SocketAddress?
                loop.forEachConnection { address = try? $0.localAddress() }
                return address
            }
            #expect(local == transport.localAddress)
        }
    }

    @Test func finishingWritesEverythingAndReadsTheOtherSidesRest() async throws {
        let (sender, receiver) = (Recorder(), Recorder())
        let goodbye = pattern(300_000, 31)
        try await TwoLoops.with { loops in
            loops.connect(
                capacity: 500,
                first: {
                    TestHandler(
                        sender,
                        onOpen: {
                            $0.write(goodbye)
                            $0.finish(within: .seconds(30))
                            $0.write([9, 9])
                        })
                },
                second: { TestHandler(receiver, onOpen: { $0.write([UInt8](repeating: 1, count: 20_000)) }) })
            #expect(await receiver.receive(goodbye.count) == goodbye)
            #expect(await receiver.waitForClose() == .endOfStream)
            #expect(await sender.waitForClose() == .endOfStream)
        }
    }

    /// Who has ended its own stream still gets what waits for it.
    @Test func anEndWhileFinishingStillGetsWhatWaits() async throws {
        let (here, there) = MemoryTransport.pair(capacity: 100)
        let recorder = Recorder()
        let rest = pattern(1000)
        try await TwoLoops.with(shared: true) { loops in
            there.shutDownWriting()
            loops.first.run { loop in
                loop.attach(
                    here, isInbound: false,
                    handler: TestHandler(
                        recorder,
                        onOpen: {
                            $0.write(rest)
                            $0.finish(within: .seconds(30))
                            $0.resumeReading()
                        }))
            }
            var received: [UInt8] = []
            while received.count < rest.count {
                received += there.read() ?? []
                await Task.yield()
            }
            #expect(received == rest)
            #expect(await recorder.waitForClose() == .endOfStream)
            #expect(there.readOutcome() == .endOfStream)
        }
    }

    @Test func pausedReadingHoldsTheStreamAndLosesNothing() async throws {
        let (here, there) = MemoryTransport.pair(capacity: 10)
        let recorder = Recorder()
        try await TwoLoops.with(shared: true) { loops in
            loops.first.run { loop in
                let handler = TestHandler(recorder, onOpen: { $0.pauseReading() })
                loop.attach(here, isInbound: false, handler: handler)
            }
            _ = await recorder.wait { $0 == .opened }
            #expect(there.write(pattern(20)) == .taken(10), "nobody reads")
            #expect(there.write([1]) == .wouldBlock)
            there.close()
            try await loops.first.expectQuiet("an end while paused must not spin")
            loops.first.run { loop in loop.forEachConnection { $0.resumeReading() } }
            #expect(await recorder.receive(10) == pattern(10))
            #expect(await recorder.waitForClose() == .endOfStream)
        }
    }

    @Test func completionsTellWhatWasTakenAndWhatNeverWill() async throws {
        let (here, there) = MemoryTransport.pair(capacity: 5000)
        let (recorder, outcomes) = (Recorder(), Recorder())
        try await TwoLoops.with(shared: true) { loops in
            loops.first.run { loop in
                let handler = TestHandler(
                    recorder,
                    onOpen: { connection in
                        for part in 0..<3 {
                            connection.write(pattern(2000)) {
                                outcomes.record($0 == .sent ? .wrote(part) : .wrote(-part))
                            }
                        }
                    })
                loop.attach(here, isInbound: false, handler: handler)
            }
            #expect(await outcomes.wait { _ in true } == .wrote(0))
            #expect(await outcomes.wait { _ in true } == .wrote(1))
            there.close()
            #expect(await outcomes.wait { _ in true } == .wrote(-2))
            // The end of the input or the failed write, whichever is seen first.
            #expect(await recorder.waitForClose() != nil)
        }
    }

    @Test func aBlockedWriterWaitsWithoutSpinning() async throws {
        let transport = CountingTransport(MemoryTransport.pair(capacity: 100).0)
        let recorder = Recorder()
        try await TwoLoops.with(shared: true) { loops in
            loops.first.run { loop in
                let handler = TestHandler(recorder, onOpen: { $0.write(pattern(1000)) })
                loop.attach(transport, isInbound: false, handler: handler)
            }
            #expect(await recorder.wait { if case .wrote = $0 { true } else { false } } == .wrote(100))
            try await loops.first.expectQuiet()
            let before = transport.writes.load(ordering: .relaxed)
            // Stale notices cost a look each, no more.
            for _ in 0..<3 {
                transport.readiness.withLock { $0 }?.notify()
                _ = try await loops.first.submit { $0.tickCount }
            }
            try await loops.first.expectQuiet()
            #expect(transport.writes.load(ordering: .relaxed) - before <= 3)
        }
    }

    @Test func theDeadlineComes() async throws {
        let recorder = Recorder()
        try await TwoLoops.with(shared: true) { loops in
            loops.connect(
                first: { TestHandler(recorder, onOpen: { $0.setDeadline(ContinuousClock.now + .milliseconds(5)) }) },
                second: { TestHandler(Recorder()) })
            #expect(await recorder.wait { $0 == .deadline } == .deadline)
        }
    }

    @Test func aFinishThatTheOtherSideIgnoresEndsAtItsLimit() async throws {
        let (here, there) = MemoryTransport.pair(capacity: 10)
        let recorder = Recorder()
        try await TwoLoops.with(shared: true) { loops in
            loops.first.run { loop in
                let handler = TestHandler(
                    recorder,
                    onOpen: {
                        $0.write([1])
                        $0.finish(within: .milliseconds(20))
                    })
                loop.attach(here, isInbound: false, handler: handler)
            }
            #expect(await recorder.waitForClose() == .closedLocally)
            #expect(there.read() == [1])
        }
    }
}
