import PeerKit
import PeerLoop
import Testing

/// Heights, announced blocks and what a peer wants, as the Go package keeps them; on real connections.
@Suite(.timeLimit(.minutes(2))) struct BlockStateTests {
    @Test func theLastBlockOnlyRises() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            #expect(peer.lastBlockHeight == 77)
            for (height, expected) in [(90, 90), (80, 90), (91, 91)] as [(Int32, Int32)] {
                peer.updateLastBlockHeight(height)
                #expect(peer.lastBlockHeight == expected)
                let snapshot = await peer.snapshot
                #expect(snapshot?.statistics.lastBlockHeight == expected)
            }
            #expect(peer.startHeight == 77)
            await client.close()
        }
    }

    @Test func theLastAnnouncedBlock() async throws {
        let log = Log<Hash256?>()
        try await NodeRig.with({
            $0.listeners.onInventory = { peer, _ in log.add(peer.lastAnnouncedBlock) }
        }) { rig in
            let (client, peer) = try await rig.rawPeer()
            let hashes = (1...4).map { Hash256(word0: $0, word1: 0, word2: 0, word3: 9) }
            #expect(peer.lastAnnouncedBlock == nil)
            try await client.send(.inventory([.transaction(hashes[0])]))
            try await log.wait(for: 1)
            try await client.send(.inventory([.block(hashes[1]), .block(hashes[2]), .transaction(hashes[3])]))
            // Its own listener sees it.
            #expect(try await log.wait(for: 2) == [nil, hashes[2]])
            peer.updateLastAnnouncedBlock(hashes[3])
            #expect(await peer.preferences?.lastAnnouncedBlock == hashes[3])
            #expect(peer.lastAnnouncedBlock == hashes[3])
            peer.updateLastAnnouncedBlock(nil)
            #expect(await peer.snapshot?.statistics.lastAnnouncedBlock == nil)
            #expect(peer.lastAnnouncedBlock == nil)
            await client.close()
        }
    }

    /// Whatever thread asks, at any time: never half of one hash and half of another.
    @Test func anAnnouncedBlockIsReadWhole() async throws {
        try await NodeRig.with({ $0.listeners.onMessage = nil }) { rig in
            let (client, peer) = try await rig.rawPeer()
            let sending = Task {
                for number in 1...500 as ClosedRange<UInt64> {
                    let hash = Hash256(word0: number, word1: number, word2: number, word3: number)
                    try await client.send(.inventory([.block(hash)]))
                }
            }
            var last: UInt64 = 0
            while last < 500 {
                try Task.checkCancellation()
                if let hash = peer.lastAnnouncedBlock {
                    let words = [hash.word0, hash.word1, hash.word2, hash.word3]
                    try #require(Set(words).count == 1 && hash.word0 >= last)
                    last = hash.word0
                }
                await Task.yield()
            }
            try await sending.value
        }
    }

    @Test func theSyncPeer() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            #expect(!peer.isSyncPeer)
            peer.isSyncPeer = true
            #expect(peer.isSyncPeer && peer.statistics.isSyncPeer)
            #expect(await peer.snapshot?.statistics.isSyncPeer == true)
            peer.isSyncPeer = false
            #expect(!peer.isSyncPeer)
            // Other flags are none the worse for it.
            #expect(peer.wantsTransactions && !peer.wantsHeaders)
            await client.close()
        }
    }

    @Test func whatThePeerWants() async throws {
        @Sendable func wishes(_ peer: Peer) -> [Bool] {
            [
                peer.wantsHeaders, peer.wantsCompactBlocks, peer.wantsDirectBlockRelay, peer.wantsAddressesV2,
                peer.wantsTransactions,
            ]
        }
        let log = Log<[Bool]>()
        try await NodeRig.with({
            $0.listeners = MessageListeners()
            $0.listeners.onMessage = { peer, _ in log.add(wishes(peer)) }
        }) { rig in
            let client = try RawClient(port: rig.port)
            var version = Raw.version()
            version.relay = false
            // One at a time: a listener sees what is known when it runs.
            let said: [Message] = [
                .version(version), .sendAddressesV2, .verack, .sendCompact(highBandwidth: true, version: 2),
                .sendCompact(highBandwidth: true), .sendCompact(highBandwidth: false), .sendHeaders,
                try Samples.message(.filterLoad),
            ]
            for (index, message) in said.enumerated() {
                try await client.send(message)
                try await log.wait(for: index + 1)
            }
            #expect(
                log.all == [
                    [false, false, false, false, false],
                    [false, false, false, true, false],
                    [false, false, false, true, false],
                    [false, false, false, true, false],
                    [false, true, true, true, false],
                    [false, true, false, true, false],
                    [true, true, false, true, false],
                    [true, true, false, true, true],
                ])
        }
    }

    /// A block that nobody asked for is over the limit for one peer, and is taken from the one that may send it.
    @Test(arguments: [false, true]) func directBlockRelayIsAllowed(_ isAllowed: Bool) async throws {
        try await NodeRig.with({
            $0.unrequestedBlockByteCap = 100
            $0.goodbyeTimeout = .milliseconds(100)
        }) { rig in
            let (client, peer) = try await rig.rawPeer()
            #expect(!peer.allowsDirectBlockRelay)
            peer.allowsDirectBlockRelay = isAllowed
            #expect(peer.allowsDirectBlockRelay == isAllowed)
            #expect(await peer.preferences?.allowsDirectBlockRelay == isAllowed)
            try await client.send([Samples.message(.block), .getAddr])
            let heard = try await rig.log.wait { heard in
                heard.contains { $0.reason != nil || $0.message == .getAddresses }
            }
            #expect(heard.contains { $0.message?.kind == .block } == isAllowed)
            #expect(heard.last?.reason == (isAllowed ? nil : .refusedFrame(.payloadTooLong, command: .block)))
            await client.close()
        }
    }

    @Test func aHighBandwidthSendcmpctAllowsDirectBlockRelay() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            for isHigh in [true, false] {
                try await peer.send(.sendCompact(highBandwidth: isHigh))
                #expect(peer.allowsDirectBlockRelay == isHigh)
                #expect(try await client.receiveFrame()?.command == "sendcmpct")
            }
        }
    }

    /// What any thread may hold of a peer, all its counters included: 192 bytes, of which the allocator takes 8.
    @Test func aHandleIsSmall() {
        // A class's metadata has the size of its instances behind two words and two halves; the allocator's own answer
        // is rounded up, and not always alike.
        let metadata = unsafeBitCast(Peer.self as AnyObject.Type, to: UnsafeRawPointer.self)
        let size = metadata.load(fromByteOffset: 24, as: UInt32.self)
        #expect((100...184).contains(size))
    }
}
