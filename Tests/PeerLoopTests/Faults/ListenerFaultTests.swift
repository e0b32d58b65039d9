import PeerLoop
import TestSupport
import Testing

/// A listener that is closed amid what it listens for.
@Suite(.timeLimit(.minutes(1))) struct ListenerFaultTests {
    private static let anyPort = SocketAddress(ipv4: 127, 0, 0, 1, port: 0)

    /// Does what a test says for each connection, and keeps its listener.
    final class Acceptor: AcceptHandler {
        var listener: Listener?
        private let onAccept: (Acceptor, EventLoop) -> (any ConnectionHandler)?

        init(_ onAccept: @escaping (Acceptor, EventLoop) -> (any ConnectionHandler)?) {
            self.onAccept = onAccept
        }

        func accept(from address: SocketAddress, on loop: EventLoop) -> (any ConnectionHandler)? {
            onAccept(self, loop)
        }
    }

    /// Clients that have connected before the loop looks.
    private func connect(_ count: Int, _ port: UInt16) throws -> [BlockingSocket] {
        try (0..<count).map { _ in try BlockingSocket(port: port) }
    }

    /// Nobody listens any more: what was not accepted ends without an answer.
    private func expectEnd(_ client: BlockingSocket) {
        let rest = try? client.receiveToEnd()
        #expect(rest == nil || rest == [])
    }

    /// It shuts the loop down, and wants the connection all the same, which nobody would tell to end.
    @Test func theLoopShutsDownFromItsAccept() async throws {
        let witness = Witness()
        let handle = try EventLoopHandle.start()
        let client = try await handle.submit { loop in
            let acceptor = Acceptor { _, loop in
                loop.shutdown(within: .seconds(3600))
                return WitnessHandler(witness)
            }
            let listener = try loop.listen(on: Self.anyPort, handler: acceptor)
            return Lock(try BlockingSocket(port: listener.address.port))
        }
        await handle.shutdown(within: .seconds(3600))
        #expect(witness.now.openedCount == 0)
        client.withLock { expectEnd($0) }
    }

    @Test(arguments: [true, false]) func fromItsOwnAccept(_ takesLast: Bool) async throws {
        let witness = Witness()
        try await withLoop { handle in
            let clients = try await handle.submit { loop in
                let acceptor = Acceptor { acceptor, loop in
                    guard let listener = acceptor.listener else { return nil }
                    if listener.acceptedCount < 2 { return WitnessHandler(witness, opened: { $0.write([5]) }) }
                    loop.close(listener)
                    loop.close(listener)
                    return takesLast ? WitnessHandler(witness, opened: { $0.write([5]) }) : nil
                }
                acceptor.listener = try loop.listen(on: Self.anyPort, handler: acceptor)
                return Lock(try self.connect(6, acceptor.listener?.address.port ?? 0))
            }
            let taken = takesLast ? 3 : 2
            await witness.wait { $0.openedCount == taken }
            try await handle.expectQuiet("the listener is closed")
            try clients.withLock { clients in
                for client in clients.prefix(taken) {
                    let byte = try client.receive(exactly: 1)
                    #expect(byte == [5])
                }
                for client in clients.dropFirst(taken) { expectEnd(client) }
            }
            #expect(witness.now.openedCount == taken)
            try await handle.expectConnections(taken)
        }
    }

    @Test func fromAJobWhileConnectionsWait() async throws {
        let witness = Witness()
        try await withLoop { handle in
            let clients = try await handle.submit { loop in
                let acceptor = Acceptor { _, _ in WitnessHandler(witness) }
                let listener = try loop.listen(on: Self.anyPort, handler: acceptor)
                let clients = try self.connect(5, listener.address.port)
                for _ in 0..<3 { loop.close(listener) }
                #expect(loop.listener(listener.id) == nil)
                return Lock(clients)
            }
            try await handle.expectQuiet()
            clients.withLock { for client in $0 { expectEnd(client) } }
            #expect(witness.now.openedCount == 0)
        }
    }

    /// Connections wait on both, so both were reported; the first to have its turn closes the other.
    @Test func fromTheAcceptOfAnother() async throws {
        let witness = Witness()
        try await withLoop { handle in
            let clients = try await handle.submit { loop in
                let acceptors = Lock<[Acceptor]>([])
                for _ in 0..<2 {
                    let acceptor = Acceptor { acceptor, loop in
                        acceptors.withLock { acceptors in
                            for other in acceptors where other !== acceptor {
                                if let listener = other.listener { loop.close(listener) }
                            }
                        }
                        return WitnessHandler(witness)
                    }
                    acceptor.listener = try loop.listen(on: Self.anyPort, handler: acceptor)
                    acceptors.withLock { $0.append(acceptor) }
                }
                let ports = acceptors.withLock { $0.compactMap { $0.listener?.address.port } }
                return Lock(try ports.flatMap { try self.connect(4, $0) })
            }
            await witness.wait { $0.openedCount == 4 }
            try await handle.expectQuiet()
            #expect(witness.now.openedCount == 4)
            clients.withLock { $0.removeAll() }
            await witness.wait { $0.closes.count == 4 }
        }
    }

    /// One that is closed and opened anew amid its own event takes the same slot, number and port.
    @Test func andOpenedAnewFromItsOwnAccept() async throws {
        let old = Witness()
        let new = Witness()
        try await withLoop { handle in
            let port = try await handle.submit { loop in
                let acceptor = Acceptor { acceptor, loop in
                    guard let listener = acceptor.listener else { return nil }
                    loop.close(listener)
                    let next = Acceptor { _, _ in WitnessHandler(new, opened: { $0.write([2]) }) }
                    acceptor.listener = nil
                    do throws(SystemError) {
                        next.listener = try loop.listen(on: listener.address, handler: next)
                    } catch {
                        Issue.record("\(error)")
                    }
                    return WitnessHandler(old, opened: { $0.write([1]) })
                }
                let listener = try loop.listen(on: Self.anyPort, handler: acceptor)
                acceptor.listener = listener
                return listener.address.port
            }
            let first = try BlockingSocket(port: port)
            #expect(try first.receive(exactly: 1) == [1])
            let second = try BlockingSocket(port: port)
            #expect(try second.receive(exactly: 1) == [2])
            #expect(old.now.openedCount == 1 && new.now.openedCount == 1)
            try await handle.expectQuiet()
        }
    }

    /// A handler that closes its connection as it is opened, again and again, leaves nothing behind.
    @Test func connectionsThatAreClosedAsTheyOpen() async throws {
        let witness = Witness()
        try await LoopFixture.with(handler: {
            WitnessHandler(
                witness,
                opened: { connection in
                    connection.write([1], witness)
                    connection.reset()
                    connection.close()
                    connection.write([2], witness)
                })
        }) { fixture in
            let port = fixture.port
            try await runOnThreads(4) { _ in
                for _ in 0..<50 { _ = try? BlockingSocket(port: port).receiveToEnd() }
            }
            let ended = await witness.wait { $0.closes.count == 200 && $0.outcomes.count == 400 }
            #expect(ended.openedCount == 200)
            #expect(ended.closes.are(200, .closedLocally))
            try await fixture.handle.expectConnections(0)
        }
    }
}
