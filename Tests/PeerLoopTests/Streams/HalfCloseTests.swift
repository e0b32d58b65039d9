import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct HalfCloseTests {
    /// The other side asks, ends its stream, and still gets the whole answer.
    /// Whoever finishes and then holds up its input, as when a lane is full, still drops what comes, and says goodbye
    /// at once and in order.
    @Test func aPauseDoesNotHoldUpTheEnd() async throws {
        try await LoopFixture.with(handler: {
            TestHandler(
                Recorder(),
                onReceive: { _, connection in
                    connection.write([9])
                    connection.finish(within: .seconds(3600))
                    connection.pauseReading()
                    #expect(!connection.isPaused)
                })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            try client.send([UInt8](repeating: 1, count: 500_000))
            client.shutDownWriting()
            let received = try client.receiveToEnd()
            #expect(received == [9])
            let isOver = try await eventually { try await fixture.handle.submit { $0.connectionCount } == 0 }
            #expect(isOver)
        }
    }

    @Test func theOtherSideEndsFirstAndStillReads() async throws {
        let ended = Recorder()
        let closed = Recorder()
        let answer = (0..<(2 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        try await LoopFixture.with(handler: {
            Closures(
                opened: { $0.allowsHalfClose = true },
                inputEnded: { connection in
                    ended.record(.deadline)
                    connection.write(answer)
                    connection.shutDownWriting()
                },
                closed: { _ in closed.record(.opened) })
        }) { fixture in
            let port = fixture.port
            let received = try await fixture.blocking {
                let client = try BlockingSocket(port: port)
                try client.send([1, 2, 3])
                client.shutDownWriting()
                return try client.receiveToEnd()
            }
            #expect(received == answer)
            #expect(await ended.wait { $0 == .deadline } == .deadline)
            #expect(await closed.wait { $0 == .opened } == .opened)
        }
    }

    /// This side ends its stream first and still receives.
    @Test func thisSideEndsFirstAndStillReceives() async throws {
        let recorder = Recorder()
        try await LoopFixture.with(handler: {
            TestHandler(
                recorder,
                onOpen: { connection in
                    connection.write([9, 8, 7])
                    connection.shutDownWriting()
                    #expect(!connection.isWritable)
                    #expect(!connection.tryWrite([1]))
                    connection.write([1])
                })
        }) { fixture in
            let port = fixture.port
            let received = try await fixture.blocking {
                let client = try BlockingSocket(port: port)
                let received = try client.receiveToEnd()
                try client.send([UInt8](repeating: 5, count: 100_000))
                client.close()
                return received
            }
            #expect(received == [9, 8, 7])
            #expect(await recorder.receive(100_000).count == 100_000)
            #expect(await recorder.waitForClose() == .endOfStream)
        }
    }

    @Test func withoutANeedForItTheEndOfTheOtherSideIsTheEnd() async throws {
        let recorder = Recorder()
        try await LoopFixture.with(handler: { TestHandler(recorder) }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            client.shutDownWriting()
            #expect(await recorder.waitForClose() == .endOfStream)
            #expect(try client.receive().isEmpty)
        }
    }

    /// By default a handler of half-closed connections ends its own side, too, once everything is written.
    @Test func theDefaultAnswerToAnEndIsAnEnd() async throws {
        let recorder = Recorder()
        try await LoopFixture.with(handler: {
            TestHandler(
                recorder,
                onOpen: {
                    $0.allowsHalfClose = true
                    $0.write([UInt8](repeating: 3, count: 4 << 20))
                })
        }) { fixture in
            let port = fixture.port
            let received = try await fixture.blocking {
                let client = try BlockingSocket(port: port, receiveBuffer: 4096)
                client.shutDownWriting()
                return try client.receiveToEnd()
            }
            #expect(received.count == 4 << 20)
            #expect(await recorder.waitForClose() == .endOfStream)
        }
    }

    /// Half-closed and waiting, a connection is not reported again and again.
    @Test func aHalfClosedConnectionDoesNotSpinAndHearsOfAReset() async throws {
        let recorder = Recorder()
        let ended = Recorder()
        try await LoopFixture.with(handler: {
            TestHandler(recorder, onOpen: { $0.allowsHalfClose = true }, onInputEnd: { _ in ended.record(.opened) })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            client.shutDownWriting()
            _ = await ended.wait { $0 == .opened }
            let before = try await fixture.handle.submit { $0.tickCount }
            for _ in 0..<3 { _ = try await fixture.handle.submit { $0.tickCount } }
            let after = try await fixture.handle.submit { $0.tickCount }
            #expect(after - before < 20)
            #expect(try await fixture.handle.submit { $0.connectionCount } == 1)
            client.reset()
            let cause = await recorder.waitForClose()
            guard case .failed(let error)? = cause else {
                Issue.record("the reset was not a failure but \(String(describing: cause))")
                return
            }
            #expect(error.isReset)
        }
    }

    @Test func finishingAHalfClosedConnectionWritesWhatWaits() async throws {
        let recorder = Recorder()
        let rest = [UInt8](repeating: 4, count: 3 << 20)
        try await LoopFixture.with(handler: {
            TestHandler(
                recorder, onOpen: { $0.allowsHalfClose = true },
                onInputEnd: { connection in
                    connection.write(rest)
                    connection.finish(within: .seconds(30))
                })
        }) { fixture in
            let port = fixture.port
            let received = try await fixture.blocking {
                let client = try BlockingSocket(port: port)
                client.shutDownWriting()
                return try client.receiveToEnd()
            }
            #expect(received == rest)
            #expect(await recorder.waitForClose() == .endOfStream)
        }
    }

    @Test func bothWaysOverMemory() async throws {
        let one = Recorder()
        let two = Recorder()
        try await TwoLoops.with { loops in
            loops.connect(
                first: {
                    TestHandler(
                        one,
                        onOpen: { connection in
                            connection.allowsHalfClose = true
                            connection.write([1, 2])
                            connection.shutDownWriting()
                        })
                },
                second: {
                    TestHandler(
                        two, onOpen: { $0.allowsHalfClose = true },
                        onInputEnd: { connection in
                            connection.write([3, 4])
                            connection.shutDownWriting()
                        })
                })
            #expect(await two.receive(2) == [1, 2])
            #expect(await one.receive(2) == [3, 4])
            #expect(await one.waitForClose() == .endOfStream)
            #expect(await two.waitForClose() == .endOfStream)
        }
    }
}
