import PeerKit
import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct HandshakeTests {
    @Test func twoNodesShakeHands() async throws {
        try await NodeRig.pair({ configuration in
            configuration.userAgent = UserAgent(name: "pair", version: "2")
            configuration.services = [.network]
            configuration.chainHeight = 4_711
        }) { dialler, acceptor, outbound, inbound in
            for (peer, direction) in [(outbound, Peer.Direction.outbound), (inbound, .inbound)] {
                #expect(peer.isConnected && peer.direction == direction)
                #expect(peer.protocolVersion == .current)
                let version = try #require(peer.version)
                #expect(version.services == [.network] && version.startHeight == 4_711)
                #expect(version.userAgent == UserAgent(name: "pair", version: "2") && version.relay)
            }
            #expect(outbound.address == acceptor.address)
            #expect(acceptor.node.statistics.connectedPeers == 1 && acceptor.node.statistics.handshakes == 1)
        }
    }

    @Test func listenersHearTheHandshakeInOrder() async throws {
        try await NodeRig.with { rig in
            let client = try RawClient(port: rig.port)
            // In one write, so that nothing but the node itself can keep the order.
            try await client.send([.version(Raw.version()), .verack, .sendHeaders, .ping(nonce: 1)])
            let heard = try await rig.log.wait(for: 5)
            #expect(
                heard.map(\.event) == [
                    .message(.version(Raw.version())), .message(.verack), .handshake, .message(.sendHeaders),
                    .message(.ping(nonce: 1)),
                ])
        }
    }

    @Test func aDiallingNodeSaysWhatItIs() async throws {
        try await NodeRig.with({
            $0.chainHeight = 99
            $0.relaysTransactions = false
            $0.services = [.network, .bloom]
        }) { rig in
            let listener = try BlockingListener()
            async let dialled = rig.node.connect(to: SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port))
            let client = try await RawClient(acceptedBy: listener)
            let theirs = try await client.answerHandshake()
            let peer = try await dialled
            #expect(theirs.protocolVersion == .current && theirs.startHeight == 99 && !theirs.relay)
            #expect(theirs.services == [.network, .bloom] && theirs.nonce != 0)
            #expect(theirs.receiver.port == listener.port)
            #expect(peer.version == Raw.version())
        }
    }

    /// A peer that is dialled must not hear anything before it has spoken, and gets version and verack then.
    @Test func anAcceptingNodeWaitsForTheVersion() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            #expect(peer.version == Raw.version())
            #expect(await client.receivedFrameCount == 3)
        }
    }

    @Test(arguments: [209, 31_402, 60_000, 60_001, 70_001, 70_002, 70_016, 70_017, 80_000] as [Int32])
    func theLowerVersionIsSpoken(_ number: Int32) async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer(as: Raw.version(number))
            #expect(peer.protocolVersion == ProtocolVersion(rawValue: min(number, 70_016)))
            #expect(peer.version?.protocolVersion.rawValue == number)
            // A message of every version, to see that the connection works.
            #expect(peer.queue(.getAddr) == .queued)
            #expect(try await client.receiveFrame() == RawFrame(command: "getaddr", payload: []))
        }
    }

    /// A ping without a nonce did not encode at the version the session's own messages were written for.
    @Test(arguments: [209, 60_000, 60_001, 70_016] as [Int32])
    func peersOfAllVersionsArePinged(_ number: Int32) async throws {
        try await NodeRig.with({ $0.pingInterval = .milliseconds(50) }) { rig in
            let (client, _) = try await rig.rawPeer(as: Raw.version(number))
            let frame = try #require(try await client.receiveFrame())
            #expect(frame.command == "ping")
            #expect(frame.payload.count == (number > 60_000 ? 8 : 0))
        }
    }

    @Test func pingsAreAnsweredAndMeasured() async throws {
        try await NodeRig.with({ $0.pingInterval = .milliseconds(50) }) { rig in
            let (client, peer) = try await rig.rawPeer()
            try await client.send([.ping(nonce: 0x0102)])
            var pong: RawFrame?
            while pong == nil {
                let frame = try #require(try await client.receiveFrame())
                if frame.command == "ping" {
                    try await client.send(Raw.frame("pong", frame.payload))
                } else {
                    pong = frame
                }
            }
            #expect(pong == RawFrame(command: "pong", payload: [2, 1, 0, 0, 0, 0, 0, 0]))
            while peer.statistics.lastPingMicroseconds == nil {
                let frame = try #require(try await client.receiveFrame())
                #expect(frame.command == "ping")
                try await client.send(Raw.frame("pong", frame.payload))
            }
            // One snapshot: with each pong both may fall.
            let statistics = peer.statistics
            #expect(try #require(statistics.minimumPingMicroseconds) <= #require(statistics.lastPingMicroseconds))
        }
    }

    @Test func featuresAreNegotiatedBetweenVersionAndVerack() async throws {
        try await NodeRig.with { rig in
            let client = try RawClient(port: rig.port)
            try await client.send([.version(Raw.version())])
            try await client.send(Raw.frame("sendaddrv2") + Raw.frame("extversion", [0]) + Raw.frame("wtfisthis", [1]))
            try await client.send([.verack, .getAddr])
            let heard = try await rig.log.wait(for: 7)
            #expect(
                heard.map(\.description).map { $0.split(separator: " ").last ?? "" } == [
                    "version", "sendaddrv2", "extversion", "wtfisthis", "verack", "handshake", "getaddr",
                ])
        }
    }
}
