import PeerKit
import PeerLoop
import Testing

/// What a session counts on its host for: to be told of the send queue, of limits as they are now, and to have counted
/// what it writes.
@Suite(.timeLimit(.minutes(2))) struct HostTests {
    private static let size = 100_000

    /// Returns when the loop has done all it was given before.
    private func settle(_ rig: NodeRig) async {
        for _ in 0..<2 { await rig.loopTurn() }
    }

    /// Pongs that a falling queue released were subtracted once written, and added only with the next event.
    @Test func whatAFallingQueueReleasesIsCounted() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 65_536)
            for _ in 0..<100 { try #require(peer.queue(Samples.unknown(Self.size)) == .queued) }
            await settle(rig)
            try await client.send([.ping(nonce: 1), .ping(nonce: 2), .ping(nonce: 3), .sendHeaders])
            let heard = try await rig.log.wait { $0.contains { $0.message == .sendHeaders } }
            #expect(!heard.contains { $0.message?.kind == .ping })
            for _ in 0..<100 { #expect(try await client.receiveFrame()?.payload.count == Self.size) }
            #expect(try await client.receiveFrames(3).map(\.command) == ["pong", "pong", "pong"])
            await settle(rig)
            #expect(peer.pendingByteCount == 0)
        }
    }

    /// A queue that fills while the kernel takes nothing makes no write to be told of; the peer was not watched.
    @Test func aQueueThatFillsBehindABlockedSocketIsWatched() async throws {
        try await NodeRig.with({
            $0.sendProgressTimeout = .milliseconds(200)
            // Its timer would look at the queue by chance.
            $0.handshakeTimeout = .seconds(3_600)
        }) { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 65_536)
            var before = -1
            // Until something waits and the kernel takes no more.
            while peer.pendingByteCount == 0 || peer.pendingByteCount != before {
                before = peer.pendingByteCount
                if before == 0 { try #require(peer.queue(Samples.unknown(Self.size)) == .queued) }
                await settle(rig)
            }
            try #require(peer.pendingByteCount < 1 << 20)
            try await rig.withLoopHeld {
                for _ in 0..<20 { try #require(peer.queue(Samples.unknown(Self.size)) == .queued) }
            }
            #expect(try await rig.log.disconnectReason() == .sendStalled)
            await client.close()
        }
    }

    /// A request that was queued right behind much else was due as if it had gone at once.
    @Test func aRequestBehindMuchIsDueLater() async throws {
        try await NodeRig.with({ $0.responseTimeouts.headers = .milliseconds(300) }) { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 65_536)
            let (other, otherPeer) = try await rig.rawPeer()
            // All of it comes to the loop in one batch.
            try await rig.withLoopHeld {
                for _ in 0..<200 { try #require(peer.queue(Samples.unknown(Self.size)) == .queued) }
                #expect(peer.queue(.getHeaders(locator: [Samples.hash])) == .queued)
                #expect(otherPeer.queue(.getHeaders(locator: [Samples.hash])) == .queued)
            }
            // The measure of time: this one was asked last and answers nothing.
            let heard = try await rig.log.wait { $0.contains { $0.peer == otherPeer && $0.reason != nil } }
            #expect(heard.last { $0.peer == otherPeer }?.reason == .responseTimedOut(.headers))
            #expect(peer.isConnected)
            for _ in 0..<200 { #expect(try await client.receiveFrame()?.payload.count == Self.size) }
            #expect(try await client.receiveFrame()?.command == "getheaders")
            try await client.send(.headers([]))
            await other.close()
        }
    }

    /// The block that was asked for ends the permission, also for what came in the same read.
    @Test func aSecondLongBlockInTheSameReadIsRefused() async throws {
        try await NodeRig.with({ $0.unrequestedBlockByteCap = 100 }) { rig in
            let (client, peer) = try await rig.rawPeer()
            #expect(peer.queue(.getData([.block(Samples.hash)])) == .queued)
            #expect(try await client.receiveFrame()?.command == "getdata")
            let block = try Samples.message(.block)
            try await client.send([block, block])
            #expect(try await rig.log.disconnectReason() == .refusedFrame(.payloadTooLong, command: .block))
            #expect(rig.log.all.filter { $0.message?.kind == .block }.count == 1)
        }
    }
}
