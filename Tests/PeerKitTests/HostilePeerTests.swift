import PeerKit
import PeerLoop
import Testing

/// Peers that send what they may and may not, cut anywhere, and leave at any time, while the application does as it
/// likes: nothing traps, nothing waits for ever, and each peer ends once.
@Suite(.timeLimit(.minutes(3))) struct HostilePeerTests {
    fileprivate static func frames(_ random: inout SplitMix, _ samples: [Message]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            switch Int.random(in: 0..<12, using: &random) {
            case 0:
                bytes += try Samples.unknown(Int.random(in: 65_000...300_000, using: &random)).frame(
                    magic: Network.regtest.magic)
            case 1: bytes += try Samples.block(byteCount: 200_000).frame(magic: Network.regtest.magic)
            case 2 where Bool.random(using: &random):
                bytes += Raw.frame("box", [UInt8](repeating: 1, count: 100_000), checksum: 5)
            case 3 where Bool.random(using: &random): bytes += Raw.frame("tx", [1, 2, 3])
            case 4 where Bool.random(using: &random): bytes += Raw.frame("b\u{1}x", [1])
            case 5 where Bool.random(using: &random): bytes += Raw.frame("block", length: 500_000) + [1, 2, 3]
            default:
                bytes += try samples[Int.random(in: 0..<samples.count, using: &random)].frame(
                    magic: Network.regtest.magic)
            }
        }
        return bytes
    }

    fileprivate static func attack(_ client: RawClient, _ seed: UInt64, _ samples: [Message]) async throws {
        var random = SplitMix(state: seed)
        var bytes: [UInt8] = []
        if Int.random(in: 0..<8, using: &random) > 0 {
            bytes += try Message.version(Raw.version()).frame(magic: Network.regtest.magic)
        }
        if Int.random(in: 0..<8, using: &random) > 0 { bytes += try Message.verack.frame(magic: Network.regtest.magic) }
        bytes += try frames(&random, samples)
        var offset = 0
        while offset < bytes.count {
            let end = min(bytes.count, offset + Int.random(in: 1...90_000, using: &random))
            try await client.send(Array(bytes[offset..<end]))
            offset = end
            if Int.random(in: 0..<40, using: &random) == 0 { break }
        }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: await client.close()
        case 1: await client.reset()
        case 2:
            await client.shutDownWriting()
            await client.drain()
        default:
            try await client.send(Raw.frame("box", magic: 7))
            await client.drain()
        }
    }

    @Test func everyPeerEndsOnce() async throws {
        let samples = try Samples.afterHandshake()
        try await NodeRig.with({ configuration in
            configuration.newestBlock = { 7 }
            configuration.laneMessageLimit = 3
            configuration.laneByteLimit = 200_000
            configuration.sendQueueHighMark = 20_000
            configuration.goodbyeTimeout = .milliseconds(300)
            configuration.handshakeTimeout = .seconds(30)
            configuration.memoryBudgets.laneByteCount = 1_500_000
            configuration.memoryBudgets.receivingByteCount = 1_000_000
            configuration.memoryBudgets.sendingByteCount = 1_000_000
            configuration.listeners.onVersion = { peer, _ in
                peer.id % 17 == 0 ? VersionRejection(.nonstandard, "no") : nil
            }
            configuration.listeners.onRead = { _, _ in }
            configuration.listeners.onWrite = { _, _ in }
            configuration.listeners.onGetData = { peer, _ in peer.queue(Samples.unknown(50_000)) }
            configuration.listeners.onPong = { peer, _ in if peer.id % 5 == 0 { peer.disconnect() } }
            configuration.listeners.onInventory = { peer, list in
                peer.announce(list.items)
                _ = peer.messages
                Task { _ = try? await peer.block(Samples.hash, within: .milliseconds(50)) }
            }
        }) { rig in
            let count = 300
            let connected = Log<UInt64>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<count {
                    if index >= 12 { try await group.next() }
                    rig.node.broadcast(Samples.unknown(3_000))
                    group.addTask {
                        guard let client = try? RawClient(port: rig.port) else { return }
                        connected.add(UInt64(index))
                        try? await Self.attack(client, UInt64(index), samples)
                        await client.close()
                    }
                }
                try await group.waitForAll()
            }
            // Some have left before the node looked at what they had sent.
            try await rig.log.wait { $0.count { $0.reason != nil } == connected.all.count }
            try await until { rig.node.statistics.connectedPeers == 0 }
            // The node is as good as new.
            let client = try RawClient(port: rig.port)
            try await client.handshake()
            try await client.send(.ping(nonce: 6))
            while let frame = try await client.receiveFrame(), frame.command != "pong" {}
            #expect(rig.node.statistics.connectedPeers == 1)
        }
    }
}

/// Small and the same everywhere.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
