import PeerKit
import PeerLoop
import Testing

/// Peers that wait for a connection, and those that never get one.
@Suite(.timeLimit(.minutes(1))) struct UnattachedTests {
    private let address = SocketAddress(ipv4: 192, 0, 2, 7, port: 9)

    private func failure(_ peer: Peer) async -> NodeError? {
        do throws(NodeError) {
            try await peer.handshaken()
            return nil
        } catch {
            return error
        }
    }

    @Test func disconnectingEndsIt() async throws {
        try await NodeRig.with { rig in
            for isInbound in [true, false] {
                let peer =
                    isInbound ? Peer(inbound: rig.node, from: address) : Peer(outbound: rig.node, to: address)
                let sent = Task { try await peer.send(.pong(nonce: 1)) }
                peer.disconnect()
                #expect(await failure(peer) == .connectFailed(address, .requested))
                await #expect(throws: SendError.disconnected) { try await sent.value }
                #expect(!peer.attach(MemoryTransport.pair().0))
                #expect(peer.queue(.pong(nonce: 2)) == .refused(.disconnected))
            }
        }
    }

    @Test func itEndsWithItsNode() async throws {
        let log = Log<Heard>()
        let node = try PeerNode(NodeRig.configuration(.regtest, log))
        let peer = Peer(inbound: node, from: address)
        async let ended = failure(peer)
        #expect(await node.shutdown(within: .seconds(30)))
        #expect(await ended == .shutDown)
        let late = Peer(outbound: node, to: address)
        #expect(!late.attach(MemoryTransport.pair().0))
        #expect(await failure(late) == .shutDown)
        #expect(late.queue(.pong(nonce: 1)) == .refused(.disconnected))
        #expect(log.all.isEmpty)
    }

    @Test func whoeverIsNeverAttachedEndsInTime() async throws {
        try await NodeRig.with({ $0.connectTimeout = .milliseconds(30) }) { rig in
            let peer = Peer(outbound: rig.node, to: address)
            #expect(await failure(peer) == .connectFailed(address, .connectTimedOut))
            #expect(!peer.attach(MemoryTransport.pair().0))
        }
    }

    @Test func oneThatIsAttachedIsNotTimed() async throws {
        try await NodeRig.with({ $0.connectTimeout = .milliseconds(200) }) { rig in
            let (here, there) = MemoryTransport.pair()
            let peer = try await rig.withLoopHeld {
                let peer = Peer(inbound: rig.node, from: address)
                #expect(peer.attach(here))
                return peer
            }
            // The measure of time: one that is made later runs out later.
            #expect(await failure(Peer(outbound: rig.node, to: address)) == .connectFailed(address, .connectTimedOut))
            there.close()
            #expect(await failure(peer) == .connectFailed(address, .remoteClosed))
        }
    }

    /// The loop heard of the connection and of the time that was up in one tick, and of the time first.
    @Test func oneThatIsAttachedInTimeIsNotTimedWhenTheLoopIsLate() async throws {
        let limit = Duration.milliseconds(50)
        try await NodeRig.with({ $0.connectTimeout = limit }) { rig in
            let (here, there) = MemoryTransport.pair()
            // The loop knows the peer before it is held, and its time has begun.
            let (peer, begin) = try await rig.withLoopHeld {
                (Peer(inbound: rig.node, from: address), ContinuousClock.now)
            }
            let isAttached = try await rig.withLoopHeld {
                let isAttached = peer.attach(here)
                try await until { begin.duration(to: .now) > limit * 2 }
                return isAttached
            }
            there.close()
            // Where the machine was slow, it was late itself.
            #expect(await failure(peer) == .connectFailed(address, isAttached ? .remoteClosed : .connectTimedOut))
        }
    }

    @Test func inboundOnesCountAsInbound() async throws {
        try await NodeRig.with({ $0.maxInboundPeers = 2 }) { rig in
            let peers = (0..<3).map { _ in Peer(inbound: rig.node, from: address) }
            #expect(await failure(peers[2]) == .connectFailed(address, .tooManyPeers))
            #expect(!peers[2].attach(MemoryTransport.pair().0))
            #expect(rig.node.statistics.refusedPeers == 1)
            // An outbound one is not counted.
            try await handshake(Peer(outbound: rig.node, to: address))
            peers[0].disconnect()
            #expect(await failure(peers[0]) == .connectFailed(address, .requested))
            let next = Peer(inbound: rig.node, from: address)
            #expect(next.queue(.pong(nonce: 1)) == .queued)
            #expect(await failure(Peer(inbound: rig.node)) == .connectFailed(.unspecified, .tooManyPeers))
            let client = try RawClient(port: rig.port)
            #expect(try await client.receiveFrame() == nil, "refused at accept")
            next.disconnect()
            peers[1].disconnect()
        }
    }

    @Test func theLimitByAddressCountsThemWhereThereIsAnAddress() async throws {
        try await NodeRig.with({ $0.maxInboundPeersPerAddress = 1 }) { rig in
            let first = Peer(inbound: rig.node, from: address)
            #expect(await failure(Peer(inbound: rig.node, from: address)) == .connectFailed(address, .tooManyPeers))
            let unknown = (0..<3).map { _ in Peer(inbound: rig.node) }
            for peer in unknown { try await handshake(peer) }
            first.disconnect()
            _ = await failure(first)
            let second = Peer(inbound: rig.node, from: address)
            try await handshake(second)
        }
    }

    /// With a node of its own at the other end.
    private func handshake(_ peer: Peer, whileConnected body: () async throws -> Void = {}) async throws {
        try await NodeRig.with { other in
            let (here, there) = MemoryTransport.pair()
            let partner = peer.direction == .inbound ? Peer(outbound: other.node) : Peer(inbound: other.node)
            #expect(peer.attach(here))
            #expect(partner.attach(there))
            try await peer.handshaken()
            // Again, and at once.
            try await peer.handshaken()
            try await body()
        }
    }

    @Test func waitingForTheHandshakeEndsWithItsTask() async throws {
        try await NodeRig.with { rig in
            let peer = Peer(inbound: rig.node, from: address)
            let waiting = Task { await failure(peer) }
            let patient = Task { await failure(peer) }
            waiting.cancel()
            #expect(await waiting.value == .cancelled)
            try await handshake(peer) { #expect(await patient.value == nil) }
            // Its partner is gone by now, or soon.
            _ = try await rig.log.disconnectReason()
            #expect(await failure(peer) == .connectFailed(address, .remoteClosed))
        }
    }

    @Test func nothingIsLeftOfThoseThatEnded() async throws {
        try await NodeRig.with { rig in
            weak var last: Peer?
            for _ in 0..<1000 {
                let peer = Peer(inbound: rig.node, from: address)
                peer.disconnect()
                _ = await failure(peer)
                last = peer
            }
            try await until { last == nil }
        }
    }
}
