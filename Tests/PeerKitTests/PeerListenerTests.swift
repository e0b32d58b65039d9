import PeerKit
import PeerLoop
import Synchronization
import Testing

/// Listeners of one peer, changed while it runs.
@Suite(.timeLimit(.minutes(2))) struct PeerListenerTests {
    /// Whether the loop has carried out what was asked of it before.
    private func settle(_ peer: Peer) async { _ = await peer.knows(.transaction(Samples.hash)) }

    private func pings(_ log: Log<UInt64>) -> MessageListeners {
        var listeners = MessageListeners()
        listeners.onPing = { log.add($1 ?? 0) }
        return listeners
    }

    @Test func onePeersListenersTakeThePlaceOfTheNodes() async throws {
        let own = Log<UInt64>()
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let (otherClient, other) = try await rig.rawPeer()
            peer.setListeners(pings(own))
            await settle(peer)
            for nonce in 1...3 { try await client.send(.ping(nonce: UInt64(nonce))) }
            #expect(try await own.wait(for: 3) == [1, 2, 3])
            // The other peer still has the node's.
            try await otherClient.send(.ping(nonce: 4))
            try await rig.log.wait { $0.contains { $0.peer == other && $0.message == .ping(nonce: 4) } }
            #expect(!rig.log.all.contains { $0.peer == peer && $0.message?.kind == .ping })
            // Back to the node's.
            peer.setListeners(nil)
            await settle(peer)
            try await client.send(.ping(nonce: 5))
            try await rig.log.wait { $0.contains { $0.peer == peer && $0.message == .ping(nonce: 5) } }
            #expect(own.all == [1, 2, 3])
        }
    }

    /// The getter says what is in force, and a change of some leaves the others.
    @Test func someListenersAreReplacedAndRemoved() async throws {
        let own = Log<UInt64>()
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            #expect(peer.listeners.onMessage != nil && peer.listeners.onPing == nil)
            peer.updateListeners { $0.onPing = { own.add($1 ?? 0) } }
            #expect(peer.listeners.onMessage != nil && peer.listeners.onPing != nil)
            await settle(peer)
            try await client.send(.ping(nonce: 1))
            try await own.wait(for: 1)
            try await rig.log.wait { $0.contains { $0.message == .ping(nonce: 1) } }
            peer.updateListeners { $0.onPing = { own.add(100 + ($1 ?? 0)) } }
            try await client.send(.ping(nonce: 2))
            #expect(try await own.wait(for: 2) == [1, 102])
            peer.updateListeners { $0.onPing = nil }
            try await client.send([.ping(nonce: 3), .sendHeaders])
            try await rig.log.wait { $0.contains { $0.message == .sendHeaders } }
            #expect(own.all == [1, 102])
        }
    }

    /// A kind nobody heard is heard once somebody listens, also one whose payload was too long to be decoded before,
    /// and no longer when nobody does.
    @Test func whatIsHeardFollows() async throws {
        let sizes = Log<Int>()
        try await NodeRig.with({ $0.listeners.onMessage = nil }) { rig in
            let (client, peer) = try await rig.rawPeer()
            try await client.send([Samples.unknown(100_000), .ping(nonce: 1)])
            #expect(try await client.receiveFrame()?.command == "pong")
            peer.updateListeners { $0.onUnknown = { sizes.add($2.count) } }
            await settle(peer)
            try await client.send([Samples.unknown(100_001), .ping(nonce: 2)])
            #expect(try await client.receiveFrame()?.command == "pong")
            #expect(try await sizes.wait(for: 1) == [100_001])
            peer.setListeners(nil)
            await settle(peer)
            try await client.send([Samples.unknown(100_002), .ping(nonce: 3)])
            #expect(try await client.receiveFrame()?.command == "pong")
            peer.updateListeners { $0.onUnknown = { sizes.add($2.count) } }
            await settle(peer)
            try await client.send(Samples.unknown(100_003))
            #expect(try await sizes.wait(for: 2) == [100_001, 100_003])
            peer.setListeners(nil)
        }
    }

    /// From within a listener: the very next message, received already, goes to the new one.
    @Test func aListenerReplacesItself() async throws {
        let log = Log<String>()
        try await NodeRig.with({ configuration in
            configuration.listeners.onMessage = nil
            configuration.listeners.onPing = { peer, nonce in
                log.add("first \(nonce ?? 0)")
                peer.updateListeners { listeners in
                    listeners.onPing = { peer, nonce in
                        log.add("second \(nonce ?? 0)")
                        peer.setListeners(nil)
                    }
                }
            }
        }) { rig in
            let (client, _) = try await rig.rawPeer()
            try await client.send((1...5).map { .ping(nonce: UInt64($0)) })
            #expect(try await log.wait(for: 5) == ["first 1", "second 2", "first 3", "second 4", "first 5"])
        }
    }

    /// The events that are no messages follow, too, in a node that listens to none of them.
    @Test func theEndReachesAListenerSetLater() async throws {
        let log = Log<DisconnectReason>()
        let peers = Log<Peer>()
        try await NodeRig.with({ configuration in
            configuration.listeners = MessageListeners()
            configuration.listeners.onHandshake = { peer in
                peer.updateListeners { $0.onDisconnect = { log.add($1) } }
                peers.add(peer)
            }
        }) { rig in
            let client = try RawClient(port: rig.port)
            try await client.handshake()
            let peer = try #require(try await peers.wait(for: 1).first)
            await client.close()
            #expect(try await log.wait(for: 1) == [.remoteClosed])
            // A peer that is gone may be given listeners all the same.
            peer.setListeners(MessageListeners())
            #expect(peer.listeners.onDisconnect == nil)
        }
    }

    /// Changes of many threads at once are all made.
    @Test func changesAtOnceAreAllMade() async throws {
        let log = Log<Int>()
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            await withTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        peer.updateListeners { listeners in
                            let before = listeners.onSendHeaders
                            listeners.onSendHeaders = {
                                before?($0); log.add(number)
                            }
                        }
                    }
                }
            }
            await settle(peer)
            try await client.send(.sendHeaders)
            #expect(Set(try await log.wait(for: 100)) == Set(0..<100))
        }
    }
}
