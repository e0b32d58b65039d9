import PeerKit
import PeerLoop
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct BackPressureTests {
    private static let boxSize = 10_000
    private static let boxCount = 3_000

    /// A box whose first bytes are its number.
    private static func box(_ number: Int) -> Message {
        var bytes = [UInt8](repeating: 0, count: boxSize)
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
        return .unknown(Samples.unknown(0).command, WireBytes(bytes))
    }

    /// A node whose listener of boxes is held by the gate and writes their numbers down.
    private func withHeldBoxes(
        _ change: (inout PeerConfiguration) -> Void = { _ in },
        _ body: (NodeRig, Gate, Log<Int>) async throws -> Void
    ) async throws {
        let gate = Gate()
        let boxes = Log<Int>()
        defer { gate.open() }
        try await NodeRig.with({ configuration in
            configuration.listeners.onMessage = nil
            configuration.listeners.onUnknown = { _, _, bytes in
                gate.pass()
                boxes.add(bytes.array.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) })
            }
            change(&configuration)
        }) { rig in
            try await body(rig, gate, boxes)
            gate.open()
        }
    }

    /// A blocked listener stops the reading of its own peer, and of no other; then everything arrives.
    @Test func aBlockedListenerSlowsItsOwnPeerAlone() async throws {
        let pings = Log<UInt64>()
        try await withHeldBoxes({ configuration in
            configuration.laneByteLimit = 256 << 10
            configuration.laneMessageLimit = 1_000_000
            configuration.listeners.onPing = { pings.add($1 ?? 0) }
        }) { rig, gate, boxes in
            let (sender, peer) = try await rig.rawPeer()
            let (other, _) = try await rig.rawPeer()
            let sending = Task {
                for number in 0..<Self.boxCount { try await sender.send(Self.box(number)) }
            }
            try await until { peer.statistics.receivedByteCount > 256 << 10 }
            // Each of these takes a turn of the loop, in which it would read the other connection if it did at all.
            for nonce in 0..<200 {
                try await other.send(.ping(nonce: UInt64(nonce)))
                #expect(try await other.receiveFrame()?.command == "pong")
            }
            #expect(try await pings.wait(for: 200).count == 200)
            // The limit, one read, and the message that was under way.
            #expect(peer.statistics.receivedByteCount <= (256 << 10) + (64 << 10) + UInt64(Self.boxSize) + 1_000)
            #expect(boxes.all.isEmpty)
            gate.open()
            #expect(try await boxes.wait(for: Self.boxCount) == Array(0..<Self.boxCount))
            try await sending.value
        }
    }

    @Test func theLimitOfMessagesPausesToo() async throws {
        try await withHeldBoxes({ $0.laneMessageLimit = 1 }) { rig, gate, boxes in
            let (sender, peer) = try await rig.rawPeer()
            let (other, _) = try await rig.rawPeer()
            let sending = Task {
                for number in 0..<Self.boxCount { try await sender.send(Self.box(number)) }
            }
            try await until { peer.statistics.receivedMessageCount >= 3 }
            for nonce in 0..<200 {
                try await other.send(.ping(nonce: UInt64(nonce)))
                #expect(try await other.receiveFrame()?.command == "pong")
            }
            // One read's worth.
            #expect(peer.statistics.receivedByteCount <= (2 * 64) << 10)
            gate.open()
            #expect(try await boxes.wait(for: Self.boxCount) == Array(0..<Self.boxCount))
            try await sending.value
        }
    }

    /// Before the handshake is done more may wait, and not without end.
    @Test func aHandshakeHasLimitsOfItsOwn() async throws {
        try await withHeldBoxes({ $0.laneMessageLimit = 1 }) { rig, gate, boxes in
            let client = try RawClient(port: rig.port)
            try await client.send(.version(Raw.version()))
            let sending = Task {
                for number in 0..<1_000 { try await client.send(Self.box(number)) }
                try await client.send(.verack)
            }
            try await until { rig.node.statistics.receivedMessageCount > 16 }
            let (other, _) = try await rig.rawPeer()
            for nonce in 0..<200 {
                try await other.send(.ping(nonce: UInt64(nonce)))
                #expect(try await other.receiveFrame()?.command == "pong")
            }
            // The limit, a read's worth, and what the other peer sent.
            #expect(rig.node.statistics.receivedMessageCount <= 16 + 14 + 202)
            gate.open()
            #expect(try await boxes.wait(for: 1_000) == Array(0..<1_000))
            try await sending.value
            _ = try await rig.log.peer(1)
        }
    }

    /// An empty lane takes one message of any size.
    @Test func aMessageOverTheLimitOfBytesIsTaken() async throws {
        try await NodeRig.with({ $0.laneByteLimit = 100 }) { rig in
            let (client, _) = try await rig.rawPeer()
            for fill in 0..<20 { try await client.send(Samples.unknown(200_000, fill: UInt8(fill))) }
            let heard = try await rig.log.wait {
                $0.filter { $0.message?.kind == nil && $0.message != nil }.count == 20
            }
            let fills = heard.compactMap { heard -> UInt8? in
                if case .unknown(_, let bytes)? = heard.message { bytes.array.first } else { nil }
            }
            #expect(fills == (0..<20).map { UInt8($0) })
        }
    }

    /// A peer that is not read cannot be heard: while it is not, its silence is not its own. That it is idle was
    /// concluded all the same.
    @Test func aPeerThatIsNotReadIsNotIdle() async throws {
        try await withHeldBoxes({
            $0.laneMessageLimit = 1
            $0.idleTimeout = .milliseconds(500)
        }) { rig, gate, boxes in
            // In one write with the handshake: however busy the machine is, nothing is silent before the gate.
            let sender = try RawClient(port: rig.port)
            try await sender.send([.version(Raw.version()), .verack] + (0..<20).map { Self.box($0) })
            let peer = try await rig.log.peer()
            // The measure of time: two peers, one after the other, that are silent for the timeout.
            for _ in 0..<2 {
                let (silent, other) = try await rig.rawPeer()
                let heard = try await rig.log.wait { $0.contains { $0.peer == other && $0.reason != nil } }
                #expect(heard.last { $0.peer == other }?.reason == .idle)
                await silent.close()
            }
            #expect(peer.isConnected)
            gate.open()
            #expect(try await boxes.wait(for: 20) == Array(0..<20))
            // From now on it is silent itself.
            let heard = try await rig.log.wait { $0.contains { $0.peer == peer && $0.reason != nil } }
            #expect(heard.last { $0.peer == peer }?.reason == .idle)
        }
    }

    /// What a peer sent before it left is delivered, although it left while nobody read it.
    @Test func whatAPeerSentBeforeItLeftIsDelivered() async throws {
        try await withHeldBoxes({ $0.laneMessageLimit = 1 }) { rig, gate, boxes in
            let (sender, peer) = try await rig.rawPeer()
            for number in 0..<20 { try await sender.send(Self.box(number)) }
            await sender.close()
            gate.open()
            #expect(try await boxes.wait(for: 20) == Array(0..<20))
            let heard = try await rig.log.wait { $0.contains { $0.reason != nil } }
            #expect(heard.last?.reason == .remoteClosed && heard.last?.peer == peer)
        }
    }

    /// A listener may end its peer while messages wait: they are delivered, and onDisconnect is still the last.
    @Test func aListenerMayDisconnectItsPeer() async throws {
        try await NodeRig.with({ configuration in
            let all = configuration.listeners.onMessage
            configuration.listeners.onMessage = { peer, message in
                all?(peer, message)
                if message == .getAddresses { peer.disconnect() }
            }
        }) { rig in
            let (client, _) = try await rig.rawPeer()
            try await client.send([.getAddr] + [Message](repeating: .sendHeaders, count: 100))
            let rest = try await client.receiveToEnd()
            #expect(rest.isEmpty)
            await client.close()
            #expect(try await rig.log.disconnectReason() == .requested)
        }
    }
}
