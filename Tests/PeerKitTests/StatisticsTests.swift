import PeerKit
import PeerLoop
import Testing

@Suite(.timeLimit(.minutes(2))) struct StatisticsTests {
    @Test func countsEqualTheOtherSides() async throws {
        try await NodeRig.with { rig in
            let begin = ContinuousClock.now
            let (client, peer) = try await rig.rawPeer()
            try await client.send(Samples.afterHandshake())
            for size in [0, 10, 1_000, 100_000] { peer.queue(Samples.unknown(size)) }
            _ = try await client.receiveFrames(6)
            // Every kind, version and verack included, and an unknown command.
            let count = MessageKind.allCases.count + 1
            try await rig.log.wait { $0.filter { $0.message != nil }.count == count }
            // Written is counted just after the kernel has it, which the client may outrun.
            try await until { peer.pendingByteCount == 0 && peer.statistics.sentMessageCount == 9 }
            let statistics = peer.statistics
            #expect(statistics.receivedByteCount == (await client.sentByteCount))
            #expect(statistics.sentByteCount == (await client.receivedByteCount))
            #expect(statistics.receivedMessageCount == UInt64(count))
            #expect(statistics.sentMessageCount == (await client.receivedFrameCount))
            #expect(statistics.pendingByteCount == 0)
            #expect(statistics.services == [.network, .bitcoinCash] && statistics.startHeight == 77)
            #expect(statistics.userAgent == UserAgent(name: "raw", version: "1"))
            #expect(statistics.protocolVersion == .current && statistics.direction == .inbound)
            #expect(statistics.connectedAt >= begin && statistics.connectedAt <= .now)
            let received = try #require(statistics.lastReceivedAt)
            let sent = try #require(statistics.lastSentAt)
            #expect(received >= begin && received <= .now && sent >= begin && sent <= .now)
        }
    }

    @Test func trafficIsCountedByCommand() async throws {
        try await NodeRig.with { rig in
            for _ in 0..<2 {
                let (client, _) = try await rig.rawPeer()
                try await client.send([.ping(nonce: 1), .ping(nonce: 2), Samples.unknown(100)])
                #expect(try await client.receiveFrames(2).map(\.command) == ["pong", "pong"])
            }
            try await rig.log.wait { $0.filter { $0.message != nil && $0.message?.kind == nil }.count == 2 }
            let traffic = await rig.node.traffic
            #expect(traffic[.ping].received == .init(messages: 4, bytes: 4 * 32))
            #expect(traffic[.pong].sent == .init(messages: 4, bytes: 4 * 32))
            #expect(traffic[.verack].received.messages == 2 && traffic[.verack].sent.messages == 2)
            #expect(traffic[nil].received == .init(messages: 2, bytes: 2 * 124))
            #expect(traffic.total.received.bytes == rig.node.statistics.receivedByteCount)
            await rig.node.shutdown(within: .zero)
            #expect(await rig.node.traffic == CommandTraffic())
        }
    }

    /// The totals of a node counted the messages of peers that had left, and of no others.
    @Test func totalsOfTheNodeCountPeersThatAreHere() async throws {
        try await NodeRig.with { rig in
            let (first, _) = try await rig.rawPeer()
            let (second, peer) = try await rig.rawPeer()
            try await first.send(.getAddr)
            try await second.send(.getAddr)
            try await rig.log.wait { $0.filter { $0.message == .getAddresses }.count == 2 }
            try await until { rig.node.statistics.receivedMessageCount >= 6 }
            let here = rig.node.statistics
            #expect(here.receivedMessageCount == 6 && here.connectedPeers == 2 && here.handshakes == 2)
            #expect(here.receivedByteCount == (await first.sentByteCount) + (await second.sentByteCount))
            await second.close()
            try await rig.log.wait { $0.contains { $0.peer == peer && $0.reason != nil } }
            try await until { rig.node.statistics.connectedPeers == 1 }
            #expect(rig.node.statistics.receivedMessageCount == 6 && rig.node.statistics.handshakes == 2)
        }
    }

    /// What goes out with a goodbye was not counted, and stayed pending for ever.
    @Test func theGoodbyeCounts() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            try await client.send(.verack)
            let reject = try #require(try await client.receiveFrame())
            #expect(reject.command == "reject")
            let rest = try await client.receiveToEnd()
            #expect(rest.isEmpty)
            await client.close()
            _ = try await rig.log.disconnectReason()
            #expect(peer.statistics.sentByteCount == (await client.receivedByteCount))
            #expect(peer.statistics.sentMessageCount == 4)
            #expect(peer.pendingByteCount == 0)
        }
    }

    /// What a peer never took does not wait for it once it is gone.
    @Test func nothingWaitsForAPeerThatIsGone() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 4_096)
            for _ in 0..<100 { peer.queue(Samples.unknown(100_000)) }
            await client.reset()
            _ = try await rig.log.disconnectReason()
            #expect(peer.pendingByteCount == 0 && peer.statistics.pendingByteCount == 0)
        }
    }
}
