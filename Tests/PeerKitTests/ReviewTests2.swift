import PeerKit
import PeerLoop
import TestSupport
import Testing

/// Waits that have to end, and memory that has to be counted, in the corners between the phases of a peer's life.
@Suite(.timeLimit(.minutes(2))) struct CornerTests {
    /// The deadline of a request that begins between `attach` and the first tick of the connection was the last that
    /// was ever armed for the peer, and got lost.
    @Test(arguments: [false, true]) func aRequestBeforeTheConnectionOpensLosesNoDeadline(isAdopted: Bool) async throws {
        try await NodeRig.with({ configuration in
            configuration.maxPendingRequests = 1
            configuration.handshakeTimeout = .seconds(2)
        }) { rig in
            let gate = Gate()
            defer { gate.open() }
            rig.node.onLoop { _ in gate.pass() }
            let peer = Peer(outbound: rig.node)
            let (here, there) = MemoryTransport.pair()
            let (own, other) = try Raw.socketPair()
            let far = try AdoptedSocket(descriptor: other)
            if isAdopted {
                try peer.attach(adopting: own)
            } else {
                peer.attach(here)
            }
            // The one that is refused tells that the other has begun.
            let outcomes = Log<RequestError?>()
            for _ in 0..<2 {
                Task { outcomes.add(await Task { try await peer.ping(within: .milliseconds(200)) }.requestError) }
            }
            #expect(try await outcomes.wait(for: 1) == [.tooManyPending])
            gate.open()
            #expect(try await outcomes.wait(for: 2).last == .timedOut)
            #expect(await peer.waitForDisconnect() == .handshakeTimedOut)
            there.close()
            _ = far
        }
    }

    /// Nobody else looks at the time of a peer that has no connection yet.
    @Test func aRequestOfAnUnattachedPeerTimesOut() async throws {
        try await NodeRig.with({ $0.connectTimeout = .seconds(3_600) }) { rig in
            let peer = Peer(outbound: rig.node)
            let ping = Task { try await peer.ping(within: .milliseconds(100)) }
            #expect(await ping.requestError == .timedOut)
            peer.disconnect()
        }
    }

    /// Whoever connects cannot read before the handshake is done, which a full sequence must not hold up.
    @Test func aSmallBoundDoesNotHoldUpTheHandshake() async throws {
        try await NodeRig.with({ $0.handshakeTimeout = .seconds(60) }) { rig in
            let listener = try BlockingListener()
            let address = SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port)
            async let accepted = RawClient(acceptedBy: listener)
            async let connected = rig.node.connect(to: address, messages: .bounded(1))
            let client = try await accepted
            #expect(try await client.receiveFrame()?.command == "version")
            try await client.send(.version(Raw.version()))
            // Sent when the version was taken, and so the verack is not read together with it.
            while try await client.receiveFrame()?.command != "verack" {}
            try await client.send(.verack)
            let peer = try await connected
            var kinds: [MessageKind?] = []
            try await client.send(.pong(nonce: 1))
            for await message in peer.messages {
                kinds.append(message.kind)
                if kinds.count == 3 { break }
            }
            #expect(kinds == [.version, .verack, .pong])
        }
    }

    /// A peer that is gone while the application still thinks about its version: the handshake's time runs on.
    @Test func aHandshakeEndsInTimeAlsoWhenThePeerIsGone() async throws {
        let gate = Gate()
        defer { gate.open() }
        try await NodeRig.with({ configuration in
            configuration.handshakeTimeout = .milliseconds(500)
            configuration.listeners.onVersion = { _, _ in
                gate.pass()
                return nil
            }
        }) { rig in
            let listener = try BlockingListener()
            let address = SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port)
            async let accepted = RawClient(acceptedBy: listener)
            let connecting = Task { try await rig.node.connect(to: address) }
            let client = try await accepted
            #expect(try await client.receiveFrame()?.command == "version")
            try await client.send(.version(Raw.version()))
            await client.close()
            // The gate is still closed: only the time that has passed can end it.
            await #expect(throws: NodeError.self) { try await connecting.value }
            gate.open()
        }
    }

    /// What peers that have left sent is memory all the same, while a listener is busy.
    @Test func messagesOfPeersThatLeftStayWithinTheBudget() async throws {
        let gate = Gate()
        defer { gate.open() }
        let byteCount = Lock(0)
        try await NodeRig.with({ configuration in
            configuration.memoryBudgets.laneByteCount = 1_000_000
            configuration.listeners.onMessage = { _, message in
                guard case .unknown(_, let bytes) = message else { return }
                gate.pass()
                byteCount.withLock { $0 += bytes.count }
            }
        }) { rig in
            for _ in 0..<20 {
                let (client, peer) = try await rig.rawPeer()
                for _ in 0..<10 { try await client.send(Samples.unknown(30_000)) }
                try await until { peer.statistics.receivedByteCount > 300_000 }
                await client.close()
                _ = await peer.waitForDisconnect()
            }
            gate.open()
            try await rig.log.wait { $0.count { $0.reason != nil } == 20 }
            // The budget, and what listeners were busy with.
            #expect(byteCount.withLock { $0 } <= 1_000_000 + 20 * 30_000 + 300_000)
            #expect(!rig.log.all.contains { $0.reason == .overBudget(.lanes) })
        }
    }

    /// Requests that wait until their peer reads are memory, too.
    @Test func postponedRequestsStayWithinTheBudget() async throws {
        try await NodeRig.with({ $0.memoryBudgets.laneByteCount = 500_000 }) { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 4_096)
            while peer.isWritable || peer.pendingByteCount < 3 << 20 {
                try #require(peer.queue(Samples.unknown(500_000)) == .queued)
            }
            let request = Message.getData((0..<5_000).map { .transaction(Samples.hash($0)) })
            for _ in 0..<5 { try? await client.send(request) }
            try await until { peer.statistics.receivedByteCount > 5 * 180_000 || !peer.isConnected }
            _ = await peer.snapshot
            #expect(try await rig.log.disconnectReason() == .overBudget(.lanes))
            await client.close()
        }
    }
}
