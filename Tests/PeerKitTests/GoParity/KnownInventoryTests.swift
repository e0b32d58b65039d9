import PeerKit
import PeerLoop
import Testing

/// What a peer is known to know, and what is announced to it: each part of the Go package's, on real connections.
@Suite(.timeLimit(.minutes(2))) struct KnownInventoryTests {
    private static func transactions(_ numbers: Range<Int>) -> [InventoryVector] {
        numbers.map { .transaction(Hash256(word0: UInt64($0), word1: 7, word2: 7, word3: 7)) }
    }

    private static func block(_ number: UInt64) -> InventoryVector {
        .block(Hash256(word0: number, word1: 9, word2: 9, word3: 9))
    }

    private func inventory(_ client: RawClient) async throws -> [InventoryVector] {
        let frame = try #require(try await client.receiveFrame())
        #expect(frame.command == "inv")
        guard case .inventory(let list) = try Message.decode(command: .inventory, payload: frame.payload) else {
            return []
        }
        return list.items
    }

    @Test func addDeleteHasAndList() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let items = Self.transactions(0..<3)
            #expect(await peer.knows(items[0]) == false)
            peer.remember(items)
            peer.remember(Self.block(1))
            let known = await peer.knows(items + [Self.block(1), Self.block(2)])
            #expect(known == [true, true, true, true, false])
            peer.forget(items[1])
            // Forgetting what is not known is nothing.
            peer.forget([items[1], Self.block(2)])
            #expect(await peer.knownInventory == [items[0], items[2], Self.block(1)])
            #expect(await peer.knownInventory.filter { $0.kind == .transaction } == [items[0], items[2]])
            await client.close()
        }
    }

    @Test(arguments: [1, 10, 2_000]) func theSizeOfTheKnownInventory(_ size: Int) async throws {
        try await NodeRig.with({ $0.inventory.maxKnownItems = size }) { rig in
            let (client, peer) = try await rig.rawPeer()
            let items = Self.transactions(0..<(size + 5))
            peer.remember(items)
            // The least recently used are forgotten first.
            #expect(await peer.knownInventory == Array(items.suffix(size)))
            let known = await peer.knows([items[4], items[5]])
            #expect(known == [false, true])
            await client.close()
        }
    }

    @Test func theSizeMayBeNone() async throws {
        try await NodeRig.with({
            $0.inventory.maxKnownItems = 0
            $0.inventory.trickleInterval = .zero
        }) { rig in
            let (client, peer) = try await rig.rawPeer()
            let items = Self.transactions(0..<1)
            peer.remember(items)
            #expect(await peer.knownInventory.isEmpty)
            for _ in 0..<2 {
                peer.announce(items)
                #expect(try await inventory(client) == items)
            }
        }
    }

    /// What the peer itself announces or sends it is known to have.
    @Test func whatThePeerSaysItHasIsKnown() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let transaction = try Samples.transaction()
            try await client.send([.inventory([Self.block(1)]), .transaction(transaction)])
            try await rig.log.wait { $0.last?.message?.kind == .transaction }
            #expect(await peer.knownInventory == [Self.block(1), .transaction(transaction.hash())])
            await client.close()
        }
    }

    @Test func aTrickleHasAtMost5000Items() async throws {
        try await NodeRig.with({ $0.inventory.trickleInterval = .milliseconds(100) }) { rig in
            let (client, peer) = try await rig.rawPeer()
            let items = Self.transactions(0..<5_001)
            #expect(peer.announce(items))
            #expect(try await inventory(client) == Array(items.prefix(5_000)))
            #expect(try await inventory(client) == Array(items.suffix(1)))
        }
    }

    @Test func theTrickleIntervalBatches() async throws {
        let interval = Duration.milliseconds(300)
        try await NodeRig.with({ $0.inventory.trickleInterval = interval }) { rig in
            let (client, peer) = try await rig.rawPeer()
            let items = Self.transactions(0..<20)
            let begin = try await rig.withLoopHeld {
                for item in items { peer.announce(item) }
                return ContinuousClock.now
            }
            #expect(try await inventory(client) == items)
            #expect(begin.duration(to: .now) >= interval)
        }
    }

    /// Without an interval each item goes at once.
    @Test func withoutATrickleIntervalNothingWaits() async throws {
        try await NodeRig.with({ $0.inventory.trickleInterval = .zero }) { rig in
            let (client, peer) = try await rig.rawPeer()
            for item in Self.transactions(0..<3) {
                peer.announce(item)
                #expect(try await inventory(client) == [item])
            }
        }
    }

    /// A block's announcement is not kept for others, and passes what waits.
    @Test func aBlockIsAnnouncedAtOnce() async throws {
        try await NodeRig.with({ $0.inventory.trickleInterval = .seconds(3_600) }) { rig in
            let (client, peer) = try await rig.rawPeer()
            peer.announce(Self.transactions(0..<1))
            for number in 1...3 as ClosedRange<UInt64> {
                peer.announce(Self.block(number))
                #expect(try await inventory(client) == [Self.block(number)])
            }
            // A block that the peer has is not announced to it, as anything else.
            peer.remember([Self.block(4)])
            peer.announce([Self.block(4), Self.block(5)])
            #expect(try await inventory(client) == [Self.block(5)])
        }
    }

    /// What became known while it waited is not announced.
    @Test func whatBecomesKnownMeanwhileIsNotAnnounced() async throws {
        let items = Self.transactions(0..<3)
        var isInTime = false
        // Where the machine was too slow, once more with more time.
        for interval in [Duration.milliseconds(300), .seconds(3), .seconds(30)] where !isInTime {
            try await NodeRig.with({ $0.inventory.trickleInterval = interval }) { rig in
                let (client, peer) = try await rig.rawPeer()
                let begin = ContinuousClock.now
                peer.announce(items)
                try await client.send(.inventory([items[1]]))
                try await rig.log.wait { $0.contains { $0.message?.kind == .inventory } }
                isInTime = begin.duration(to: .now) < interval
                let announced = try await inventory(client)
                #expect(announced == [items[0], items[2]] || !isInTime)
            }
        }
        #expect(isInTime)
    }
}
