import PeerKit
import PeerLoop
import Testing

/// Payloads that a worker hashes and decodes, and what follows them.
@Suite(.timeLimit(.minutes(2))) struct LargePayloadTests {
    private static let large = 200_000

    /// Small frames that follow a large one do not overtake it, nor does one that follows another.
    @Test func framesStayInOrderAroundLargeOnes() async throws {
        try await NodeRig.with { rig in
            let (client, _) = try await rig.rawPeer()
            let block = try Samples.block(byteCount: 200_000)
            let sent: [Message] = (0..<10).flatMap { index in
                [
                    .ping(nonce: UInt64(index)), Samples.unknown(Self.large, fill: UInt8(index)), block,
                    .feeFilter(rate: Int64(index)), .sendHeaders,
                ]
            }
            try await client.send(sent)
            let heard = try await rig.log.wait { $0.filter { $0.message != nil }.count == sent.count + 2 }
            #expect(heard.compactMap(\.message).dropFirst(2).elementsEqual(sent))
        }
    }

    /// What a bad frame follows is delivered, what follows it is not.
    @Test(arguments: [true, false]) func nothingAfterARefusedLargeFrameIsDelivered(isSmall: Bool) async throws {
        try await NodeRig.with { rig in
            let (client, _) = try await rig.rawPeer()
            let good = try Samples.unknown(Self.large).frame(magic: Network.regtest.magic)
            let bad = Raw.frame("box", [UInt8](repeating: 0, count: isSmall ? 10 : Self.large), checksum: 0)
            let after = try Message.sendHeaders.frame(magic: Network.regtest.magic)
            try await client.send(good + bad + after)
            await client.drain()
            await client.close()
            let heard = try await rig.log.wait { $0.contains { $0.reason != nil } }
            #expect(heard.compactMap(\.message).dropFirst(2).map(\.kind) == [nil])
            #expect(
                heard.last?.reason
                    == .refusedFrame(.checksumMismatch, command: Samples.unknown(0).command))
        }
    }

    /// A large payload that nobody listens to is hashed all the same.
    @Test func anUnheardLargeFrameIsVerified() async throws {
        try await NodeRig.with({ $0.listeners.onMessage = nil }) { rig in
            let (client, peer) = try await rig.rawPeer()
            try await client.send(Samples.unknown(Self.large))
            try await client.send(.ping(nonce: 1))
            #expect(try await client.receiveFrame()?.command == "pong")
            #expect(peer.statistics.receivedMessageCount == 4)
            try await client.send(Raw.frame("box", [UInt8](repeating: 0, count: Self.large), checksum: 0))
            await client.drain()
            await client.close()
            #expect(
                try await rig.log.disconnectReason()
                    == .refusedFrame(.checksumMismatch, command: Samples.unknown(0).command))
        }
    }

    /// The end of the stream comes behind the large frame that came before it.
    @Test func aLargeFrameIsDeliveredAfterItsSenderLeft() async throws {
        try await NodeRig.with { rig in
            for _ in 0..<20 {
                let (client, peer) = try await rig.rawPeer()
                try await client.send([Samples.unknown(1_000_000), .sendHeaders])
                await client.close()
                let heard = try await rig.log.wait { $0.contains { $0.peer == peer && $0.reason != nil } }
                #expect(heard.filter { $0.peer == peer }.suffix(2).first?.message == .sendHeaders)
                #expect(heard.last { $0.peer == peer }?.reason == .remoteClosed)
            }
        }
    }

    /// A shutdown ends a peer whose frames wait behind one that waits for a blocked worker.
    @Test func aShutdownEndsPeersWithABacklog() async throws {
        let gate = Gate()
        try await NodeRig.with({ configuration in
            configuration.workers = 1
            let all = configuration.listeners.onMessage
            configuration.listeners.onMessage = { peer, message in
                all?(peer, message)
                if message == .sendHeaders { gate.pass() }
            }
        }) { rig in
            let (client, _) = try await rig.rawPeer()
            try await client.send(.sendHeaders)
            try await rig.log.wait { $0.contains { $0.message == .sendHeaders } }
            try await client.send([Samples.unknown(Self.large), .sendHeaders])
            await client.close()
            await rig.node.shutdown(within: .zero)
            gate.open()
        }
    }

    /// Two peers that each send a block of 32 MB at once both finish: nobody stops reading because it has much to send.
    @Test func twoPeersThatSend32MegabytesAtOnceBothFinish() async throws {
        let block = try Samples.block(byteCount: 31_900_000)
        try await NodeRig.pair({ $0.unrequestedBlockByteCap = 64 << 20 }) { dialler, acceptor, outbound, inbound in
            async let there: Void = outbound.send(block)
            async let back: Void = inbound.send(block)
            _ = try await (there, back)
            for rig in [dialler, acceptor] {
                let heard = try await rig.log.wait { $0.contains { $0.message?.kind == .block } }
                #expect(heard.last { $0.message?.kind == .block }?.message == block)
            }
        }
    }
}
