import Foundation
import PeerKit
import TestSupport
import Testing

/// A shutdown ends within its deadline, whatever the peers do.
@Suite(
    "Shutdown among peers that do not help", .enabled(if: Python.isAvailable, Comment(rawValue: Python.unavailable)),
    .serialized, .timeLimit(.minutes(2)))
struct ShutdownDeadlineTests {
    private static let limit = Duration.milliseconds(500)
    /// Far more than the limit, for a slow machine, and less than any goodbye or handshake would take.
    private static let bound = Duration.seconds(50)

    enum Habit: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case saysNothing = "says nothing, not even its version"
        case neverReads = "never reads, though much waits for it"
        case neverEnds = "reads nothing of the goodbye and keeps its side open"
        case floods = "floods with pings and reads nothing"
        case halfOpen = "lets a dial hang, half open"
        case silentWhenDialled = "was dialled and does not say its version"
        case halfAFrame = "has sent half a transaction"

        var testDescription: String { rawValue }
    }

    @Test("of whom each", arguments: Habit.allCases) func inTime(_ habit: Habit) async throws {
        try await ForeignPeer.with { foreign in
            let (node, told, port) = try await node()
            // A failure here would leave the node running.
            let dials: [Task<Peer, any Error>]
            do {
                dials = try await begin(habit, node, told, port, foreign)
            } catch {
                await node.shutdown(within: .zero)
                throw error
            }
            let begin = ContinuousClock.now
            // Whether the listeners were done by then, too, depends on the machine.
            await node.shutdown(within: Self.limit)
            let took = begin.duration(to: .now)
            #expect(took < Self.bound, "a shutdown within \(Self.limit) took \(took)")
            for dial in dials {
                await #expect(throws: NodeError.self) { try await dial.value }
            }
            #expect(await node.shutdown(within: .seconds(30)))
            await told.forget()
            // The flood ends with its connection.
            try await foreign.order("release")
        }
    }

    private func node() async throws -> (PeerNode, Told, UInt16) {
        let told = Told()
        var configuration = PeerConfiguration(network: .regtest)
        configuration.maxInboundPeersPerAddress = 0
        configuration.goodbyeTimeout = .seconds(600)
        configuration.handshakeTimeout = .seconds(600)
        configuration.connectTimeout = .seconds(600)
        configuration.listeners = told.listeners
        let node = try PeerNode(configuration)
        return (node, told, try await node.listen(on: "127.0.0.1:0").address.port)
    }

    /// Has peers do what they do, until they do it. The dials that wait for it.
    private func begin(
        _ habit: Habit, _ node: PeerNode, _ told: Told, _ port: UInt16, _ foreign: ForeignPeer
    ) async throws -> [Task<Peer, any Error>] {
        let count = 20
        func hold(handshake: Bool) async throws {
            let order: [String: JSON] = [
                "port": .number(Int(port)), "count": .number(count), "handshake": .bool(handshake),
            ]
            try await foreign.order("hold", order)
        }
        switch habit {
        case .saysNothing:
            try await hold(handshake: false)
        case .neverReads:
            try await hold(handshake: true)
            let box = Message.unknown(Command(literal: "box"), WireBytes([UInt8](repeating: 1, count: 100_000)))
            for _ in 0..<count {
                let peer = try await told.handshake()
                // More than the system buffers.
                for _ in 0..<60 { peer.queue(box) }
            }
        case .neverEnds:
            try await hold(handshake: true)
            for _ in 0..<count { _ = try await told.handshake() }
        case .floods:
            // It goes on meanwhile: the order's answer is not waited for.
            Task {
                try await foreign.order(
                    "flood",
                    [
                        "port": .number(Int(port)), "command": "ping", "fields": ["nonce": "0x1"], "seconds": 30,
                        "receive_buffer": 65_536,
                    ])
            }
            _ = try await told.handshake()
            _ = try await told.message(.ping)
        case .halfOpen:
            return try await halfOpen(node)
        case .silentWhenDialled:
            let listening = try await foreign.listen()
            let dials = (0..<count).map { _ in Task { try await node.connect(to: ForeignRig.loopback(listening)) } }
            for number in 0..<count { try await foreign.accept(on: "silent\(number)") }
            return dials
        case .halfAFrame:
            try await hold(handshake: true)
            for _ in 0..<count { _ = try await told.handshake() }
            try await foreign.dial(port)
            try await foreign.say([
                ["command": "version"], ["command": "verack"], ["command": "tx", "zeros": 1_000, "length": 100_000],
            ])
            _ = try await told.handshake()
        }
        return []
    }

    /// The backlog is full: the system answers no further dial at all.
    private func halfOpen(_ node: PeerNode) async throws -> [Task<Peer, any Error>] {
        let listener = try BlockingListener(backlog: 0)
        let fill = try BlockingSocket(port: listener.port)
        let dials = (0..<5).map { _ in Task { try await node.connect(to: ForeignRig.loopback(listener.port)) } }
        Task {
            // Both stay until the dials are over.
            for dial in dials { _ = await dial.result }
            withExtendedLifetime((listener, fill)) {}
        }
        let digits = String(listener.port, radix: 16, uppercase: true)
        let port = ":" + String(repeating: "0", count: 4 - digits.count) + digits
        // One or two may slip in before the system has filled the backlog.
        while try Self.openings(port) < dials.count - 2 {
            try Task.checkCancellation()
            await Task.yield()
        }
        return dials
    }

    /// Sockets that have asked to be connected to a port and were not answered, as the kernel lists them.
    private static func openings(_ port: String) throws -> Int {
        // The kernel hands it out piece by piece, of which reading a file as a whole takes the first.
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/net/tcp"))
        defer { try? file.close() }
        var text = Data()
        while let piece = try file.read(upToCount: 1 << 16), !piece.isEmpty { text += piece }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").count { line in
            let fields = line.split(separator: " ")
            return fields.count > 3 && fields[2].hasSuffix(port) && fields[3] == "02"
        }
    }
}
