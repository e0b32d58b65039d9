import PeerKit
import PeerLoop
import Testing

@Suite(.timeLimit(.minutes(2))) struct SendQueueTests {
    private static let size = 100_000
    private static let frame = 24 + size

    /// Queues until refused. What was taken, and nothing else, arrives.
    @Test func theCapRefusesAndNothingIsLost() async throws {
        try await NodeRig.with({
            $0.sendQueueByteCap = 4 << 20
            $0.sendQueueHighMark = 1 << 20
        }) { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 65_536)
            var taken = 0
            func fill() throws {
                while peer.queue(Samples.unknown(Self.size, fill: UInt8(taken % 251))) == .queued {
                    taken += 1
                    #expect(peer.pendingByteCount <= 4 << 20)
                    try #require(taken < 10_000)
                }
            }
            // The kernel takes a few megabytes at most of what nobody reads.
            try fill()
            // It may still have had room, and the loop be about to use it.
            try await rig.withLoopHeld {
                try fill()
                #expect(peer.queue(Samples.unknown(Self.size)) == .refused(.queueFull))
                await #expect(throws: SendError.queueFull) { try await peer.send(Samples.unknown(Self.size)) }
                #expect(peer.pendingByteCount <= 4 << 20 && peer.pendingByteCount > (4 << 20) - Self.frame)
            }
            for index in 0..<taken {
                let frame = try await client.receiveFrame()
                #expect(frame?.payload.count == Self.size && frame?.payload.first == UInt8(index % 251))
            }
            try await until { peer.pendingByteCount == 0 }
            #expect(peer.queue(.getAddr) == .queued)
            #expect(try await client.receiveFrame()?.command == "getaddr")
        }
    }

    @Test func anEmptyQueueTakesAMessageOverTheCap() async throws {
        try await NodeRig.with({
            $0.sendQueueByteCap = 1_000
            $0.sendQueueHighMark = 500
        }) { rig in
            let (client, peer) = try await rig.rawPeer()
            try await until { peer.pendingByteCount == 0 }
            #expect(peer.queue(Samples.unknown(50_000)) == .queued)
            #expect(try await client.receiveFrame()?.payload.count == 50_000)
        }
    }

    /// Over the mark a peer is not writable; once, under half of it, onWritable tells.
    @Test func theHighMarkIsToldOnceUnderHalf() async throws {
        try await NodeRig.with({ $0.sendQueueHighMark = 200_000 }) { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 65_536)
            #expect(peer.isWritable)
            var queued = 0
            while peer.isWritable || peer.pendingByteCount < 8_000_000 {
                try #require(peer.queue(Samples.unknown(Self.size)) == .queued)
                queued += 1
            }
            // While the kernel still took it all the mark may have been passed and left again.
            try await client.send(.xVerack)
            let before = try await rig.log.wait { $0.contains { $0.message == .xVerack } }
            for _ in 0..<queued { _ = try await client.receiveFrame() }
            try await until { peer.pendingByteCount == 0 }
            try await client.send(.sendHeaders)
            let after = try await rig.log.wait { $0.contains { $0.message == .sendHeaders } }
            #expect(after.dropFirst(before.count).map(\.event) == [.writable, .message(.sendHeaders)])
            #expect(peer.isWritable && peer.pendingByteCount == 0)
        }
    }

    /// Replies of the protocol itself count too; a peer that they took over the mark was never called writable again.
    @Test func repliesOverTheHighMarkAreToldToo() async throws {
        try await NodeRig.with({
            $0.sendQueueHighMark = 100_000
            $0.postponedByteCap = 32 << 20
        }) { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 65_536)
            let pings = try (0..<1_000).flatMap { try Message.ping(nonce: $0).frame(magic: Network.regtest.magic) }
            var sent = 0
            while peer.isWritable {
                try await client.send(pings)
                sent += 1_000
            }
            _ = try await client.receiveFrames(sent)
            try await rig.log.wait { $0.contains { $0.event == .writable } }
            try await until { peer.isWritable }
        }
    }

    @Test func anEncodedMessageIsSharedByPeers() async throws {
        try await NodeRig.with { rig in
            let message = try EncodedMessage(Samples.unknown(70_000), network: .regtest)
            var clients: [RawClient] = []
            for _ in 0..<5 {
                let (client, peer) = try await rig.rawPeer()
                clients.append(client)
                #expect(peer.queue(message) == .queued)
                #expect(peer.queue(.getAddr) == .queued)
            }
            for client in clients {
                #expect(try await client.receiveBytes(message.bytes.count) == message.bytes)
                #expect(try await client.receiveFrame()?.command == "getaddr")
            }
        }
    }

    @Test func anEncodedMessageRefusesWhatNoPeerTakes() {
        #expect(throws: EncodeError.versionGate(.sendHeaders, minimum: .sendHeaders)) {
            try EncodedMessage(.sendHeaders, network: .regtest, protocolVersion: .reject)
        }
    }

    /// Messages queued by several threads at once arrive whole, each once, those of one thread in its order.
    @Test func messagesOfManyThreadsArriveWholeAndInOrder() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            await withTaskGroup { group in
                for thread in 0..<4 {
                    group.addTask {
                        for number in 0..<500 {
                            #expect(peer.queue(.pong(nonce: UInt64(thread << 16 | number))) == .queued)
                        }
                    }
                }
            }
            var next = [Int](repeating: 0, count: 4)
            for frame in try await client.receiveFrames(2_000) {
                let word = frame.payload.reversed().reduce(0) { $0 << 8 | Int($1) }
                #expect(next[word >> 16] == word & 0xffff)
                next[word >> 16] += 1
            }
            #expect(next == [500, 500, 500, 500])
        }
    }

    /// A flood of pings by a peer that never reads: it is disconnected, and little more than the cap waits by then.
    @Test func aPeerThatNeverReadsItsPongsIsDisconnected() async throws {
        try await NodeRig.with({
            $0.sendQueueHighMark = 200_000
            $0.postponedByteCap = 100_000
        }) { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 65_536)
            let pings = try (0..<2_000).flatMap { try Message.ping(nonce: $0).frame(magic: Network.regtest.magic) }
            var largest = 0
            do {
                while peer.isConnected {
                    try await client.send(pings)
                    largest = max(largest, peer.pendingByteCount)
                }
            } catch {
                // The node closed while the flood was under way.
            }
            #expect(try await rig.log.disconnectReason() == .repliesUnread)
            // One read's worth of pings, which is at most 64 KiB, makes as many bytes of pongs on top.
            #expect(largest <= 200_000 + (64 << 10))
        }
    }

    /// While much waits for a peer its pings do; once it has read, each gets its pong, in order, and the peer is kept,
    /// however often that happens.
    @Test func pingsWaitWhileMuchDoesAndAreAnsweredInOrder() async throws {
        try await NodeRig.with({ $0.postponedByteCap = 30_000 }) { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 65_536)
            for round in 0..<10 {
                // Ten megabytes, which wait until they are read.
                for _ in 0..<100 { try #require(peer.queue(Samples.unknown(Self.size)) == .queued) }
                // The loop has taken them over before the pings come.
                await rig.loopTurn()
                let nonces = (0..<250).map { UInt64(round << 16 | $0) }
                let magic = Network.regtest.magic
                try await client.send(nonces.flatMap { try Message.ping(nonce: $0).frame(magic: magic) })
                try await client.send(.sendHeaders)
                // What makes no reply goes on meanwhile: this came behind the pings, none of which was delivered.
                let heard = try await rig.log.wait {
                    $0.filter { $0.message == .sendHeaders }.count == round + 1
                }
                #expect(heard.filter { $0.message?.kind == .ping }.count == 250 * round)
                var answered: [UInt64] = []
                while answered.count < nonces.count, let frame = try await client.receiveFrame() {
                    guard frame.command == "pong" else { continue }
                    answered.append(frame.payload.reversed().reduce(0) { $0 << 8 | UInt64($1) })
                }
                #expect(answered == nonces)
            }
            #expect(peer.isConnected)
        }
    }
}
