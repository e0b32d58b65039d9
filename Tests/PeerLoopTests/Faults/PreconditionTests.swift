import Glibc
import PeerLoop
import TestSupport
import Testing

/// Mistakes of the program, which no peer can cause, end it where they are made.
@Suite(.timeLimit(.minutes(2))) struct PreconditionTests {
    /// A connection whose handler reads directly, and has something to read.
    static func readDirectly(_ handler: @escaping @Sendable () -> any ConnectionHandler) async throws {
        try await LoopFixture.with(handler: handler) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            try client.send([1])
            // A trap comes first.
            _ = try client.receiveToEnd()
        }
    }

    final class Undecided: ConnectionHandler {
        func opened(_ connection: Connection) { connection.readsDirectly = true }
        func received(_ bytes: RawSpan, on connection: Connection) {}
        func closed(_ connection: Connection, cause: CloseCause) {}
    }

    @Test func readingDirectlyWithoutSayingWhereTo() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try await Self.readDirectly { Undecided() }
        }
        try expect(result, toSay: "must say where to")
    }

    @Test func readingDirectlyWithoutReading() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try await Self.readDirectly { DirectReader { _, _, _ in } }
        }
        try expect(result, toSay: "must read, or stop reading")
    }

    @Test func readingDirectlyWithoutRoom() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try await Self.readDirectly {
                DirectReader { _, _, read in
                    var bytes: [UInt8] = []
                    bytes.append(addingCapacity: 0) { read(&$0) }
                }
            }
        }
        try expect(result, toSay: "must have room")
    }

    @Test func writingInAnotherWayWhileMemoryIsLent() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try await LoopFixture.with(handler: {
                TestHandler(
                    Recorder(), onOpen: { connection in connection.write(capacity: 10) { _ in connection.write([1]) } })
            }) { fixture in
                let client = try BlockingSocket(port: fixture.port)
                _ = try client.receiveToEnd()
            }
        }
        try expect(result, toSay: "written to while")
    }

    /// Another loop's thread may wait, and so may one that has the number of a thread that is gone.
    @Test func othersMayWait() async throws {
        try await TwoLoops.with { loops in
            let second = loops.second
            let answer = try await loops.first.submit { _ in try second.submitAndWait { _ in 5 } }
            #expect(answer == 5)
        }
        for _ in 0..<20 {
            let handle = try EventLoopHandle.start()
            await handle.shutdown(within: .zero)
            try await runOnThreads(2) { _ in
                do {
                    try handle.submitAndWait { _ in }
                    Issue.record("a loop that has stopped did something")
                } catch {
                    handle.shutdownAndWait(within: .zero)
                }
            }
        }
    }

    @Test func aMailboxOfAnotherLoop() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let one = try EventLoopHandle.start()
            let other = try EventLoopHandle.start()
            let mailbox = Mailbox<Int>(waker: one.waker)
            try await other.submit { $0.attach(mailbox) { _, _ in } }
        }
        try expect(result, toSay: "belongs to the loop that it wakes")
    }

    @Test func aMailboxAttachedTwice() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let handle = try EventLoopHandle.start()
            let mailbox = Mailbox<Int>(waker: handle.waker)
            try await handle.submit { loop in for _ in 0..<2 { loop.attach(mailbox) { _, _ in } } }
        }
        try expect(result, toSay: "is attached once")
    }

    @Test func aTransportUsedTwice() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let handle = try EventLoopHandle.start()
            let (here, _) = MemoryTransport.pair()
            let witness = Witness()
            try await handle.submit { loop in
                for _ in 0..<2 { loop.attach(here, isInbound: false, handler: WitnessHandler(witness)) }
            }
            await witness.wait { $0.openedCount == 2 }
        }
        try expect(result, toSay: "has one user")
    }

    /// Somebody who closes descriptors that are not its own has closed the loop's.
    @Test func aLoopWhoseDescriptorWasClosed() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let handle = try EventLoopHandle.start()
            try await handle.submit { _ in for number in 3..<200 { close(Int32(number)) } }
            try await handle.submit { _ in }
        }
        try expect(result, toSay: "epoll_wait refused its own descriptor")
    }

    private func expect(
        _ result: ExitTest.Result?, toSay words: String, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text.contains(words), "\(text.prefix(500))", sourceLocation: location)
    }
}
