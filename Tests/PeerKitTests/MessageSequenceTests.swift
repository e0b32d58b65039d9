import PeerKit
import PeerLoop
import TestSupport
import Testing

/// ``Peer/messages``.
@Suite(.timeLimit(.minutes(2))) struct MessageSequenceTests {
    /// A node that has connected to a raw client, which has shaken hands.
    private func withDialled(
        messages: MessageBound?, _ change: (inout PeerConfiguration) -> Void = { _ in },
        _ body: (NodeRig, RawClient, Peer) async throws -> Void
    ) async throws {
        try await NodeRig.with(change) { rig in
            let listener = try BlockingListener()
            let address = SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port)
            async let accepted = RawClient(acceptedBy: listener)
            async let connected = rig.node.connect(to: address, messages: messages)
            let client = try await accepted
            try await client.answerHandshake()
            try await body(rig, client, try await connected)
        }
    }

    private static let boxSize = 10_000
    private static let boxCount = 3_000

    private static func box(_ number: Int) -> Message {
        var bytes = [UInt8](repeating: 0, count: boxSize)
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
        return .unknown(Samples.unknown(0).command, WireBytes(bytes))
    }

    private static func number(of message: Message?) -> Int? {
        guard case .unknown(_, let bytes)? = message else { return nil }
        return bytes.array.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// 10,000 messages through a bound of 8, in order and complete, from the first of the handshake to the end of the
    /// connection; the listeners get the same.
    @Test func everyMessageComesInOrder() async throws {
        try await withDialled(messages: .bounded(8)) { rig, client, peer in
            let sending = Task {
                for start in stride(from: 0, to: 10_000, by: 100) {
                    try await client.send((start..<(start + 100)).map { Message.pong(nonce: UInt64($0)) })
                }
                await client.close()
            }
            var received: [Message] = []
            for await message in peer.messages { received.append(message) }
            try await sending.value
            #expect(received.prefix(2).map(\.kind) == [.version, .verack])
            #expect(received.dropFirst(2) == ((0..<10_000).map { .pong(nonce: $0) })[...])
            #expect(rig.log.all.compactMap(\.message) == received)
            #expect(try await rig.log.disconnectReason() == .remoteClosed)
        }
    }

    /// Nobody reads: what the peer sends soon stays with it, so that its sends block, until somebody does.
    @Test func aReaderThatWaitsSlowsThePeer() async throws {
        try await withDialled(messages: .bounded(8)) { rig, client, peer in
            let sent = Log<Int>()
            let sending = Task {
                for number in 0..<Self.boxCount {
                    try await client.send(Self.box(number))
                    sent.add(number)
                }
            }
            try await until { peer.statistics.receivedMessageCount >= 8 }
            // Turns of the loop, in which it would read on if it did at all.
            let (other, _) = try await rig.rawPeer()
            for nonce in 0..<200 {
                try await other.send(.ping(nonce: UInt64(nonce)))
                #expect(try await other.receiveFrame()?.command == "pong")
            }
            // The bound and two reads' worth.
            #expect(peer.statistics.receivedByteCount <= (2 * 64) << 10)
            #expect(sent.all.count < Self.boxCount)
            var numbers: [Int] = []
            for await message in peer.messages {
                if let number = Self.number(of: message) { numbers.append(number) }
                if numbers.count == Self.boxCount { break }
            }
            #expect(numbers == Array(0..<Self.boxCount))
            try await sending.value
        }
    }

    /// Whoever stops reading does not hold the peer up.
    @Test func droppingTheSequenceResumesAndDiscards() async throws {
        try await withDialled(messages: .bounded(8)) { rig, client, peer in
            let sending = Task {
                for number in 0..<Self.boxCount { try await client.send(Self.box(number)) }
                try await client.send(.sendHeaders)
            }
            for await message in peer.messages where message.kind == nil { break }
            try await sending.value
            try await rig.log.wait { $0.contains { $0.message == .sendHeaders } }
            // A sequence made later begins with what comes later.
            let messages = peer.messages
            try await client.send(.feeFilter(rate: 5))
            var iterator = messages.makeAsyncIterator()
            #expect(await iterator.next() == .feeFilter(rate: 5))
        }
    }

    /// A cancelled read gives nothing and loses nothing.
    @Test func aCancelledReadReturnsNothing() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let messages = peer.messages
            for round in 0..<200 {
                let reading = Task { () -> Message? in
                    var iterator = messages.makeAsyncIterator()
                    return await iterator.next()
                }
                if round % 2 == 0 { await Task.yield() }
                reading.cancel()
                #expect(await reading.value == nil)
            }
            try await client.send(.ping(nonce: 1))
            var iterator = messages.makeAsyncIterator()
            #expect(await iterator.next() == .ping(nonce: 1))
        }
    }

    /// Cancelling races with messages: each is read once all the same.
    @Test func cancellingLosesNoMessage() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let messages = peer.messages
            let count = 2_000
            let sending = Task {
                for nonce in 0..<count { try await client.send(.pong(nonce: UInt64(nonce))) }
            }
            var received: [Message] = []
            while received.count < count {
                let reading = Task { () -> Message? in
                    var iterator = messages.makeAsyncIterator()
                    return await iterator.next()
                }
                await Task.yield()
                reading.cancel()
                if let message = await reading.value { received.append(message) }
                try Task.checkCancellation()
            }
            #expect(received == (0..<count).map { .pong(nonce: UInt64($0)) })
            try await sending.value
        }
    }

    /// Of a peer that came by itself, in a node that listens to nothing else: all from the handshake on, and the end.
    @Test func anInboundPeerIsReadFromItsHandshakeOn() async throws {
        let log = Log<[Message]>()
        try await NodeRig.with({ configuration in
            configuration.listeners = MessageListeners()
            configuration.listeners.onHandshake = { peer in
                let messages = peer.messages
                Task {
                    var all: [Message] = []
                    for await message in messages { all.append(message) }
                    log.add(all)
                }
            }
        }) { rig in
            let client = try RawClient(port: rig.port)
            // All in one, so that much is received before the listener runs.
            let greeting: [Message] = [.version(Raw.version()), .verack]
            try await client.send(greeting + (0..<100).map { .pong(nonce: $0) })
            while let frame = try await client.receiveFrame(), frame.command != "verack" {}
            let other = try RawClient(port: rig.port)
            try await other.handshake()
            try await client.send(.ping(nonce: 5))
            #expect(try await client.receiveFrame()?.command == "pong")
            try await client.send((100..<200).map { .pong(nonce: $0) })
            await client.close()
            let all = try #require(try await log.wait(for: 1).first)
            #expect(all.prefix(100) == ((0..<100).map { .pong(nonce: $0) })[...])
            #expect(all.dropFirst(100) == ([.ping(nonce: 5)] + (100..<200).map { .pong(nonce: $0) })[...])
        }
        // The other one ended with the node.
        #expect(try await log.wait(for: 2).last == [])
    }

    /// The messages that were kept are still there when the peer has gone, and after them the end, for whoever asks.
    @Test func theEndComesAfterWhatWaits() async throws {
        try await withDialled(messages: .bounded(100)) { rig, client, peer in
            try await client.send((0..<5).map { .pong(nonce: $0) })
            await client.close()
            try await rig.log.wait { $0.contains { $0.peer == peer && $0.reason != nil } }
            var kinds: [MessageKind?] = []
            for await message in peer.messages { kinds.append(message.kind) }
            #expect(kinds == [.version, .verack] + [MessageKind?](repeating: .pong, count: 5))
            var iterator = peer.messages.makeAsyncIterator()
            #expect(await iterator.next() == nil)
        }
    }

    /// Two readers of one peer share its messages.
    @Test func eachMessageGoesToOneReader() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let first = peer.messages
            let second = peer.messages
            let nonces = Log<UInt64>()
            await withTaskGroup { group in
                for messages in [first, second] {
                    group.addTask {
                        for await message in messages {
                            if case .pong(let nonce) = message { nonces.add(nonce) }
                        }
                    }
                }
                group.addTask {
                    try? await client.send((0..<500).map { .pong(nonce: $0) })
                    await client.close()
                }
            }
            #expect(nonces.all.sorted() == Array(0..<500))
        }
    }

    @Test func aBoundOfNothingIsRefused() async throws {
        try await NodeRig.with { rig in
            await #expect(throws: NodeError.invalidConfiguration("messages must be bounded by at least 1")) {
                try await rig.node.connect(to: rig.address, messages: .bounded(0))
            }
        }
    }
}
