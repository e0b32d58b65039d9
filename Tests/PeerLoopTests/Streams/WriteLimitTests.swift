import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct WriteLimitTests {
    @Test func limitsThatContradictEachOtherAreBroughtIntoOrder() {
        let limits = WriteLimits(highMark: 100, lowMark: 200, cap: 50)
        #expect(limits.lowMark == 100)
        #expect(limits.cap == 100)
        let negative = WriteLimits(highMark: -1, lowMark: -1, cap: -1, leastByteCount: -1)
        #expect(negative.highMark == 0 && negative.lowMark == 0 && negative.cap == 0 && negative.leastByteCount == 0)
    }

    @Test func theMarksAreToldOnceEach() async throws {
        let edges = AsyncStream.makeStream(of: Bool.self)
        let handle = Lock<ConnectionID?>(nil)
        var configuration = EventLoop.Configuration()
        configuration.writeLimits = WriteLimits(highMark: 1000, lowMark: 200, cap: 5000)
        try await withLoop(configuration) { loop in
            let (here, there) = MemoryTransport.pair(capacity: 100)
            try await loop.submit { loop in
                let connection = loop.attach(
                    here, isInbound: false,
                    handler: Closures(
                        opened: { connection in
                            #expect(connection.isWritable)
                            connection.write([UInt8](repeating: 1, count: 1000))
                            #expect(connection.isWritable, "at the mark is not over it")
                            connection.write([1])
                            #expect(!connection.isWritable)
                        },
                        writabilityChanged: { edges.continuation.yield($0.isWritable) }))
                handle.withLock { $0 = connection.id }
            }
            var next = edges.stream.makeAsyncIterator()
            // 100 are with the transport: 901 wait, under the high mark, and it is still not writable.
            #expect(await next.next() == false)
            var taken = 0
            while taken < 1001 {
                let count = try await loop.submit { _ in readAll(there) }
                taken += count
                if taken < 800 {
                    #expect(
                        try await loop.submit { loop in
                            handle.withLock { $0 }.flatMap { loop.connection($0) }?.isWritable
                        } == false)
                }
            }
            #expect(await next.next() == true)
            #expect(taken == 1001)
        }
        edges.continuation.finish()
        var left: [Bool] = []
        for await edge in edges.stream { left.append(edge) }
        #expect(left.isEmpty)
    }

    /// Over and back within one write: who stopped because of it has to hear that it may go on.
    @Test func beingOverTheMarkBetweenTwoWritesIsTold() async throws {
        let told = Recorder()
        var configuration = EventLoop.Configuration()
        configuration.writeLimits = WriteLimits(highMark: 10, cap: 1000)
        try await LoopFixture.with(
            configuration,
            handler: {
                Closures(
                    opened: {
                        $0.write([UInt8](repeating: 1, count: 100))
                        #expect(!$0.isWritable)
                    },
                    writabilityChanged: { if $0.isWritable { told.record(.opened) } })
            }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            #expect(await told.wait { $0 == .opened } == .opened)
            #expect(try client.receive(exactly: 100).count == 100)
        }
    }

    @Test func beyondTheCapATryIsRefusedAndNothingOfItIsQueued() async throws {
        var configuration = EventLoop.Configuration()
        configuration.writeLimits = WriteLimits(highMark: 10, cap: 100)
        let recorder = Recorder()
        try await LoopFixture.with(
            configuration,
            handler: {
                TestHandler(
                    recorder,
                    onOpen: { connection in
                        #expect(connection.tryWrite([UInt8](repeating: 1, count: 99)))
                        #expect(!connection.tryWrite([2, 2]))
                        let isTaken = connection.tryWrite([2, 2].span.bytes)
                        #expect(!isTaken)
                        #expect(connection.tryWrite([3]))
                        #expect(connection.tryWrite([]))
                        #expect(!connection.tryWrite([4]))
                        #expect(connection.pendingByteCount == 100)
                        connection.finish(within: .seconds(30))
                        #expect(!connection.tryWrite([5]))
                    })
            }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            #expect(try client.receiveToEnd() == [UInt8](repeating: 1, count: 99) + [3])
        }
    }

    @Test func beyondTheCapAWriteEndsTheConnection() async throws {
        var configuration = EventLoop.Configuration()
        configuration.writeLimits = WriteLimits(highMark: 10, cap: 100)
        for variant in 0..<3 {
            let recorder = Recorder()
            let outcomes = Recorder()
            try await LoopFixture.with(
                configuration,
                handler: {
                    TestHandler(
                        recorder,
                        onOpen: { connection in
                            let much = [UInt8](repeating: 1, count: 101)
                            switch variant {
                            case 0: connection.write(much)
                            case 1: connection.write(much.span.bytes)
                            default: connection.write(much) { if $0 == .connectionClosed { outcomes.record(.opened) } }
                            }
                            #expect(!connection.isOpen)
                        })
                }
            ) { fixture in
                let client = try BlockingSocket(port: fixture.port)
                #expect(await recorder.waitForClose() == .writeCapExceeded)
                if variant == 2 { #expect(await outcomes.wait { $0 == .opened } == .opened) }
                client.close()
            }
        }
    }

    /// Also of what would go out straight from where it lies: nothing of it is sent.
    @Test func aLargeTryBeyondTheCapSendsNothing() async throws {
        var configuration = EventLoop.Configuration()
        configuration.writeLimits = WriteLimits(highMark: 1 << 10, cap: 64 << 10)
        let message = [UInt8](repeating: 1, count: (64 << 10) + 1)
        try await LoopFixture.with(
            configuration,
            handler: {
                TestHandler(
                    Recorder(),
                    onReceive: { _, connection in
                        let isTaken = connection.tryWrite(message.span.bytes)
                        #expect(!isTaken)
                        let isLastTaken = connection.tryWrite([7])
                        #expect(isLastTaken)
                    })
            }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            try client.send([1])
            client.shutDownWriting()
            let received = try client.receiveToEnd()
            #expect(received == [7])
        }
    }

    @Test func aConnectionMayHaveLimitsOfItsOwn() async throws {
        let recorder = Recorder()
        try await LoopFixture.with(handler: {
            TestHandler(
                recorder,
                onOpen: { connection in
                    #expect(connection.writeLimits == WriteLimits())
                    connection.writeLimits = WriteLimits(highMark: 1, cap: 2)
                    #expect(connection.tryWrite([1, 1]))
                    #expect(!connection.tryWrite([1]))
                    connection.writeLimits = WriteLimits(highMark: 1, cap: 3)
                    #expect(connection.tryWrite([1]))
                })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            #expect(try client.receive(exactly: 3) == [1, 1, 1])
        }
    }

    @Test func whoTakesNothingIsClosed() async throws {
        var configuration = EventLoop.Configuration()
        configuration.writeLimits = WriteLimits(
            highMark: 1000, progressWindow: .milliseconds(40), leastByteCount: 1000)
        let recorder = Recorder()
        try await LoopFixture.with(
            configuration,
            handler: {
                TestHandler(recorder, onOpen: { $0.write([UInt8](repeating: 1, count: 16 << 20)) })
            }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port, receiveBuffer: 4096)
            #expect(await recorder.waitForClose() == .sendTooSlow)
            client.close()
        }
    }

    /// Its window begins when it is set, although the mark was passed before, and another one's long window does not
    /// keep it waiting.
    @Test func aWindowSetWhileItIsOverTheMarkCountsFromThen() async throws {
        let slow = Recorder()
        let patient = Recorder()
        try await withLoop { handle in
            let pairs = [MemoryTransport.pair(capacity: 64), MemoryTransport.pair(capacity: 64)]
            try await handle.submit { loop in
                for (pair, recorder) in zip(pairs, [slow, patient]) {
                    let connection = loop.attach(
                        pair.0, isInbound: false,
                        handler: Closures(
                            opened: { $0.write([UInt8](repeating: 1, count: 5000)) },
                            writabilityChanged: { connection in
                                guard recorder === slow, !connection.isWritable else { return }
                                connection.writeLimits = WriteLimits(
                                    highMark: 1000, progressWindow: .milliseconds(20), leastByteCount: 1000)
                            }, closed: { _ in recorder.record(.deadline) }))
                    connection.writeLimits = WriteLimits(
                        highMark: 1000, progressWindow: recorder === slow ? nil : .seconds(3600), leastByteCount: 1000)
                }
            }
            #expect(await slow.wait { $0 == .deadline } == .deadline)
            #expect(try await handle.submit { $0.connectionCount } == 1)
        }
    }

    /// What was not written while the loop stood still was put down to the peer.
    @Test func aLoopThatStoodStillBlamesNobody() async throws {
        var configuration = EventLoop.Configuration()
        configuration.writeLimits = WriteLimits(highMark: 1000, progressWindow: .milliseconds(40), leastByteCount: 1)
        let read = Recorder()
        try await withLoop(configuration) { handle in
            let (here, there) = MemoryTransport.pair(capacity: 64)
            try await handle.submit { loop in
                loop.attach(
                    here, isInbound: false, handler: Closures(opened: { $0.write([UInt8](repeating: 1, count: 5000)) }))
                loop.schedule(after: .milliseconds(10)) { loop in
                    let end = ContinuousClock.now + .milliseconds(200)
                    while ContinuousClock.now < end {}
                    takeSome(there, on: loop, times: 10, done: read)
                }
            }
            #expect(await read.wait { _ in true } == .deadline)
        }
    }

    /// Slow, but as fast as it has to be: the clock of the test is the loop's own timer.
    @Test func whoTakesEnoughStays() async throws {
        var configuration = EventLoop.Configuration()
        configuration.writeLimits = WriteLimits(
            highMark: 1000, progressWindow: .milliseconds(20), leastByteCount: 1)
        let closed = Recorder()
        let read = Recorder()
        try await withLoop(configuration) { handle in
            let (here, there) = MemoryTransport.pair(capacity: 64)
            try await handle.submit { loop in
                loop.attach(
                    here, isInbound: false,
                    handler: Closures(
                        opened: { $0.write([UInt8](repeating: 1, count: 20_000)) },
                        closed: { _ in closed.record(.opened) }))
                takeSome(there, on: loop, times: 100, done: read)
            }
            // Looked at there and then: nobody waits for what a test thinks of it.
            #expect(await read.wait { _ in true } == .deadline)
            // Nobody takes anything from here on.
            #expect(await closed.wait { $0 == .opened } == .opened)
        }
    }
}

/// Everything that waits at this end.
private func readAll(_ end: MemoryTransport) -> Int {
    var total = 0
    while true {
        let part = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            var span = OutputRawSpan(buffer: UnsafeMutableRawBufferPointer(buffer), initializedCount: 0)
            _ = end.read(into: &span)
            count = span.finalize(for: UnsafeMutableRawBufferPointer(buffer))
        }
        if part.isEmpty { return total }
        total += part.count
    }
}

/// Reads a little every millisecond, so many times.
private func takeSome(_ end: MemoryTransport, on loop: EventLoop, times: Int, done: Recorder) {
    _ = readAll(end)
    if times == 0 {
        done.record(loop.connectionCount == 1 ? .deadline : .opened)
        return
    }
    loop.schedule(after: .milliseconds(1)) { takeSome(end, on: $0, times: times - 1, done: done) }
}
