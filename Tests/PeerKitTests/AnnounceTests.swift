import PeerKit
import PeerLoop
import Testing

/// Announcing, what peers know, and pushed addresses, on real connections.
@Suite(.timeLimit(.minutes(2))) struct AnnounceTests {
    private static func transaction(_ number: UInt64) -> InventoryVector {
        .transaction(Hash256(word0: number, word1: 7, word2: 7, word3: 7))
    }

    private static func block(_ number: UInt64) -> InventoryVector {
        .block(Hash256(word0: number, word1: 9, word2: 9, word3: 9))
    }

    private func inventory(_ client: RawClient) async throws -> [InventoryVector] {
        let frame = try #require(try await client.receiveFrame())
        guard case .inventory(let list) = try Message.decode(command: .inventory, payload: frame.payload),
            frame.command == "inv"
        else {
            Issue.record("not an inv: \(frame)")
            return []
        }
        return list.items
    }

    @Test func whatIsAnnouncedTricklesInBatchesWithoutWhatThePeerKnows() async throws {
        try await NodeRig.with({ $0.inventory.trickleInterval = .milliseconds(200) }) { rig in
            let (client, peer) = try await rig.rawPeer()
            // The peer says it has the second: it is known before anything is announced.
            try await client.send(.inventory([Self.transaction(2)]))
            try await rig.log.wait { $0.contains { $0.message?.kind == .inventory } }
            try await rig.withLoopHeld {
                for number in 1...3 as ClosedRange<UInt64> { #expect(peer.announce(Self.transaction(number))) }
                #expect(peer.announce([Self.transaction(3), Self.transaction(4)]))
            }
            #expect(try await inventory(client) == [1, 3, 4].map { Self.transaction($0) })
            #expect(await peer.knows((1...5).map { Self.transaction($0) }) == [true, true, true, true, false])
            #expect(await peer.knownInventory == [2, 1, 3, 4].map { Self.transaction($0) })
        }
    }

    @Test func blocksGoAtOnceAndPassWhatWaits() async throws {
        try await NodeRig.with({ $0.inventory.trickleInterval = .seconds(3_600) }) { rig in
            let (client, peer) = try await rig.rawPeer()
            peer.announce(Self.transaction(1))
            peer.announce(Self.block(1))
            #expect(try await inventory(client) == [Self.block(1)])
        }
    }

    @Test func whatIsRememberedIsNotAnnouncedAndWhatIsForgottenIs() async throws {
        try await NodeRig.with({ $0.inventory.trickleInterval = .zero }) { rig in
            let (client, peer) = try await rig.rawPeer()
            peer.remember([Self.transaction(1), Self.transaction(2)])
            #expect(await peer.knows(Self.transaction(1)))
            peer.announce([Self.transaction(1), Self.transaction(3)])
            #expect(try await inventory(client) == [Self.transaction(3)])
            peer.forget([Self.transaction(1)])
            #expect(await peer.knows(Self.transaction(1)) == false)
            peer.announce([Self.transaction(1), Self.transaction(2)])
            #expect(try await inventory(client) == [Self.transaction(1)])
        }
    }

    @Test func aPeerThatWantsNoTransactionsIsToldOfBlocksAlone() async throws {
        try await NodeRig.with({ $0.inventory.trickleInterval = .zero }) { rig in
            var version = Raw.version()
            version.relay = false
            let (client, peer) = try await rig.rawPeer(as: version)
            peer.announce([Self.transaction(1), Self.block(1)])
            #expect(try await inventory(client) == [Self.block(1)])
            #expect(await peer.preferences?.wantsTransactions == false)
        }
    }

    /// What is announced before the handshake is done waits for it.
    @Test func announcingBeforeTheHandshakeWaits() async throws {
        try await NodeRig.with({ $0.inventory.trickleInterval = .zero }) { rig in
            let client = try RawClient(port: rig.port)
            try await client.send([.version(Raw.version())])
            let peer = try #require(try await rig.log.wait(for: 1).first?.peer)
            #expect(peer.announce(Self.transaction(1)))
            // The loop has it before the verack comes.
            #expect(await peer.knows(Self.transaction(1)) == false)
            try await client.send([.verack])
            _ = try await client.receiveFrames(3)
            #expect(try await inventory(client) == [Self.transaction(1)])
        }
    }

    @Test func aNodeAnnouncesToEveryPeerWhatThatPeerDoesNotKnow() async throws {
        try await NodeRig.with({ $0.inventory.trickleInterval = .milliseconds(50) }) { rig in
            var clients: [(client: RawClient, peer: Peer)] = []
            for _ in 0..<5 { clients.append(try await rig.rawPeer()) }
            clients[3].peer.remember([Self.transaction(2)])
            let items = (1...100).map { Self.transaction($0) }
            rig.node.announce(items)
            for (index, end) in clients.enumerated() {
                let expected = index == 3 ? items.filter { $0 != Self.transaction(2) } : items
                #expect(try await inventory(end.client) == expected)
            }
            rig.node.announce(Self.block(1))
            for end in clients { #expect(try await inventory(end.client) == [Self.block(1)]) }
        }
    }

    @Test func aPeerThatIsGoneIsToldNothing() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            await client.close()
            _ = try await rig.log.disconnectReason()
            #expect(!peer.announce(Self.transaction(1)))
            #expect(await peer.knows(Self.transaction(1)) == false)
            #expect(await peer.knownInventory.isEmpty)
            #expect(await peer.pushAddresses([PeerAddress(NetworkAddress(ipv4: 203, 0, 113, 7, port: 8333))]).isEmpty)
            #expect(await peer.snapshot == nil)
        }
    }

    // MARK: Addresses

    private static func addresses(_ count: Int) -> [PeerAddress] {
        (0..<count).map { number in
            let address = NetworkAddress(
                ipv4: 203, 0, UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number), port: 8_333)
            return PeerAddress(address, time: UInt32(number))
        }
    }

    @Test(arguments: [false, true]) func addressesGoInTheFormThePeerReads(_ readsV2: Bool) async throws {
        try await NodeRig.with { rig in
            let client = try RawClient(port: rig.port)
            try await client.send([.version(Raw.version())])
            if readsV2 { try await client.send(Raw.frame("sendaddrv2")) }
            try await client.send([.verack])
            _ = try await client.receiveFrames(3)
            let peer = try await rig.log.peer()
            let all = Self.addresses(1_200)
            let chosen = await peer.pushAddresses(all)
            #expect(chosen.count == 1_000 && Set(chosen).count == 1_000 && Set(chosen).isSubset(of: all))
            let frame = try #require(try await client.receiveFrame())
            #expect(frame.command == (readsV2 ? "addrv2" : "addr"))
            switch try Message.decode(command: readsV2 ? .addressesV2 : .addresses, payload: frame.payload) {
            case .addressesV2(let list): #expect(list.addresses == chosen)
            case .addresses(let list): #expect(list.addresses.map { PeerAddress($0) } == chosen)
            default: Issue.record("not a list of addresses")
            }
        }
    }

    @Test func aSnapshotHasWhatTheSessionKnows() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            try await client.send([.sendHeaders, .ping(nonce: 5)])
            _ = try await client.receiveFrame()
            let snapshot = try #require(await peer.snapshot)
            #expect(snapshot.id == peer.id && snapshot.userAgent == UserAgent(name: "raw", version: "1"))
            #expect(snapshot.statistics.startHeight == 77 && snapshot.statistics.lastBlockHeight == 77)
            #expect(snapshot.statistics.receivedByteCount == (await client.sentByteCount))
            #expect(snapshot.statistics.receivedMessageCount == 4)
            #expect(await peer.preferences?.wantsHeaders == true)
        }
    }
}
