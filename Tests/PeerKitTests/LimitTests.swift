import PeerKit
import PeerLoop
import Testing

@Suite(.timeLimit(.minutes(2))) struct LimitTests {
    /// A client that the node refuses at accept: it gets nothing but the end.
    private func expectRefusal(_ rig: NodeRig) async throws {
        let client = try RawClient(port: rig.port)
        let frame = try await client.receiveFrame()
        #expect(frame == nil)
    }

    @Test func theLimitOfInboundPeers() async throws {
        try await NodeRig.with({ $0.maxInboundPeers = 3 }) { rig in
            var peers: [(client: RawClient, peer: Peer)] = []
            for _ in 0..<3 { peers.append(try await rig.rawPeer()) }
            #expect(rig.node.statistics.refusedPeers == 0)
            try await expectRefusal(rig)
            #expect(rig.node.statistics.refusedPeers == 1 && rig.node.statistics.connectedPeers == 3)
            // One that leaves makes room.
            await peers[0].client.close()
            _ = try await rig.log.disconnectReason()
            peers.append(try await rig.rawPeer())
            try await expectRefusal(rig)
            #expect(rig.node.statistics.refusedPeers == 2)
        }
    }

    @Test func theLimitOfInboundPeersOfOneAddress() async throws {
        try await NodeRig.with({ $0.maxInboundPeersPerAddress = 2 }) { rig in
            try await NodeRig.with { dialler in
                var clients = [try await rig.rawPeer(), try await rig.rawPeer()]
                try await expectRefusal(rig)
                // Another address has its own.
                let source = SocketAddress(ipv4: 127, 0, 0, 2, port: 0)
                for _ in 0..<2 { _ = try await dialler.node.connect(to: rig.address, from: source) }
                await #expect(throws: NodeError.self) {
                    try await dialler.node.connect(to: rig.address, from: source)
                }
                #expect(rig.node.statistics.refusedPeers == 2)
                await clients[0].client.close()
                _ = try await rig.log.disconnectReason()
                clients.append(try await rig.rawPeer())
                try await expectRefusal(rig)
            }
        }
    }

    /// Peers that this node dials are not counted as inbound.
    @Test func diallingIsNotLimited() async throws {
        try await NodeRig.with({ $0.maxInboundPeers = 1 }) { dialler in
            try await NodeRig.with { acceptor in
                for _ in 0..<3 { _ = try await dialler.node.connect(to: acceptor.address) }
                let (client, _) = try await dialler.rawPeer()
                try await expectRefusal(dialler)
                await client.close()
            }
        }
    }

    @Test func aStoppedServerAcceptsNobodyAndKeepsItsPeers() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            rig.server.stop()
            // The stop and this go the same way, in order.
            try await peer.send(.getAddr)
            #expect(throws: (any Error).self) { try RawClient(port: rig.port) }
            #expect(try await client.receiveFrame()?.command == "getaddr")
            #expect(peer.isConnected)
        }
    }
}
