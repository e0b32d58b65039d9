import Glibc
import PeerLoop
import TestSupport
import Testing

/// Descriptor numbers and slots are used again within one tick, and no report reaches whoever has them now.
@Suite(.timeLimit(.minutes(2))) struct ReuseTests {
    /// A stream that tells by each byte whose it is and where in it the byte stands.
    static func stream(of token: UInt16, _ count: Int) -> [UInt8] {
        [UInt8(token >> 8), UInt8(token & 0xff)]
            + (0..<count).map { UInt8(truncatingIfNeeded: Int(token) &* 31 &+ $0 &* 7) }
    }

    /// Checks that what it receives is one such stream from its beginning.
    final class Checker: ConnectionHandler {
        let witness: Witness
        let onReceive: (Connection) -> Void
        let onClose: (Connection) -> Void
        private var bytes: [UInt8] = []
        private var isOpen = false
        private var isClosed = false

        init(
            _ witness: Witness, received: @escaping (Connection) -> Void = { _ in },
            closed: @escaping (Connection) -> Void = { _ in }
        ) {
            self.witness = witness
            onReceive = received
            onClose = closed
        }

        func opened(_ connection: Connection) {
            if isOpen || isClosed { Issue.record("opened twice, or late") }
            isOpen = true
            witness.note { $0.openedCount += 1 }
        }

        func received(_ part: RawSpan, on connection: Connection) {
            if !isOpen || isClosed { Issue.record("received before it was opened, or when it was over") }
            part.withUnsafeBytes { bytes.append(contentsOf: $0) }
            if bytes.count >= 2 {
                let token = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
                if bytes != ReuseTests.stream(of: token, bytes.count - 2) { Issue.record("bytes of another") }
            }
            onReceive(connection)
        }

        func closed(_ connection: Connection, cause: CloseCause) {
            if isClosed { Issue.record("closed twice") }
            isClosed = true
            onClose(connection)
            witness.note { $0.closes.append(cause) }
        }
    }

    /// Everybody's bytes are there before the loop looks. Whoever has its turn ends a few others, whose reports are on
    /// their way, and for each of those a new connection is made in its place at once.
    @Test(arguments: [1 as UInt64, 2, 3, 4]) func newConnectionsInThePlacesOfOld(_ seed: UInt64) async throws {
        let random = Lock(SeededGenerator(seed: seed))
        let source = try BlockingListener(backlog: 1_024)
        let address = SocketAddress(ipv4: 127, 0, 0, 1, port: source.port)
        let inbound = Witness()
        let outbound = Witness()
        let made = Lock(0)
        // Closing and connecting again is up to the dice, until there were enough.
        @Sendable func replace(_ connection: Connection) {
            let isEnough = made.withLock { count in
                if count >= 400 { return true }
                count += 1
                return false
            }
            if isEnough { return }
            do throws(SystemError) {
                try connection.eventLoop.connect(
                    to: address, within: .seconds(30),
                    handler: Checker(outbound, received: disturb, closed: replace))
            } catch { Issue.record("\(error)") }
        }
        @Sendable func disturb(_ connection: Connection) {
            connection.eventLoop.forEachConnection { other in
                if random.withLock({ Int.random(in: 0..<40, using: &$0) }) == 0 {
                    if random.withLock({ Bool.random(using: &$0) }) { other.close() } else { other.reset() }
                }
            }
        }
        try await LoopFixture.with(handler: {
            Checker(inbound, received: disturb, closed: replace)
        }) { fixture in
            let port = fixture.port
            // Serves the connections that the loop makes: each gets a stream of its own, in pieces.
            async let served: Void = runOnThreads(2) { index in
                var token = UInt16(20_000 + index * 5_000)
                while made.withLock({ $0 }) < 400, let client = try? source.accept() {
                    token += 1
                    let stream = ReuseTests.stream(of: token, 300)
                    for piece in 0..<3 { _ = try? client.send(Array(stream[piece * 100..<(piece + 1) * 100])) }
                }
            }
            let clients = Lock<[BlockingSocket]>([])
            for round in 0..<200 where made.withLock({ $0 }) < 400 {
                try await fixture.handle.submit { _ in
                    try clients.withLock { clients in
                        clients.removeAll()
                        for index in 0..<40 {
                            let client = try BlockingSocket(port: port)
                            try client.send(ReuseTests.stream(of: UInt16(round * 40 + index), 200))
                            clients.append(client)
                        }
                    }
                }
                try await fixture.handle.submit { _ in }
            }
            #expect(made.value == 400, "nothing was used again")
            clients.withLock { $0.removeAll() }
            // Whoever still waits to be accepted, or for something to accept, is let go.
            for _ in 0..<2 { _ = try? BlockingSocket(port: source.port) }
            try await fixture.handle.submit { loop in loop.forEachConnection { $0.reset() } }
            try await served
        }
        #expect(inbound.now.openedCount == inbound.now.closes.count)
        #expect(outbound.now.closes.count == 400)
        #expect(outbound.now.openedCount <= 400)
    }

    /// One that has yet to be connected must not take a report on the one before it for its own: it would be opened.
    @Test func whatIsNotConnectedIsNotOpened() async throws {
        let listener = try BlockingListener(backlog: 0)
        let silent = SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port)
        let filler = try BlockingSocket(port: listener.port)
        let old = Witness()
        let new = Witness()
        try await LoopFixture.with(handler: {
            WitnessHandler(
                old,
                received: { _, connection in connection.eventLoop.forEachConnection { if $0.isOpen { $0.close() } } },
                closed: { connection in
                    do throws(SystemError) {
                        try connection.eventLoop.connect(
                            to: silent, within: .milliseconds(100), handler: WitnessHandler(new))
                    } catch { Issue.record("\(error)") }
                })
        }) { fixture in
            let port = fixture.port
            let clients = Lock<[BlockingSocket]>([])
            try await fixture.blocking {
                try clients.withLock { clients in for _ in 0..<100 { clients.append(try BlockingSocket(port: port)) } }
            }
            await old.wait { $0.openedCount == 100 }
            try await fixture.handle.submit { _ in
                try clients.withLock { for client in $0 { try client.send([1]) } }
            }
            await old.wait { $0.closes.count == 100 }
            await new.wait { $0.closes.count == 100 }
            #expect(new.now.openedCount == 0)
            #expect(new.now.closes.are(100, .connectTimedOut))
            #expect(old.now.bytes == [1], "all but the first were over when they had their turn")
            clients.withLock { $0.removeAll() }
        }
        filler.close()
    }

    /// A socket that somebody else has open, too, stays in epoll when it is closed here, unless it is taken out:
    /// reports of it would come for ever.
    @Test func aSocketThatIsOpenElsewhereIsLetGo() async throws {
        let listener = try BlockingListener()
        let client = try BlockingSocket(port: listener.port)
        let other = try listener.accept()
        let number = client.takeDescriptor()
        let shared = dup(number)
        defer { close(shared) }
        let witness = Witness()
        try await withLoop { handle in
            try await handle.submit { loop in
                _ = try loop.adopt(descriptor: number, isInbound: false, handler: WitnessHandler(witness))
            }
            await witness.wait { $0.openedCount == 1 }
            try await handle.submit { loop in loop.forEachConnection { $0.close() } }
            await witness.wait { $0.closes.count == 1 }
            // In its place there is another one, in the same slot.
            handle.run { loop in
                loop.attach(MemoryTransport.pair().0, isInbound: false, handler: WitnessHandler(witness))
            }
            await witness.wait { $0.openedCount == 2 }
            try other.send([1, 2, 3])
            try await handle.expectQuiet("its bytes are none of the loop's business any more")
            #expect(witness.now.bytes.isEmpty)
            #expect(witness.now.closes == [.closedLocally])
        }
    }
}
