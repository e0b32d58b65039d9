import PeerKit
import PeerLoop
import Testing

/// What all peers together may hold.
@Suite(.timeLimit(.minutes(2))) struct MemoryBudgetTests {
    private static let part = [UInt8](repeating: 0, count: 100_000)

    /// Begins a frame of a megabyte and sends so much of it.
    private func begin(_ client: RawClient, byteCount: Int) async throws {
        let header = Raw.frame("box", length: 1_000_000)
        try await client.send(header + [UInt8](repeating: 0, count: byteCount))
    }

    /// Frames that never become whole: the peer that holds most goes, the others stay.
    @Test func unfinishedFramesStayWithinTheirBudget() async throws {
        try await NodeRig.with({ $0.memoryBudgets.receivingByteCount = 500_000 }) { rig in
            var clients: [RawClient] = []
            var peers: [Peer] = []
            for index in 0..<4 {
                let (client, peer) = try await rig.rawPeer()
                try await begin(client, byteCount: index == 2 ? 150_000 : 100_000)
                try await until { peer.statistics.receivedByteCount > 100_000 }
                clients.append(client)
                peers.append(peer)
            }
            #expect(peers.allSatisfy { $0.isConnected })
            try await begin(clients[3], byteCount: 0)
            try await clients[0].send([UInt8](repeating: 0, count: 40_000))
            #expect(peers.allSatisfy { $0.isConnected })
            try await clients[1].send([UInt8](repeating: 0, count: 20_000))
            let heard = try await rig.log.wait { $0.contains { $0.reason != nil } }
            #expect(heard.last?.reason == .overBudget(.receiving))
            #expect(heard.last?.peer == peers[2])
            #expect([0, 1, 3].allSatisfy { peers[$0].isConnected })
        }
    }

    /// Messages that wait for blocked listeners: those of the fattest peer are dropped with it.
    @Test func waitingMessagesStayWithinTheirBudget() async throws {
        let gate = Gate()
        defer { gate.open() }
        try await NodeRig.with({ configuration in
            configuration.memoryBudgets.laneByteCount = 1_000_000
            configuration.listeners.onMessage = { _, message in if message.kind == nil { gate.pass() } }
        }) { rig in
            let (fat, fatPeer) = try await rig.rawPeer()
            let (lean, leanPeer) = try await rig.rawPeer()
            for _ in 0..<10 { try await lean.send(Samples.unknown(30_000)) }
            // It may be gone before it has sent all of them.
            for _ in 0..<40 { try? await fat.send(Samples.unknown(30_000)) }
            try await until { !fatPeer.isConnected }
            #expect(leanPeer.isConnected)
            // The listener that the gate holds comes before onDisconnect.
            gate.open()
            #expect(try await rig.log.disconnectReason() == .overBudget(.lanes))
            await fat.close()
        }
    }

    /// The same of messages that nobody reads: what is left of them is dropped, and the sequence ends.
    @Test func unreadMessagesStayWithinTheirBudget() async throws {
        try await NodeRig.with({ configuration in
            configuration.memoryBudgets.laneByteCount = 1_000_000
            configuration.laneMessageLimit = 1_000
        }) { rig in
            let (client, peer) = try await rig.rawPeer()
            let messages = peer.messages
            // It may be gone before it has sent all of them.
            for _ in 0..<60 { try? await client.send(Samples.unknown(30_000)) }
            #expect(await peer.waitForDisconnect() == .overBudget(.lanes))
            try await rig.log.wait { $0.contains { $0.reason != nil } }
            var byteCount = 0
            for await case .unknown(_, let bytes) in messages { byteCount += bytes.count }
            // At most what was on its way from the lane when the rest was dropped.
            #expect(byteCount < 1_000_000)
            await client.close()
        }
    }

    /// A peer that shares what waits for it with others holds a part of it only: to end it would free nothing.
    @Test func thePeerThatHoldsMostForItselfGoesFirst() async throws {
        try await NodeRig.with({ $0.memoryBudgets.sendingByteCount = 30_000_000 }) { rig in
            var clients: [RawClient] = []
            var peers: [Peer] = []
            for _ in 0..<5 {
                let client = try RawClient(port: rig.port, receiveBuffer: 4_096)
                try await client.handshake()
                clients.append(client)
                peers.append(try await rig.log.peer(peers.count))
            }
            let shared = try EncodedMessage(Samples.block(byteCount: 24_000_000), network: .regtest)
            for peer in peers.dropLast() { #expect(peer.queue(shared) == .queued) }
            _ = await peers[0].snapshot
            #expect(peers.allSatisfy { $0.isConnected })
            try peers[4].queue(Samples.block(byteCount: 14_000_000))
            #expect(try await rig.log.disconnectReason() == .overBudget(.sending))
            #expect(!peers[4].isConnected && peers.dropLast().allSatisfy { $0.isConnected })
            for client in clients { await client.close() }
        }
    }

    /// What peers do not read: shared bytes count once, and then the peer for which most waits goes.
    @Test func waitingOutputStaysWithinItsBudget() async throws {
        try await NodeRig.with({ $0.memoryBudgets.sendingByteCount = 30_000_000 }) { rig in
            var clients: [RawClient] = []
            var peers: [Peer] = []
            for _ in 0..<5 {
                let client = try RawClient(port: rig.port, receiveBuffer: 4_096)
                try await client.handshake()
                clients.append(client)
                peers.append(try await rig.log.peer(peers.count))
            }
            let shared = try EncodedMessage(Samples.block(byteCount: 12_000_000), network: .regtest)
            for peer in peers { #expect(peer.queue(shared) == .queued) }
            // What is asked of the loop after that is answered after that.
            _ = await peers[0].snapshot
            #expect(peers.allSatisfy { $0.isConnected })
            try peers[3].queue(Samples.block(byteCount: 12_000_000))
            _ = await peers[0].snapshot
            #expect(peers.allSatisfy { $0.isConnected })
            try peers[3].queue(Samples.block(byteCount: 12_000_000))
            #expect(try await rig.log.disconnectReason() == .overBudget(.sending))
            #expect(!peers[3].isConnected && [0, 1, 2, 4].allSatisfy { peers[$0].isConnected })
            for client in clients { await client.close() }
        }
    }
}
