import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ConnectionTests {
    @Test func echoesWhatItReceives() async throws {
        try await LoopFixture.with(handler: {
            TestHandler(Recorder(), onReceive: { $1.write($0) })
        }) { fixture in
            let message = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let port = fixture.port
            let answer = try await fixture.blocking {
                let client = try BlockingSocket(port: port)
                try client.send(message)
                return try client.receive(exactly: message.count)
            }
            #expect(answer == message)
        }
    }

    @Test func aReadLimitOfOneByteDeliversTheSameStream() async throws {
        var configuration = EventLoop.Configuration()
        configuration.readByteCountPerTick = 1
        let recorder = Recorder()
        try await LoopFixture.with(configuration, handler: { TestHandler(recorder) }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            let message = (0..<500).map { UInt8(truncatingIfNeeded: $0) }
            try client.send(message)
            #expect(await recorder.receive(message.count) == message)
        }
    }

    @Test func anEndOfStreamClosesTheConnection() async throws {
        let recorder = Recorder()
        try await LoopFixture.with(handler: { TestHandler(recorder) }) { fixture in
            try BlockingSocket(port: fixture.port).close()
            #expect(await recorder.waitForClose() == .endOfStream)
        }
    }

    /// A level-triggered loop with EPOLLOUT armed is told of a reset again and again: it must close, not spin.
    @Test func aResetWhileWaitingToWriteClosesInsteadOfSpinning() async throws {
        let recorder = Recorder()
        let block = [UInt8](repeating: 1, count: 8 << 20)
        try await LoopFixture.with(handler: {
            TestHandler(recorder, onOpen: { $0.write(block) })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port, receiveBuffer: 4096)
            // Part of it is written: from here on the rest waits for EPOLLOUT.
            _ = await recorder.wait { if case .wrote = $0 { true } else { false } }
            client.reset()
            guard case .failed(let error)? = await recorder.waitForClose() else {
                Issue.record("the reset was not reported as a failure")
                return
            }
            #expect(error.isReset)
            let before = try await fixture.handle.submit { ($0.tickCount, $0.connectionCount) }
            #expect(before.1 == 0)
            let after = try await fixture.handle.submit { $0.tickCount }
            // Each submit is one tick or two; a spinning loop would have made thousands.
            #expect(after - before.0 < 10)
        }
    }

    @Test func pausedReadingHoldsTheStreamAndLosesNothing() async throws {
        let recorder = Recorder()
        try await LoopFixture.with(handler: {
            TestHandler(recorder, onOpen: { $0.pauseReading() })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            _ = await recorder.wait { $0 == .opened }
            try client.send([1, 2, 3])
            client.close()
            let ticks = try await fixture.handle.submit { $0.tickCount }
            let later = try await fixture.handle.submit { $0.tickCount }
            #expect(later - ticks < 10, "a hang-up while paused must not spin")
            _ = try await fixture.handle.submit { loop in loop.forEachConnection { $0.resumeReading() } }
            #expect(await recorder.receive(3) == [1, 2, 3])
            #expect(await recorder.waitForClose() == .endOfStream)
        }
    }

    @Test func aResetWhilePausedNeitherSpinsNorIsForgotten() async throws {
        let recorder = Recorder()
        try await LoopFixture.with(handler: {
            TestHandler(recorder, onOpen: { $0.pauseReading() })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            _ = await recorder.wait { $0 == .opened }
            client.reset()
            let ticks = try await fixture.handle.submit { $0.tickCount }
            for _ in 0..<3 { _ = try await fixture.handle.submit { $0.tickCount } }
            let later = try await fixture.handle.submit { $0.tickCount }
            #expect(later - ticks < 20)
            _ = try await fixture.handle.submit { loop in loop.forEachConnection { $0.resumeReading() } }
            guard case .failed(let error)? = await recorder.waitForClose() else {
                Issue.record("the reset was lost")
                return
            }
            #expect(error.isReset)
        }
    }

    @Test func finishingWritesEverythingAndReadsTheOtherSidesRest() async throws {
        let recorder = Recorder()
        let goodbye = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await LoopFixture.with(handler: {
            TestHandler(
                recorder,
                onOpen: { connection in
                    connection.write(goodbye)
                    connection.finish(within: .seconds(20))
                    connection.write([9, 9, 9])
                })
        }) { fixture in
            let port = fixture.port
            let received = try await fixture.blocking {
                let client = try BlockingSocket(port: port)
                // Unread input at the other side would turn its close into a reset that destroys the goodbye.
                try client.send([UInt8](repeating: 7, count: 50_000))
                return try client.receiveToEnd()
            }
            #expect(received == goodbye)
            #expect(await recorder.waitForClose() == .endOfStream)
        }
    }

    @Test func finishingEndsAtItsDeadlineWhenTheOtherSideNeverReads() async throws {
        let recorder = Recorder()
        try await LoopFixture.with(handler: {
            TestHandler(
                recorder,
                onOpen: { connection in
                    connection.write([UInt8](repeating: 1, count: 8 << 20))
                    connection.finish(within: .milliseconds(50))
                })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port, receiveBuffer: 4096)
            #expect(await recorder.waitForClose() == .closedLocally)
            client.close()
        }
    }

    /// Until its goodbye was over a flooding peer was read, and what it sent dropped, at full speed.
    @Test func whoFloodsDuringAGoodbyeIsClosedAtOnce() async throws {
        var configuration = EventLoop.Configuration()
        configuration.finishingInputByteLimit = 100_000
        let recorder = Recorder()
        try await LoopFixture.with(
            configuration, handler: { TestHandler(recorder, onOpen: { $0.finish(within: .seconds(60)) }) }
        ) { fixture in
            let port = fixture.port
            try await fixture.blocking {
                let client = try BlockingSocket(port: port)
                // Refused before it is through: far more than the limit and all buffers on the way.
                #expect(throws: BlockingSocket.Failure.self) {
                    for _ in 0..<1_000 { try client.send([UInt8](repeating: 1, count: 100_000)) }
                }
            }
            #expect(await recorder.waitForClose() == .closedLocally)
        }
    }

    @Test func completionsSaySentOrGone() async throws {
        let outcomes = AsyncStream.makeStream(of: WriteOutcome.self)
        let recorder = Recorder()
        try await LoopFixture.with(handler: {
            TestHandler(
                recorder,
                onOpen: { connection in
                    connection.write([1, 2, 3]) { outcomes.continuation.yield($0) }
                    connection.write([UInt8](repeating: 1, count: 32 << 20)) { outcomes.continuation.yield($0) }
                })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port, receiveBuffer: 4096)
            var next = outcomes.stream.makeAsyncIterator()
            #expect(await next.next() == .sent)
            client.reset()
            #expect(await next.next() == .connectionClosed)
        }
    }

    @Test func aDeadlineFiresAndCanMove() async throws {
        let recorder = Recorder()
        try await LoopFixture.with(handler: {
            TestHandler(
                recorder,
                onOpen: { connection in
                    let now = connection.eventLoop.now
                    connection.setDeadline(now + .milliseconds(5))
                    connection.setDeadline(now + .milliseconds(40))
                })
        }) { fixture in
            let begin = ContinuousClock.now
            let client = try BlockingSocket(port: fixture.port)
            #expect(await recorder.wait { $0 == .deadline } == .deadline)
            #expect(ContinuousClock.now - begin >= .milliseconds(35))
            client.close()
        }
    }

    @Test func aDeadlineInThePastDoesNotHoldTheLoop() async throws {
        let recorder = Recorder()
        try await LoopFixture.with(handler: {
            TestHandler(
                recorder,
                onOpen: { $0.setDeadline($0.eventLoop.now - .seconds(1)) },
                onDeadline: { $0.setDeadline($0.eventLoop.now - .seconds(1)) })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            for _ in 0..<3 { #expect(await recorder.wait { $0 == .deadline } == .deadline) }
            // The loop still answers while a handler asks for one past deadline after another.
            #expect(try await fixture.handle.submit { $0.connectionCount } == 1)
            client.close()
            #expect(await recorder.waitForClose() == .endOfStream)
        }
    }

    @Test func aStaleNumberFindsNothing() async throws {
        let recorder = Recorder()
        let ids = AsyncStream.makeStream(of: ConnectionID.self)
        try await LoopFixture.with(handler: {
            TestHandler(recorder, onOpen: { ids.continuation.yield($0.id) })
        }) { fixture in
            var next = ids.stream.makeAsyncIterator()
            try BlockingSocket(port: fixture.port).close()
            let first = try #require(await next.next())
            #expect(await recorder.waitForClose() == .endOfStream)
            let second = try BlockingSocket(port: fixture.port)
            let secondID = try #require(await next.next())
            let found = try await fixture.handle.submit { loop in
                (loop.connection(first) == nil, loop.connection(secondID) != nil)
            }
            #expect(found.0)
            #expect(found.1)
            #expect(first != secondID)
            second.close()
        }
    }
}
