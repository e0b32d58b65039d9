import PeerLoop
import Synchronization
import Testing

/// What a transport is asked, and how often.
@Suite(.timeLimit(.minutes(1))) struct AttachLimitTests {
    /// A transport that takes a byte at a time does not hold the loop.
    @Test func aTickWritesToATransportAFewTimesOnly() async throws {
        let log = TickLog()
        try await withLoop { handle in
            handle.run { loop in
                loop.attach(
                    FixedTransport(onWrite: { _ in .taken(1) }), isInbound: false,
                    handler: Closures(
                        opened: { $0.write(pattern(1000)) },
                        wrote: { count, connection in log.note(connection.eventLoop.tickCount, count) }))
            }
            await log.wait(for: 1000)
            #expect(log.amounts == Array(repeating: 64, count: 15) + [40])
        }
    }

    /// Until it says that there is room it is not asked, whatever else is written.
    @Test func aTransportWithoutRoomIsNotAskedAgain() async throws {
        let (here, there) = MemoryTransport.pair(capacity: 10)
        let transport = CountingTransport(here)
        let recorder = Recorder()
        try await withLoop { handle in
            handle.run { loop in
                loop.attach(
                    transport, isInbound: false, handler: TestHandler(recorder, onOpen: { $0.write(pattern(20)) }))
            }
            let wrote = await recorder.wait { $0 == .wrote(10) }
            #expect(wrote == .wrote(10))
            let before = transport.writes.load(ordering: .relaxed)
            for _ in 0..<5 { try await handle.submit { loop in loop.forEachConnection { $0.write([1]) } } }
            #expect(transport.writes.load(ordering: .relaxed) == before)
            var received: [UInt8] = []
            while received.count < 25 {
                _ = there.read(appendingTo: &received)
                try await handle.submit { _ in }
            }
            #expect(received == pattern(20) + [1, 1, 1, 1, 1])
        }
    }

    /// Ended on one's own and then finished, its stream is ended once.
    @Test func theStreamIsEndedOnce() async throws {
        let transport = CountingTransport(MemoryTransport.pair().0)
        let recorder = Recorder()
        try await withLoop { handle in
            handle.run { loop in
                let handler = TestHandler(
                    recorder,
                    onOpen: {
                        $0.shutDownWriting()
                        $0.finish(within: .milliseconds(1))
                    })
                loop.attach(transport, isInbound: false, handler: handler)
            }
            let cause = await recorder.waitForClose()
            #expect(cause == .closedLocally)
        }
        #expect(transport.shutDowns.load(ordering: .relaxed) == 1)
    }
}
