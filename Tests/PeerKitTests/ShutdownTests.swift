import PeerKit
import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ShutdownTests {
    private func node(_ change: (inout PeerConfiguration) -> Void = { _ in }) throws -> (PeerNode, Log<Heard>) {
        let log = Log<Heard>()
        var configuration = NodeRig.configuration(.regtest, log)
        change(&configuration)
        return (try PeerNode(configuration), log)
    }

    @Test func peersThatDoNotReadDoNotHoldIt() async throws {
        // The goodbyes would take longer than this test may.
        let (node, log) = try node { $0.goodbyeTimeout = .seconds(3_600) }
        let server = try await node.listen(on: "127.0.0.1:0")
        let rig = NodeRig(node: node, server: server, log: log)
        var clients: [RawClient] = []
        for _ in 0..<5 {
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 4_096)
            for _ in 0..<100 { peer.queue(Samples.unknown(100_000)) }
            clients.append(client)
        }
        await node.shutdown(within: .milliseconds(200))
        // The loop has ended; the listeners may take a little longer.
        #expect(await node.shutdown(within: .seconds(30)))
        #expect(log.all.filter { $0.reason == .shutDown }.count == 5)
        log.expectEveryPeerEndedOnce()
        for client in clients { await client.close() }
    }

    @Test(arguments: [Duration.seconds(Int64.max), .seconds(Int64.min), .zero])
    func anyLimitWillDo(_ limit: Duration) async throws {
        let (node, _) = try node()
        let isDone = await node.shutdown(within: limit)
        // The workers that have nothing to do take a moment to end, which may be more than no time.
        #expect(isDone || limit <= .zero)
        #expect(await node.shutdown(within: .seconds(30)))
    }

    @Test func whatWaitsIsSentFirst() async throws {
        let (node, log) = try node { $0.goodbyeTimeout = .seconds(60) }
        let server = try await node.listen(on: "127.0.0.1:0")
        let rig = NodeRig(node: node, server: server, log: log)
        let (client, peer) = try await rig.rawPeer(receiveBuffer: 65_536)
        for _ in 0..<100 { peer.queue(Samples.unknown(100_000)) }
        async let isDone = node.shutdown(within: .seconds(60))
        let frames = try await client.receiveToEnd()
        #expect(frames.count == 100)
        await client.close()
        #expect(await isDone)
        #expect(log.all.last?.reason == .shutDown)
    }

    @Test func aBlockedListenerIsReportedAndNotWaitedFor() async throws {
        let gate = Gate()
        let entered = Log<Bool>()
        let (node, log) = try node { configuration in
            configuration.listeners.onPing = { _, _ in
                entered.add(true)
                gate.pass()
            }
        }
        let server = try await node.listen(on: "127.0.0.1:0")
        let rig = NodeRig(node: node, server: server, log: log)
        let (client, _) = try await rig.rawPeer()
        try await client.send(.ping(nonce: 1))
        try await entered.wait(for: 1)
        #expect(!(await node.shutdown(within: .milliseconds(100))))
        gate.open()
        // The listeners finish what they were given, the end of the peer included.
        #expect(await node.shutdown(within: .seconds(30)))
        log.expectEveryPeerEndedOnce()
        await client.close()
    }

    @Test func aConnectThatWaitsHearsOfIt() async throws {
        let (node, _) = try node()
        let listener = try BlockingListener()
        let address = SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port)
        let dialling = Task { try await node.connect(to: address) }
        // The handshake is under way and not answered.
        let client = try await RawClient(acceptedBy: listener)
        #expect(try await client.receiveFrame()?.command == "version")
        async let isDone = node.shutdown(within: .seconds(30))
        await #expect(throws: NodeError.connectFailed(address, .shutDown)) {
            // The goodbye waits for this side to end, too.
            let rest = try await client.receiveToEnd()
            #expect(rest.isEmpty)
            await client.close()
            _ = try await dialling.value
        }
        #expect(await isDone)
    }

    /// A name was looked up on workers that had ended, and the call never came back.
    @Test func nothingIsTakenAfterwards() async throws {
        let (node, log) = try node()
        let server = try await node.listen(on: "127.0.0.1:0")
        let (client, peer) = try await NodeRig(node: node, server: server, log: log).rawPeer()
        await node.shutdown(within: .zero)
        await #expect(throws: NodeError.shutDown) { try await node.connect(to: server.address) }
        await #expect(throws: NodeError.shutDown) { try await node.connect(to: "\(server.address)") }
        await #expect(throws: NodeError.shutDown) { try await node.listen(on: server.address) }
        await #expect(throws: NodeError.shutDown) { try await node.listen(on: "127.0.0.1:0") }
        #expect(peer.queue(.getAddr) == .refused(.disconnected))
        peer.disconnect()
        server.stop()
        #expect(await node.shutdown(within: .seconds(30)))
        await client.close()
    }

    /// A connect that came while the node said its goodbyes held the shutdown until its limit.
    @Test func nothingIsTakenMeanwhile() async throws {
        let (node, _) = try node()
        let silent = try BlockingListener()
        let address = SocketAddress(ipv4: 127, 0, 0, 1, port: silent.port)
        let server = try await node.listen(on: "127.0.0.1:0")
        let client = try RawClient(port: server.address.port)
        try await client.handshake()
        // The goodbye goes on until the client ends its side.
        async let isDone = node.shutdown(within: .seconds(60))
        let rest = try await client.receiveToEnd()
        #expect(rest.isEmpty)
        await #expect(throws: NodeError.shutDown) { try await node.connect(to: address) }
        await #expect(throws: NodeError.shutDown) { try await node.listen(on: "127.0.0.1:0") }
        await client.close()
        #expect(await isDone)
    }

    @Test func shutdownsAtTheSameTimeAllEnd() async throws {
        let (node, _) = try node()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<10 { group.addTask { await node.shutdown(within: .seconds(30)) } }
            for await isDone in group { #expect(isDone) }
        }
    }

    /// A peer that has ended is held by nobody but those who want it; its sockets are closed.
    @Test func connectionsLeaveNothingBehind() async throws {
        struct Weak { weak var peer: Peer? }
        let seen = Lock<[Weak]>([])
        let ends = Log<Bool>()
        func quiet(_ configuration: inout PeerConfiguration) {
            configuration.listeners = MessageListeners()
            configuration.listeners.onHandshake = { peer in seen.withLock { $0.append(Weak(peer: peer)) } }
            configuration.listeners.onDisconnect = { _, _ in ends.add(true) }
        }
        try await NodeRig.with(quiet) { dialler in
            try await NodeRig.with(quiet) { acceptor in
                for number in 0..<500 {
                    let peer = try await dialler.node.connect(to: acceptor.address)
                    try await peer.send(Samples.unknown(2_000))
                    peer.disconnect()
                    try await ends.wait(for: 2 * (number + 1))
                }
                for number in 0..<100 {
                    let client = try RawClient(port: acceptor.port)
                    if number % 2 == 0 { try await client.handshake() }
                    if number % 3 == 0 { await client.reset() } else { await client.close() }
                    try await ends.wait(for: 1_000 + number + 1)
                }
                // The last listener call may still be on its way out.
                try await until { seen.withLock { $0.allSatisfy { $0.peer == nil } } }
                #expect(seen.withLock { $0.count } == 1_050)
                #expect(try OwnSockets.count(port: acceptor.port) == 0)
                #expect(acceptor.node.statistics.connectedPeers == 0)
            }
        }
    }
}
