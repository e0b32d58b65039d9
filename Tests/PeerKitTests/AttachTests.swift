import Glibc
import PeerKit
import PeerLoop
import TestSupport
import Testing

extension Raw {
    /// A connected pair of Unix sockets.
    static func socketPair() throws -> (Int32, Int32) {
        var numbers: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &numbers) == 0)
        return (numbers[0], numbers[1])
    }

    /// Whether the other end of a descriptor has ended the stream.
    static func hasEnded(_ descriptor: Int32) -> Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT)) == 0
    }
}

/// Peers on connections that the caller owns.
@Suite(.timeLimit(.minutes(1))) struct AttachTests {
    @Test func twoNodesTalkOverMemory() async throws {
        try await NodeRig.with { dialler in
            try await NodeRig.with { acceptor in
                let outbound = Peer(outbound: dialler.node, to: SocketAddress(ipv4: 192, 0, 2, 1, port: 8333))
                let inbound = Peer(inbound: acceptor.node)
                #expect(outbound.direction == .outbound && inbound.direction == .inbound)
                let (here, there) = MemoryTransport.pair(capacity: 100)
                #expect(outbound.attach(here))
                #expect(inbound.attach(there))
                try await outbound.handshaken()
                try await inbound.handshaken()
                #expect(outbound.isConnected && inbound.version?.userAgent == outbound.version?.userAgent)
                let block = Samples.unknown(300_000)
                try await outbound.send(block)
                try await acceptor.log.wait { $0.contains { $0.message == block } }
                inbound.queue(.pong(nonce: 4))
                try await dialler.log.wait { $0.contains { $0.message == .pong(nonce: 4) } }
                #expect(acceptor.node.statistics.connectedPeers == 1)
                inbound.disconnect()
                #expect(try await dialler.log.disconnectReason() == .remoteClosed)
                #expect(try await acceptor.log.disconnectReason() == .requested)
            }
        }
    }

    @Test func anAcceptedDescriptorIsServed() async throws {
        try await NodeRig.with { rig in
            let listener = try BlockingListener()
            let client = try RawClient(port: listener.port)
            let peer = Peer(inbound: rig.node, from: SocketAddress(ipv4: 203, 0, 113, 9, port: 7))
            #expect(try peer.attach(adopting: listener.accept().takeDescriptor()))
            try await client.handshake()
            try await peer.handshaken()
            #expect(await peer.localAddress?.port == listener.port)
            try await client.send(.pong(nonce: 8))
            let heard = try await rig.log.wait { $0.contains { $0.message == .pong(nonce: 8) } }
            #expect(heard.allSatisfy { $0.peer == peer })
        }
    }

    @Test func anOutboundDescriptorSpeaksFirst() async throws {
        try await NodeRig.with { rig in
            let listener = try BlockingListener()
            let descriptor = try BlockingSocket(port: listener.port).takeDescriptor()
            let client = try await RawClient(acceptedBy: listener)
            let peer = Peer(outbound: rig.node, to: SocketAddress(ipv4: 192, 0, 2, 5, port: 8333))
            #expect(try peer.attach(adopting: descriptor))
            let version = try await client.answerHandshake()
            #expect(version.receiver.port == 8333)
            try await peer.handshaken()
        }
    }

    @Test func messagesQueuedBeforeAreSentAfterTheHandshake() async throws {
        try await NodeRig.with { rig in
            let peer = Peer(inbound: rig.node)
            for nonce in 1...3 { #expect(peer.queue(.pong(nonce: UInt64(nonce))) == .queued) }
            async let sent: Void = peer.send(.pong(nonce: 4))
            let listener = try BlockingListener()
            let client = try RawClient(port: listener.port)
            try peer.attach(adopting: listener.accept().takeDescriptor())
            try await client.handshake()
            let frames = try await client.receiveFrames(4)
            #expect(frames.map(\.command) == ["pong", "pong", "pong", "pong"])
            // The last one was queued by another task, at a time of its own.
            let nonces = frames.compactMap(\.payload.first)
            #expect(nonces.filter { $0 < 4 } == [1, 2, 3] && nonces.contains(4))
            try await sent
        }
    }

    @Test func beforeItIsAttachedMessagesAreHeldUpToTheCap() async throws {
        try await NodeRig.with({ $0.heldByteCap = 1000 }) { rig in
            let peer = Peer(inbound: rig.node)
            #expect(peer.queue(Samples.unknown(900)) == .queued)
            #expect(peer.queue(Samples.unknown(900)) == .refused(.queueFull))
            #expect(peer.pendingByteCount > 900)
            peer.disconnect()
        }
    }

    @Test func attachingTwiceHasNoEffect() async throws {
        try await NodeRig.with { rig in
            let listener = try BlockingListener()
            let client = try RawClient(port: listener.port)
            let peer = Peer(inbound: rig.node)
            #expect(try peer.attach(adopting: listener.accept().takeDescriptor()))
            let (here, there) = MemoryTransport.pair()
            #expect(!peer.attach(here))
            guard case .failed = there.write([1].span.bytes) else {
                Issue.record("the second transport is open")
                return
            }
            let (mine, other) = try Raw.socketPair()
            #expect(try !peer.attach(adopting: mine))
            #expect(Raw.hasEnded(other))
            close(other)
            try await client.handshake()
            try await peer.handshaken()
            #expect(!peer.attach(MemoryTransport.pair().0))
        }
    }

    @Test func aDescriptorThatCannotBeLeavesThePeerAsItWas() async throws {
        try await NodeRig.with { rig in
            let peer = Peer(inbound: rig.node)
            #expect(throws: SystemError(.adopt, code: EBADF)) { try peer.attach(adopting: -1) }
            let unconnected = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            #expect(throws: SystemError(.adopt, code: ENOTCONN)) { try peer.attach(adopting: unconnected) }
            let (here, there) = MemoryTransport.pair()
            #expect(peer.attach(here))
            there.close()
            await #expect(throws: NodeError.connectFailed(.unspecified, .remoteClosed)) { try await peer.handshaken() }
        }
    }

    @Test func theEndOfAConnectionIsHeardAsOfAnyPeer() async throws {
        try await NodeRig.with { rig in
            let (here, there) = try Raw.socketPair()
            let peer = Peer(inbound: rig.node)
            #expect(try peer.attach(adopting: here))
            close(there)
            #expect(try await rig.log.disconnectReason() == .remoteClosed)
            #expect(!peer.isConnected)
        }
    }
}
