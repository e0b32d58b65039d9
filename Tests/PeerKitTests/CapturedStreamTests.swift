import PeerKit
import PeerLoop
import TestSupport
import Testing

/// What one node received from another on the main network, played to a node over a socket: however it is cut, the
/// listeners get the messages that decoding the file gives.
@Suite(
    .serialized, .timeLimit(.minutes(10)),
    .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.unavailable)))
struct CapturedStreamTests {
    /// A message of the file, and its bytes.
    private struct Captured {
        let message: Message
        let frame: ArraySlice<UInt8>
    }

    private let captured: [Captured]

    init() throws {
        let stream = try SharedData.bytes(of: "mainnet-stream.bin")
        var decoder = FrameDecoder(magic: Network.mainnet.magic)
        let input = stream.span.bytes
        var offset = 0
        var start = 0
        var captured: [Captured] = []
        while let frame = try decoder.nextFrame(in: input, at: &offset, limits: WireLimits(), phase: .established) {
            captured.append(Captured(message: try Message.decode(frame, input: input), frame: stream[start..<offset]))
            start = offset
        }
        let isComplete = captured.count == 966 && offset == stream.count
        try #require(isComplete)
        self.captured = captured
    }

    /// Plays messages, all by default, `play` deciding on the pieces, and compares what the listeners got.
    private func compare(
        _ played: [Captured]? = nil, change: (inout PeerConfiguration) -> Void = { _ in },
        play: (RawClient, NodeRig, [UInt8]) async throws -> Void
    ) async throws {
        let played = played ?? captured
        let messages = played.map(\.message)
        try await NodeRig.with(network: .mainnet, change) { rig in
            let client = try RawClient(port: rig.port)
            try await play(client, rig, played.flatMap(\.frame))
            let heard = try await rig.log.wait { $0.count > messages.count }
            let isSame = heard.compactMap(\.message) == messages
            #expect(isSame)
            // The handshake follows version, extversion and verack.
            #expect(heard.firstIndex { $0.event == .handshake } == 3)
            let pings = messages.filter { $0.kind == .ping }.count
            let replies = try await client.receiveFrames(3 + pings)
            let hello = ["version", "sendaddrv2", "verack"]
            #expect(replies.map(\.command) == hello + [String](repeating: "pong", count: pings))
            await client.close()
        }
    }

    @Test(arguments: [7, 1_460, 65_536]) func piecesOfOneSize(_ size: Int) async throws {
        try await compare { client, _, stream in
            for start in stride(from: 0, to: stream.count, by: size) {
                try await client.send(Array(stream[start..<min(start + size, stream.count)]))
            }
        }
    }

    /// Two pieces, the second of which is sent once the first has been taken.
    private func split(_ played: [Captured]? = nil, at point: Int) async throws {
        try await compare(played) { client, rig, stream in
            try await client.send(Array(stream[..<point]))
            try await until { rig.node.statistics.receivedByteCount == UInt64(point) }
            try await client.send(Array(stream[point...]))
        }
    }

    /// Between any two bytes of the handshake and what follows it.
    @Test func splitAtEachByteOfTheFirstFiveMessages() async throws {
        let first = Array(captured[..<5])
        let byteCount = first.reduce(0) { $0 + $1.frame.count }
        #expect(byteCount == 372)
        for point in 1..<byteCount { try await split(first, at: point) }
    }

    @Test func splitAtManyPoints() async throws {
        for point in stride(from: 10_007, to: 2_073_480, by: 80_021) { try await split(at: point) }
    }

    @Test func aNodeThatReadsOneByteATick() async throws {
        try await compare(change: { $0.readByteCountPerTick = 1 }) { client, _, stream in
            try await client.send(stream)
        }
    }

    /// Listeners that are slower than the network, with the lowest limits.
    @Test func aLaneOfOneMessage() async throws {
        try await compare(change: {
            $0.laneMessageLimit = 1
            $0.laneByteLimit = 1
        }) { client, _, stream in
            try await client.send(stream)
        }
    }
}
