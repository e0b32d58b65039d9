import PeerLoop
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct LoopTests {
    @Test func postsFromManyThreadsArriveOnceAndInOrder() async throws {
        let handle = try EventLoopHandle.start()
        let mailbox = Mailbox<(thread: Int, number: Int)>(waker: handle.waker)
        let threads = 8
        let perThread = 5_000
        let finished = AsyncStream.makeStream(of: [[Int]].self)
        _ = try await handle.submit { loop in
            var seen = [[Int]](repeating: [], count: threads)
            var total = 0
            loop.attach(mailbox) { _, batch in
                for element in batch { seen[element.thread].append(element.number) }
                total += batch.count
                if total == threads * perThread { finished.continuation.yield(seen) }
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<threads {
                group.addTask {
                    for number in 0..<perThread { mailbox.post((thread, number)) }
                }
            }
        }
        var results = finished.stream.makeAsyncIterator()
        let seen = try #require(await results.next())
        for thread in 0..<threads { #expect(seen[thread] == Array(0..<perThread)) }
        await handle.shutdown(within: .zero)
        #expect(!mailbox.post((0, 0)), "a stopped loop takes nothing")
    }

    /// What a handler left to the end of the tick when its connection was closed lay there until something else woke
    /// the loop, as closes come after the tick's end.
    @Test func theTickEndSeesWhatClosesLeft() async throws {
        let closed = Lock(false)
        let told = AsyncStream.makeStream(of: Void.self)
        let recorder = Recorder()
        try await LoopFixture.with(handler: { TestHandler(recorder) }) { fixture in
            try await fixture.handle.submit { loop in
                loop.atTickEnd { loop in
                    if loop.connectionCount == 0, closed.withLock({ $0 }) { told.continuation.yield() }
                }
            }
            let port = fixture.port
            try await fixture.blocking {
                let client = try BlockingSocket(port: port)
                closed.withLock { $0 = true }
                client.close()
            }
            #expect(await recorder.waitForClose() == .endOfStream)
            var ends = told.stream.makeAsyncIterator()
            #expect(await ends.next() != nil)
        }
    }

    /// The last batch was kept until the next one came, with whatever its elements hold.
    @Test func whatWasDrainedIsLetGo() async throws {
        final class Held: Sendable {
            let gone: AsyncStream<Void>.Continuation
            init(_ gone: AsyncStream<Void>.Continuation) { self.gone = gone }
            deinit { gone.yield() }
        }
        let handle = try EventLoopHandle.start()
        let mailbox = Mailbox<Held>(waker: handle.waker)
        let gone = AsyncStream.makeStream(of: Void.self)
        try await handle.submit { loop in loop.attach(mailbox) { _, _ in } }
        // Attaching has the mailboxes looked at once more; that is over then.
        try await handle.submit { _ in }
        try await handle.submit { _ in }
        mailbox.post(Held(gone.continuation))
        // Nothing else wakes the loop meanwhile.
        var ends = gone.stream.makeAsyncIterator()
        #expect(await ends.next() != nil)
        await handle.shutdown(within: .zero)
    }

    @Test func submitAfterShutdownThrowsInsteadOfWaiting() async throws {
        let handle = try EventLoopHandle.start()
        await handle.shutdown(within: .zero)
        await #expect(throws: LoopStopped.self) { try await handle.submit { _ in 1 } }
        await handle.shutdown(within: .zero)
    }

    @Test func jobsThatWaitWhenTheLoopStopsStillRun() async throws {
        let handle = try EventLoopHandle.start()
        let ran = Atomic<Int>(0)
        handle.run { loop in
            // From inside a job: these wait in the mailbox while the loop is told to stop.
            for _ in 0..<100 { handle.run { _ in ran.wrappingAdd(1, ordering: .relaxed) } }
            loop.shutdown(within: .zero)
        }
        await handle.shutdown(within: .zero)
        #expect(ran.load(ordering: .relaxed) == 100)
    }

    @Test func shutdownWritesWhatWaits() async throws {
        let recorder = Recorder()
        let message = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        try await LoopFixture.with(handler: {
            TestHandler(recorder, onOpen: { $0.write(message) })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port, receiveBuffer: 8192)
            _ = await recorder.wait { if case .wrote = $0 { true } else { false } }
            async let ended: Void = fixture.handle.shutdown(within: .seconds(25))
            let received = try await runBlockingClient(client)
            #expect(received == message)
            await ended
        }
    }

    private func runBlockingClient(_ client: consuming sending BlockingSocket) async throws -> [UInt8] {
        let bytes = try client.receiveToEnd()
        client.close()
        return bytes
    }

    @Test func portInUseIsATypedError() async throws {
        let handle = try EventLoopHandle.start()
        let listener = try BlockingListener()
        let port = listener.port
        await #expect(throws: SystemError.self) {
            try await handle.submit { loop in
                _ = try loop.listen(
                    on: SocketAddress(ipv4: 127, 0, 0, 1, port: port), handler: TestAcceptor { nil })
            }
        }
        await handle.shutdown(within: .zero)
    }

    @Test func aRefusedConnectionIsClosedAtOnce() async throws {
        try await LoopFixture.with(handler: { nil }) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            // Closed in order or reset, depending on timing: either way it ends.
            let rest = try? client.receiveToEnd()
            #expect(rest == nil || rest == [])
        }
    }

    @Test func timersOfTheLoopFireInOrder() async throws {
        let handle = try EventLoopHandle.start()
        let order = AsyncStream.makeStream(of: Int.self)
        _ = try await handle.submit { loop in
            for delay in [30, 10, 20, 0] {
                loop.schedule(after: .milliseconds(delay)) { _ in order.continuation.yield(delay) }
            }
        }
        var next = order.stream.makeAsyncIterator()
        var fired: [Int] = []
        for _ in 0..<4 { if let delay = await next.next() { fired.append(delay) } }
        #expect(fired == [0, 10, 20, 30])
        await handle.shutdown(within: .zero)
    }
}
