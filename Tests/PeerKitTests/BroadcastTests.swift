import PeerKit
import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct BroadcastTests {
    @Test func everyPeerGetsTheMessageAfterWhatWasQueuedBefore() async throws {
        try await NodeRig.with { rig in
            var clients: [RawClient] = []
            for _ in 0..<5 {
                let (client, peer) = try await rig.rawPeer()
                #expect(peer.queue(.pong(nonce: 1)) == .queued)
                clients.append(client)
            }
            // One that is still shaking hands gets nothing.
            let late = try RawClient(port: rig.port)
            try await late.send([.version(Raw.version())])
            let heard = try await rig.log.wait { $0.contains { !$0.peer.isConnected } }
            let shaking = try #require(heard.first { !$0.peer.isConnected }?.peer)

            let outcome = await rig.node.outcome(ofBroadcasting: Samples.unknown(70_000))
            #expect(outcome.takenCount == 5)
            #expect(outcome.refused.isEmpty)
            for peer in Set(heard.map(\.peer)).subtracting([shaking]) { #expect(peer.queue(.getAddr) == .queued) }
            for client in clients {
                let frames = try await client.receiveFrames(3)
                #expect(frames.map(\.command) == ["pong", "box", "getaddr"])
                #expect(frames[1].payload == [UInt8](repeating: 7, count: 70_000))
            }
            #expect(shaking.pendingByteCount < 70_000)
        }
    }

    /// Fifty times the message would not fit into what the process grows by.
    @Test func allPeersShareTheBytes() async throws {
        let byteCount = 8 << 20
        let message = Message.unknown(
            Command(literal: "box"), WireBytes([UInt8](repeating: 7, count: byteCount)))
        try await NodeRig.with({ $0.wireLimits.maxOrdinaryPayload = 16 << 20 }) { rig in
            var clients: [RawClient] = []
            for _ in 0..<50 { clients.append(try await rig.rawPeer(receiveBuffer: 4_096).client) }
            let before = try ResidentMemory.now()
            let outcome = await rig.node.outcome(ofBroadcasting: message)
            #expect(outcome.takenCount == 50)
            let peers = Set(rig.log.all.map(\.peer))
            try await until { peers.allSatisfy { $0.pendingByteCount < byteCount } }
            #expect(peers.allSatisfy { $0.pendingByteCount > byteCount / 2 })
            #expect(try ResidentMemory.now() - before < 5 * byteCount)
            for client in clients { await client.close() }
        }
    }

    @Test func oneEncodingServesAllPeersOfAVersion() async throws {
        let log = Log<Heard>()
        try await NodeRig.with({
            $0.listeners = log.listeners
            try? $0.messageRegistry.register(Counted.self)
        }) { rig in
            var clients: [RawClient] = []
            for _ in 0..<8 { clients.append(try await Self.client(of: rig)) }
            Counted.encodings.reset()
            let outcome = await rig.node.outcome(ofBroadcasting: .custom(Counted()))
            #expect(outcome.takenCount == 8)
            #expect(Counted.encodings.count == 1)
            for client in clients { #expect(try await client.receiveFrame()?.command == "counted") }
            for client in clients { await client.close() }
            try await log.wait { $0.filter { $0.reason != nil }.count == 8 }
        }
    }

    private static func client(of rig: NodeRig) async throws -> RawClient {
        let client = try RawClient(port: rig.port)
        try await client.handshake()
        return client
    }

    @Test func peersOfOtherVersionsGetTheirOwnBytes() async throws {
        try await NodeRig.with { rig in
            let new = try await rig.rawPeer()
            let old = try await rig.rawPeer(as: Raw.version(60_000))
            let older = try await rig.rawPeer(as: Raw.version(31_000))
            #expect(await rig.node.outcome(ofBroadcasting: .ping(nonce: 1)).takenCount == 3)
            #expect(try await new.client.receiveFrame()?.payload == [1, 0, 0, 0, 0, 0, 0, 0])
            #expect(try await old.client.receiveFrame()?.payload == [])
            #expect(try await older.client.receiveFrame()?.payload == [])

            let entry = TimestampedAddress(time: 9, address: .unspecified)
            #expect(await rig.node.outcome(ofBroadcasting: .addresses([entry])).takenCount == 3)
            #expect(try await new.client.receiveFrame()?.payload.count == 31)
            #expect(try await old.client.receiveFrame()?.payload.count == 31)
            #expect(try await older.client.receiveFrame()?.payload.count == 27)

            let outcome = await rig.node.outcome(ofBroadcasting: .sendHeaders)
            #expect(outcome.takenCount == 1)
            let gate = SendError.encoding(.versionGate(.sendHeaders, minimum: .sendHeaders))
            #expect(Set(outcome.refused) == [.init(peer: old.peer, error: gate), .init(peer: older.peer, error: gate)])
            #expect(try await new.client.receiveFrame()?.command == "sendheaders")

            let encoded = try EncodedMessage(.addresses([entry]), network: .regtest)
            let second = await rig.node.outcome(ofBroadcasting: encoded)
            #expect(second.takenCount == 2)
            #expect(
                second.refused == [.init(peer: older.peer, error: .otherVersion(ProtocolVersion(rawValue: 31_000)))])
        }
    }

    @Test func aPeerAtItsCapIsSkippedAndNamed() async throws {
        let payload = 6 << 20
        try await NodeRig.with({
            $0.wireLimits.maxOrdinaryPayload = 16 << 20
            $0.sendQueueByteCap = 10 << 20
        }) { rig in
            let slow = try await rig.rawPeer(receiveBuffer: 4_096)
            let quick = try await rig.rawPeer()
            let message = try EncodedMessage(
                Samples.unknown(payload), network: .regtest,
                limits: {
                    var limits = WireLimits(network: .regtest)
                    limits.maxOrdinaryPayload = 16 << 20
                    return limits
                }())
            let first = await rig.node.outcome(ofBroadcasting: message)
            #expect(first.takenCount == 2)
            #expect(try await quick.client.receiveFrame()?.payload.count == payload)
            try await until { quick.peer.pendingByteCount == 0 }
            // Counted like everything else that waits.
            #expect(slow.peer.pendingByteCount > 4 << 20)
            #expect(slow.peer.queue(message) == .refused(.queueFull))
            let second = await rig.node.outcome(ofBroadcasting: message)
            #expect(second.takenCount == 1)
            #expect(second.refused == [.init(peer: slow.peer, error: .queueFull)])
            #expect(try await quick.client.receiveFrame()?.payload.count == payload)
            // The slow one is none the worse for it.
            #expect(try await slow.client.receiveFrame()?.payload.count == payload)
            slow.peer.queue(.getAddr)
            #expect(try await slow.client.receiveFrame()?.command == "getaddr")
        }
    }

    @Test func whatNobodyCanSendIsRefusedForEverybody() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let tooMany = Message.inventory([InventoryVector](repeating: .transaction(Samples.hash), count: 50_001))
            let outcome = await rig.node.outcome(ofBroadcasting: tooMany)
            let error = EncodeError.limitExceeded(field: "inventory count", value: 50_001, limit: 50_000)
            #expect(outcome.refused == [.init(peer: peer, error: .encoding(error))])
            #expect(outcome.takenCount == 0)
            peer.queue(.getAddr)
            #expect(try await client.receiveFrame()?.command == "getaddr")
        }
    }

    @Test func theCompletionRunsOnAWorkerAndAfterTheNodeEnded() async throws {
        let log = Log<Int>()
        var stopped: PeerNode?
        try await NodeRig.with { rig in
            let (client, _) = try await rig.rawPeer()
            rig.node.broadcast(.getAddr) { log.add($0.takenCount) }
            #expect(try await client.receiveFrame()?.command == "getaddr")
            #expect(try await log.wait(for: 1) == [1])
            stopped = rig.node
        }
        stopped?.broadcast(.getAddr) { log.add($0.takenCount) }
        #expect(try await log.wait(for: 2) == [1, 0])
    }
}

/// A message that counts how often it is encoded.
private struct Counted: CustomMessage {
    final class Counter: Sendable {
        private let number = Lock(0)
        var count: Int { number.withLock { $0 } }
        func increase() { number.withLock { $0 += 1 } }
        func reset() { number.withLock { $0 = 0 } }
    }

    static let encodings = Counter()
    static let command = Command(literal: "counted")
    static let maximumPayload = 0
    static func decode(
        from span: RawSpan, at offset: inout Int, protocolVersion: ProtocolVersion
    ) throws(DecodeError) -> Counted { Counted() }
    var encodedLength: Int { 0 }
    func encode(into writer: inout ByteWriter) { Self.encodings.increase() }
}
