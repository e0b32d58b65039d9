import PeerLoop
import TestSupport
import Testing

private func lookUp(_ question: [UInt8]) async -> [UInt8] { question.reversed() }

/// Answers when somebody else knows the answer.
private final class Asker: ConnectionHandler {
    func received(_ bytes: RawSpan, on connection: Connection) {
        let question = [UInt8](copying: bytes)
        let id = connection.id
        let handle = connection.eventLoop.handle
        Task {
            let answer = await lookUp(question)
            handle.run { loop in loop.connection(id)?.write(answer) }
        }
    }

    func closed(_ connection: Connection, cause: CloseCause) {}
}

private struct Order: Sendable {
    let guest: ConnectionID
    let bytes: [UInt8]
}

/// The pieces of code that articles show and no example has: here they are compiled and run.
@Suite(.timeLimit(.minutes(1))) struct ArticleTests {
    @Test func jobsAreScheduledAndTakenBack() async throws {
        let handle = try EventLoopHandle.start()
        let counts = AsyncStream.makeStream(of: Int.self)
        let report: @Sendable (Int) -> Void = { counts.continuation.yield($0) }
        try await handle.submit { loop in
            let farewell = loop.schedule(after: .seconds(30)) { loop in
                loop.forEachConnection { $0.finish(within: .seconds(5)) }
            }
            loop.schedule(every: .seconds(1)) { loop, job in
                report(loop.connectionCount)
                // With nobody left neither of them is needed.
                if loop.connectionCount == 0, loop.cancel(farewell) { loop.cancel(job) }
            }
        }
        var reports = counts.stream.makeAsyncIterator()
        #expect(await reports.next() == 0)
        await handle.shutdown(within: .zero)
    }

    @Test func anAnswerFindsItsConnection() async throws {
        try await LoopFixture.with(handler: { Asker() }) { fixture in
            let port = fixture.port
            let answer = try await fixture.blocking {
                let client = try BlockingSocket(port: port)
                try client.send([1, 2, 3])
                return try client.receive(exactly: 3)
            }
            #expect(answer == [3, 2, 1])
        }
    }

    @Test func ordersComeByMailbox() async throws {
        let guests = AsyncStream.makeStream(of: ConnectionID.self)
        let recorder = Recorder()
        try await LoopFixture.with(
            handler: { TestHandler(recorder, onOpen: { guests.continuation.yield($0.id) }) }
        ) { fixture in
            let handle = fixture.handle
            let mailbox = Mailbox<Order>(waker: handle.waker)
            try await handle.submit { loop in
                loop.attach(mailbox) { loop, orders in
                    for order in orders { loop.connection(order.guest)?.write(order.bytes) }
                }
            }
            let client = try BlockingSocket(port: fixture.port)
            var ids = guests.stream.makeAsyncIterator()
            let id = try #require(await ids.next())
            mailbox.post(Order(guest: id, bytes: [4, 5, 6]))
            #expect(try client.receive(exactly: 3) == [4, 5, 6])
        }
    }
}
