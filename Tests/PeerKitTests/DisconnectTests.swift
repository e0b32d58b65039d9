import Glibc
import PeerKit
import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct DisconnectTests {
    @Test func theRemoteCloses() async throws {
        try await NodeRig.with { rig in
            let (client, _) = try await rig.rawPeer()
            await client.close()
            let reason = try await rig.log.disconnectReason()
            #expect(reason == .remoteClosed)
        }
    }

    @Test func theRemoteResets() async throws {
        try await NodeRig.with { rig in
            let (client, _) = try await rig.rawPeer()
            await client.reset()
            let reason = try await rig.log.disconnectReason()
            #expect(reason == .remoteReset)
        }
    }

    @Test func theRemoteClosesBeforeItSaysAnything() async throws {
        try await NodeRig.with { rig in
            let client = try RawClient(port: rig.port)
            await client.close()
            let reason = try await rig.log.disconnectReason()
            #expect(reason == .remoteClosed)
        }
    }

    @Test func whatIsQueuedGoesOutBeforeARequestedEnd() async throws {
        try await NodeRig.with({ $0.goodbyeTimeout = .seconds(60) }) { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 65_536)
            for _ in 0..<40 { #expect(peer.queue(Samples.unknown(100_000)) == .queued) }
            peer.disconnect()
            await #expect(throws: SendError.disconnected) { try await peer.send(.getAddr) }
            let frames = try await client.receiveToEnd()
            #expect(frames.map(\.payload.count) == [Int](repeating: 100_000, count: 40))
            await client.close()
            let reason = try await rig.log.disconnectReason()
            #expect(reason == .requested)
        }
    }

    /// A peer that has ended its own side of the stream, and still reads, lost what waited for it.
    @Test func aPeerThatHasFinishedSpeakingStillGetsWhatWaits() async throws {
        try await NodeRig.with({ $0.goodbyeTimeout = .seconds(60) }) { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 65_536)
            for _ in 0..<100 { #expect(peer.queue(Samples.unknown(100_000)) == .queued) }
            peer.disconnect()
            await #expect(throws: SendError.disconnected) { try await peer.send(.getAddr) }
            await client.shutDownWriting()
            let frames = try await client.receiveToEnd()
            #expect(frames.map(\.payload.count) == [Int](repeating: 100_000, count: 100))
            let reason = try await rig.log.disconnectReason()
            #expect(reason == .requested)
        }
    }

    @Test func aGoodbyeThatIsNotReadEndsAtItsLimit() async throws {
        try await NodeRig.with({ $0.goodbyeTimeout = .milliseconds(100) }) { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 65_536)
            for _ in 0..<100 { peer.queue(Samples.unknown(100_000)) }
            peer.disconnect()
            let reason = try await rig.log.disconnectReason()
            #expect(reason == .requested)
            await client.close()
        }
    }

    @Test(arguments: [false, true]) func aHandshakeThatDoesNotEnd(_ saysVersion: Bool) async throws {
        try await NodeRig.with({ $0.handshakeTimeout = .milliseconds(100) }) { rig in
            let client = try RawClient(port: rig.port)
            if saysVersion { try await client.send([.version(Raw.version())]) }
            let reason = try await rig.log.disconnectReason()
            #expect(reason == .handshakeTimedOut)
            await client.close()
        }
    }

    @Test func aSilentPeer() async throws {
        try await NodeRig.with({ $0.idleTimeout = .milliseconds(100) }) { rig in
            let (client, _) = try await rig.rawPeer()
            let reason = try await rig.log.disconnectReason()
            #expect(reason == .idle)
            await client.close()
        }
    }

    @Test func aPeerThatDoesNotAnswerPings() async throws {
        try await NodeRig.with({
            $0.pingInterval = .milliseconds(50)
            $0.pongTimeout = .milliseconds(100)
        }) { rig in
            let (client, _) = try await rig.rawPeer()
            let reason = try await rig.log.disconnectReason()
            #expect(reason == .pongTimedOut)
            #expect(try await client.receiveToEnd().map(\.command) == ["ping"])
        }
    }

    @Test func theNodeItself() async throws {
        try await NodeRig.with { rig in
            let error = try await #require(throws: NodeError.self) { try await rig.node.connect(to: rig.address) }
            guard case .connectFailed(rig.address, let reason) = error else {
                Issue.record("\(error)")
                return
            }
            // The inbound end finds it and closes; how the other end hears of that depends on what was under way.
            #expect(reason == .remoteClosed || reason == .remoteReset)
            let heard = try await rig.log.wait { $0.filter { $0.reason != nil }.count == 2 }
            #expect(heard.contains { $0.reason == .selfConnection && $0.peer.direction == .inbound })
        }
    }

    @Test func theNodeItselfWhereAllowed() async throws {
        try await NodeRig.with({ $0.allowsSelfConnections = true }) { rig in
            let peer = try await rig.node.connect(to: rig.address)
            #expect(peer.isConnected)
        }
    }

    @Test func aPeerWithoutTheServicesNeeded() async throws {
        try await NodeRig.with({ $0.requiredServices = [.network, .bitcoinCash] }) { rig in
            let listener = try BlockingListener()
            let address = SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port)
            let dialling = Task { try await rig.node.connect(to: address) }
            let client = try await RawClient(acceptedBy: listener)
            _ = try await client.receiveFrame()
            try await client.send([.version(Raw.version(services: [.network]))])
            let missing = DisconnectReason.missingServices([.bitcoinCash])
            let rejects = try await client.receiveToEnd()
            #expect(rejects.map(\.command) == ["reject"])
            #expect(
                try Raw.reject(in: rejects.first)
                    == RejectMessage(
                        command: .version, code: .nonstandard, reason: "required services are missing: 0x20"))
            await client.close()
            await #expect(throws: NodeError.connectFailed(address, missing)) { try await dialling.value }
            let reason = try await rig.log.disconnectReason()
            #expect(reason == missing)
        }
    }

    /// Whoever dials in need not offer anything.
    @Test func anInboundPeerWithoutTheServicesNeeded() async throws {
        try await NodeRig.with({ $0.requiredServices = [.network] }) { rig in
            let (client, peer) = try await rig.rawPeer(as: Raw.version(services: []))
            #expect(peer.isConnected && peer.version?.services == [])
            await client.close()
        }
    }

    @Test func nobodyListens() async throws {
        try await NodeRig.with { rig in
            // A port that was just free: bound, learned and released.
            let port = try BlockingListener().port
            let address = SocketAddress(ipv4: 127, 0, 0, 1, port: port)
            await #expect(throws: NodeError.connectFailed(address, .connectFailed(errno: ECONNREFUSED))) {
                try await rig.node.connect(to: address)
            }
            await #expect(throws: NodeError.connectFailed(address, .connectFailed(errno: ECONNREFUSED))) {
                try await rig.node.connect(to: "127.0.0.1:\(port)")
            }
            let error = NodeError.connectFailed(address, .connectFailed(errno: ECONNREFUSED))
            #expect("\(error)" == "cannot connect to \(address): connect: Connection refused")
            #expect(rig.log.all.isEmpty)
        }
    }

    @Test func nobodyAnswers() async throws {
        // With a backlog of 0 the kernel leaves further attempts without any answer.
        let listener = try BlockingListener(backlog: 0)
        let address = SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port)
        try await NodeRig.with({
            $0.connectTimeout = .milliseconds(200)
            $0.handshakeTimeout = .milliseconds(300)
        }) { rig in
            let outcomes = await withTaskGroup(of: NodeError?.self, returning: [NodeError?].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        do throws(NodeError) {
                            _ = try await rig.node.connect(to: address)
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.contains(.connectFailed(address, .connectTimedOut)))
            for outcome in outcomes {
                #expect(
                    outcome == .connectFailed(address, .connectTimedOut)
                        || outcome == .connectFailed(address, .handshakeTimedOut))
            }
        }
    }

    @Test(arguments: ["", "nowhere:x", "[::1", "127.0.0.1:70000", "127.0.0.1\0.example.org:1"])
    func anAddressThatIsNone(_ text: String) async throws {
        try await NodeRig.with { rig in
            await #expect(throws: AddressError.self) { try await rig.node.connect(to: text) }
        }
    }

    @Test func aPortThatIsTaken() async throws {
        try await NodeRig.with { rig in
            let error = try await #require(throws: NodeError.self) { try await rig.node.listen(on: rig.address) }
            guard case .listenFailed(rig.address, let cause) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(cause.isAddressInUse)
        }
    }
}
