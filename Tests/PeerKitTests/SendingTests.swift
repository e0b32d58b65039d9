import PeerKit
import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct SendingTests {
    /// A node that dials a raw listener: its peer is held in the handshake until the client answers.
    private func withHeldPeer(
        _ change: (inout PeerConfiguration) -> Void = { _ in },
        _ body: (NodeRig, RawClient, Peer) async throws -> Void
    ) async throws {
        try await NodeRig.with(change) { rig in
            // The peer is heard of with its version, before the handshake is done.
            let client = try RawClient(port: rig.port)
            try await client.send([.version(Raw.version())])
            let peer = try #require(try await rig.log.wait(for: 1).first?.peer)
            _ = try await client.receiveFrames(3)
            #expect(!peer.isConnected)
            try await body(rig, client, peer)
        }
    }

    @Test func whatIsQueuedBeforeTheHandshakeFollowsItInOrder() async throws {
        try await withHeldPeer { rig, client, peer in
            for nonce in 0..<100 { #expect(peer.queue(.pong(nonce: UInt64(nonce))) == .queued) }
            async let sent: Void = peer.send(Samples.unknown(5_000))
            // What was queued has not been sent: the answer to verack is the first of it.
            try await client.send([.verack])
            let frames = try await client.receiveFrames(101)
            #expect(frames.prefix(100).map { $0.payload.first } == (0..<100).map { UInt8($0) })
            #expect(frames.last == RawFrame(command: "box", payload: [UInt8](repeating: 7, count: 5_000)))
            try await sent
        }
    }

    @Test func whatIsHeldIsNotSentBeforeTheHandshake() async throws {
        try await withHeldPeer { rig, client, peer in
            #expect(peer.queue(Samples.unknown(10)) == .queued)
            await client.shutDownWriting()
            let frames = try await client.receiveToEnd()
            #expect(frames.isEmpty)
            let reason = try await rig.log.disconnectReason()
            #expect(reason == .remoteClosed)
        }
    }

    @Test func theCapOfHeldBytesRefuses() async throws {
        try await withHeldPeer({ $0.heldByteCap = 10_000 }) { rig, client, peer in
            #expect(peer.queue(Samples.unknown(9_000)) == .queued)
            #expect(peer.queue(Samples.unknown(9_000)) == .refused(.queueFull))
            #expect(peer.queue(.pong(nonce: 5)) == .queued)
            await #expect(throws: SendError.queueFull) { try await peer.send(Samples.unknown(9_000)) }
            try await client.send([.verack])
            #expect(try await client.receiveFrames(2).map(\.command) == ["box", "pong"])
            // After it the larger cap holds.
            #expect(peer.queue(Samples.unknown(50_000)) == .queued)
            #expect(try await client.receiveFrame()?.payload.count == 50_000)
        }
    }

    @Test func whoWaitsForAHeldMessageHearsThatThePeerLeft() async throws {
        try await withHeldPeer { rig, client, peer in
            try await until { peer.pendingByteCount == 0 }
            let sending = Task { try await peer.send(.getAddr) }
            try await until { peer.pendingByteCount > 0 }
            await client.reset()
            await #expect(throws: SendError.disconnected) { try await sending.value }
        }
    }

    /// A held message that the peer turns out to be too old for is refused to whoever waits for it.
    @Test func aHeldMessageThePeerDoesNotKnowIsNotSent() async throws {
        try await NodeRig.with { rig in
            let client = try RawClient(port: rig.port)
            try await client.send([.version(Raw.version(70_001))])
            let peer = try #require(try await rig.log.wait(for: 1).first?.peer)
            _ = try await client.receiveFrames(2)
            try await until { peer.pendingByteCount == 0 }
            let sending = Task { try await peer.send(.sendHeaders) }
            // Its bytes are counted while it is held.
            try await until { peer.pendingByteCount > 0 }
            try await client.send([.verack, .getAddr])
            await #expect(throws: SendError.encoding(.versionGate(.sendHeaders, minimum: .sendHeaders))) {
                try await sending.value
            }
            #expect(peer.queue(.getAddr) == .queued)
            #expect(try await client.receiveFrame()?.command == "getaddr")
        }
    }

    @Test func aMessageThatCannotBeEncodedIsRefused() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer(as: Raw.version(70_001))
            let error = EncodeError.versionGate(.sendHeaders, minimum: .sendHeaders)
            #expect(peer.queue(.sendHeaders) == .refused(.encoding(error)))
            await #expect(throws: SendError.encoding(error)) { try await peer.send(.sendHeaders) }
            let tooMany = Message.inventory([InventoryVector](repeating: .transaction(Samples.hash), count: 50_001))
            #expect(
                peer.queue(tooMany)
                    == .refused(.encoding(.limitExceeded(field: "inventory count", value: 50_001, limit: 50_000))))
            // The connection is none the worse for it.
            peer.queue(.getAddr)
            #expect(try await client.receiveFrame()?.command == "getaddr")
        }
    }

    @Test func queueAfterTheEndIsRefused() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            await client.close()
            let reason = try await rig.log.disconnectReason()
            #expect(reason == .remoteClosed)
            #expect(!peer.isConnected)
            #expect(peer.queue(.getAddr) == .refused(.disconnected))
            let encoded = try EncodedMessage(.getAddr, network: .regtest)
            #expect(peer.queue(encoded) == .refused(.disconnected))
            await #expect(throws: SendError.disconnected) { try await peer.send(.getAddr) }
            #expect(peer.pendingByteCount == 0)
        }
    }

    @Test func sendReturnsOnceTheKernelHasIt() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            try await peer.send(Samples.unknown(30_000))
            // Statistics are published before anybody is told.
            #expect(peer.statistics.sentByteCount == (await client.receivedByteCount) + 30_024)
            #expect(try await client.receiveFrame()?.payload.count == 30_000)
        }
    }

    @Test func sendThrowsWhenThePeerLeavesFirst() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 4_096)
            // Far more than all buffers between: the kernel cannot have it all while nobody reads.
            for _ in 0..<20 { peer.queue(Samples.unknown(2_000_000)) }
            let sending = Task { try await peer.send(.getAddr) }
            _ = try await client.receiveBytes(1)
            await client.reset()
            await #expect(throws: SendError.disconnected) { try await sending.value }
        }
    }
}
