import Glibc
import TestSupport
import Testing

@testable import PeerLoop

/// What comes about only after days or by a rare chance, brought about by hand.
@Suite(.timeLimit(.minutes(1))) struct InternalFaultTests {
    /// A system that forbids accepting leaves the queue as it is, and is told like any other failure: taken for a
    /// connection that went away, it would be tried for ever.
    @Test func whatLeavesTheQueueAsItIsIsAFailure() {
        #expect(Socket.leavesNothingToAccept(EAGAIN) && Socket.leavesNothingToAccept(ECONNABORTED))
        #expect([EPERM, EACCES, EMFILE, ENOBUFS, EINVAL].allSatisfy { !Socket.leavesNothingToAccept($0) })
    }

    /// After two thousand million uses of the first slot its token was the one that stands for none: what was written
    /// while its own event was handled stayed where it was.
    @Test func theNumbersOfASlotBeginAnew() async throws {
        let ids = Lock<[ConnectionID]>([])
        try await withLoop { handle in
            let port = try await handle.submit { loop in
                let first = loop.allocateSlot()
                #expect(first.slot == 0)
                loop.freeSlot(ConnectionID(slot: 0, generation: 0x7fff_ffff))
                let next = loop.allocateSlot()
                #expect(next.slot == 0 && next.token != EventLoop.noToken)
                loop.freeSlot(ConnectionID(slot: 0, generation: 0x7fff_ffff))
                return try BlockingListener()
            }
            let client = try BlockingSocket(port: port.port)
            let number = try port.accept().takeDescriptor()
            try await handle.submit { loop in
                let connection = try loop.adopt(
                    descriptor: number, isInbound: true,
                    handler: WitnessHandler(Witness(), received: { $1.write($0) }))
                ids.withLock { $0.append(connection.id) }
            }
            try client.send([1, 2, 3])
            #expect(try client.receive(exactly: 3) == [1, 2, 3])
            #expect(ids.value.map(\.slot) == [0])
        }
    }

    @Test func aQueueForgetsTheProgressOfItsLastUse() {
        let queue = OutputQueue()
        queue.begin(WriteLimits(highMark: 10))
        queue.append(pattern(3_000))
        _ = queue.writeFront(limit: 100) { .moved($0.byteCount) }
        queue.beginWindow(at: 5)
        #expect(queue.flushedInWindow == 0)
        queue.reset()
        queue.begin(WriteLimits(highMark: 10))
        queue.append(pattern(20))
        #expect(queue.flushedInWindow == 0)
        #expect(queue.isOverMark && !queue.isOverMarkTold)
    }

    @Test func timesAreClamped() {
        let clock = LoopClock()
        #expect(clock.nanoseconds(of: clock.origin.advanced(by: .seconds(Int64.max))) == .max)
        #expect(clock.nanoseconds(of: clock.origin.advanced(by: .seconds(Int64.min))) == .min)
        #expect(clock.nanoseconds(of: clock.origin.advanced(by: .nanoseconds(-5))) == -5)
        #expect(clock.nanoseconds(of: clock.origin.advanced(by: .seconds(9_000_000_000))) == 9_000_000_000_000_000_000)
    }

    /// The lists of a burst are given back with the rest; a copy has the memory of its original.
    @Test func theListsOfABurstAreGivenBack() async throws {
        var configuration = EventLoop.Configuration()
        configuration.memoryReturnDelay = .milliseconds(5)
        configuration.transportsPerTick = 10_000
        // All in one tick: nothing is left to wait in the meantime, and so nothing returned.
        configuration.flushesPerTick = 10_000
        try await withLoop(configuration) { handle in
            try await handle.submit { loop in
                for _ in 0..<5_000 {
                    loop.attach(
                        MemoryTransport.pair().0, isInbound: false,
                        handler: Closures(opened: { $0.write([UInt8](repeating: 1, count: 2_000)) }))
                }
            }
            try await handle.submit { loop in
                #expect(loop.flushingList.capacity + loop.dirtyList.capacity >= 5_000)
                loop.forEachConnection { $0.close() }
            }
            let isReturned = await eventually { handle.metrics().memoryReturnCount > 0 }
            #expect(isReturned)
            try await handle.submit { loop in
                #expect(loop.flushingList.capacity + loop.dirtyList.capacity < 100)
                #expect(loop.closeList.capacity < 5_000)
            }
        }
    }
}
