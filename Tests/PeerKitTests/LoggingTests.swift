import Logging
import PeerLoop
import TestSupport
import Testing

@testable import PeerKit

/// A line that a node gave to its logger.
private struct Line: Sendable, CustomStringConvertible {
    let level: Logger.Level
    let text: String
    let metadata: Logger.Metadata

    var description: String { "\(level): \(text)" }
}

/// Writes lines down, once the gate lets it.
private struct Keeper: LogHandler {
    let lines: Log<Line>
    var gate: Gate?
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        gate?.pass()
        lines.add(Line(level: event.level, text: "\(event.message)", metadata: event.metadata ?? [:]))
    }
}

@Suite(.timeLimit(.minutes(2))) struct LoggingTests {
    private static func logger(_ lines: Log<Line>, _ level: Logger.Level, gate: Gate? = nil) -> Logger {
        Logger(label: "node", factory: { _ in Keeper(lines: lines, gate: gate, logLevel: level) })
    }

    /// What a node says of a peer that shakes hands, sends and leaves.
    private func lines(
        _ level: Logger.Level, _ change: (inout PeerConfiguration) -> Void = { _ in },
        as version: VersionMessage = Raw.version(), sending bytes: [UInt8] = []
    ) async throws -> (lines: [Line], peer: Peer) {
        let lines = Log<Line>()
        var logged: Peer?
        try await NodeRig.with({
            $0.logger = Self.logger(lines, level)
            change(&$0)
        }) { rig in
            let (client, peer) = try await rig.rawPeer(as: version)
            logged = peer
            try await client.send(bytes)
            try await client.send(.ping(nonce: 3))
            while try await client.receiveFrame()?.command != "pong" {}
            try await peer.send(.getAddr)
            _ = try await client.receiveFrame()
            await client.close()
            _ = try await rig.log.disconnectReason()
        }
        return (lines.all, try #require(logged))
    }

    @Test func offByDefault() {
        #expect(PeerConfiguration(network: .regtest).logger == nil)
    }

    @Test func aHigherLevelSaysNothing() async throws {
        #expect(try await lines(.warning).lines.isEmpty)
    }

    @Test func infoTellsWhoComesAndGoes() async throws {
        let (lines, peer) = try await lines(.info)
        #expect(
            lines.map(\.text) == [
                "connected to \(peer): /raw:1/, version 70016, height 77, "
                    + "services \(Services([.network, .bitcoinCash])), speaking 70016",
                "disconnected from \(peer): the peer closed the connection",
            ])
        #expect(lines.allSatisfy { $0.level == .info && $0.metadata["peer"] == "\(peer.id)" })
    }

    @Test func noticeTellsWhomTheNodeSentAway() async throws {
        let lines = Log<Line>()
        try await NodeRig.with({ $0.logger = Self.logger(lines, .notice) }) { rig in
            let (client, _) = try await rig.rawPeer()
            try await client.send(Raw.frame("ping", [1]))
            _ = try await client.receiveToEnd()
            await client.close()
            _ = try await rig.log.disconnectReason()
            #expect(
                try await lines.wait(for: 1).map(\.text)
                    == ["disconnected from \(rig.log.all[0].peer): closed: the peer's ping is cut short"])
        }
    }

    @Test func aDialThatFailsIsToldOf() async throws {
        let lines = Log<Line>()
        try await NodeRig.with({ $0.logger = Self.logger(lines, .info) }) { rig in
            let listener = try BlockingListener()
            let refused = SocketAddress(ipv4: 127, 0, 0, 2, port: listener.port)
            await #expect(throws: NodeError.self) { try await rig.node.connect(to: refused) }
            let line = try await lines.wait(for: 1)[0].text
            #expect(line.hasPrefix("no handshake with \(refused) (outbound): could not connect"))
        }
    }

    @Test func debugHasALineForEachMessage() async throws {
        let inventory = try Message.inventory([.transaction(Samples.hash)]).frame(magic: Network.regtest.magic)
        let (lines, peer) = try await lines(.debug, sending: inventory)
        #expect(!lines.contains { $0.level < .debug })
        let texts = lines.filter { $0.level == .debug }.map(\.text)
        #expect(texts.contains("received version from \(peer), 93 bytes: /raw:1/, version 70016, height 77"))
        #expect(texts.contains { $0.hasPrefix("sent version to \(peer), ") })
        #expect(texts.contains("received verack from \(peer), 0 bytes"))
        #expect(texts.contains("sent verack to \(peer), 0 bytes"))
        #expect(texts.contains("received inv from \(peer), 37 bytes: 1 tx, first \(Samples.hash)"))
        #expect(texts.contains("received ping from \(peer), 8 bytes: nonce 0000000000000003"))
        #expect(texts.contains("sent pong to \(peer), 8 bytes: nonce 0000000000000003"))
        #expect(texts.contains("sent getaddr to \(peer), 0 bytes"))
        #expect(texts.count == Int(peer.statistics.receivedMessageCount + peer.statistics.sentMessageCount))
    }

    @Test func debugTellsWhatWasRefusedAndWhy() async throws {
        let lines = Log<Line>()
        try await NodeRig.with({ $0.logger = Self.logger(lines, .debug) }) { rig in
            let (client, peer) = try await rig.rawPeer()
            try await client.send(Raw.frame("inv", [2, 0]))
            let heard = try await lines.wait { $0.contains { $0.text.hasPrefix("refused") } }
            let text = try #require(heard.map(\.text).first { $0.hasPrefix("refused") })
            #expect(text.hasPrefix("refused 26 bytes from \(peer): 'inv': "))
            await client.close()
        }
    }

    @Test func whatAPeerWritesCannotSteerATerminal() async throws {
        let hostile = Array("/a\u{1b}[2J\u{9b}\u{7}\r\nb\u{202e}c\u{2028}/".utf8) + [0xff]
        var version = Raw.version()
        version.userAgent = UserAgent(bytes: hostile + [UInt8](repeating: 0x1b, count: 200))
        let bytes =
            Raw.frame("box", hostile)
            + Raw.frame("reject", [2, 0x1b, 0x0a, 0x10, UInt8(hostile.count)] + hostile)
        let (lines, peer) = try await lines(.debug, as: version, sending: bytes)
        #expect(lines.contains { $0.text.hasPrefix("received reject from \(peer)") && $0.text.contains("?? invalid:") })
        for line in lines {
            #expect(line.text.utf8.count < 1_000)
            for scalar in line.text.unicodeScalars {
                #expect(scalar == " " || RemoteText.clean(String(scalar)) == String(scalar), "\(line)")
            }
        }
    }

    private static let dumped = Array(0..<40) + Array("\u{1b}[2Jhostile".utf8) + [UInt8](repeating: 0, count: 50)

    @Test func traceDumpsTheFrameAsHexdumpDoes() async throws {
        let (lines, peer) = try await lines(.trace, sending: Raw.frame("box", Self.dumped))
        let line = try #require(lines.first { $0.text.hasPrefix("received box from \(peer):\n") && $0.level == .trace })
        // As `hexdump -C` prints the bytes of that frame.
        #expect(
            line.text.hasSuffix(
                """
                00000000  da b5 bf fa 62 6f 78 00  00 00 00 00 00 00 00 00  |....box.........|
                00000010  65 00 00 00 f4 27 1e 3c  00 01 02 03 04 05 06 07  |e....'.<........|
                00000020  08 09 0a 0b 0c 0d 0e 0f  10 11 12 13 14 15 16 17  |................|
                00000030  18 19 1a 1b 1c 1d 1e 1f  20 21 22 23 24 25 26 27  |........ !"#$%&'|
                00000040  1b 5b 32 4a 68 6f 73 74  69 6c 65 00 00 00 00 00  |.[2Jhostile.....|
                00000050  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
                *
                00000070  00 00 00 00 00 00 00 00  00 00 00 00 00           |.............|
                0000007d

                """))
        let sent = try #require(lines.first { $0.text.hasPrefix("sent pong to \(peer):\n") })
        #expect(sent.text.contains("\n00000010  08 00 00 00 "))
        #expect(sent.text.contains("nonce: 3"))
        for line in lines {
            for scalar in line.text.unicodeScalars where scalar != "\n" {
                #expect(scalar == " " || RemoteText.clean(String(scalar)) == String(scalar), "\(line)")
            }
        }
    }

    @Test func aDumpIsCutAtItsLimit() async throws {
        let (lines, _) = try await lines(
            .trace, { $0.logDumpByteLimit = 64 }, sending: Raw.frame("box", [UInt8](repeating: 9, count: 50_000)))
        let line = try #require(lines.first { $0.text.hasPrefix("received box") && $0.level == .trace })
        #expect(line.text.hasSuffix("\n... 49960 more bytes left out\n"))
        #expect(line.text.utf8.count < 1_000)
        let short = try #require(lines.first { $0.text.hasPrefix("received verack") && $0.level == .trace })
        #expect(!short.text.contains("left out"))
    }
}

/// A handler that does not keep up.
@Suite(.timeLimit(.minutes(2))) struct BlockedLogTests {
    /// A node whose log handler is held until the body is done; then every line is there or counted.
    private func expectLossesAreTold(
        _ change: (inout PeerConfiguration) -> Void, _ body: (RawClient) async throws -> Void
    ) async throws {
        let lines = Log<Line>()
        let gate = Gate()
        var logged: Peer?
        try await NodeRig.with({
            $0.logger = Logger(label: "node", factory: { _ in Keeper(lines: lines, gate: gate, logLevel: .debug) })
            change(&$0)
        }) { rig in
            let (client, peer) = try await rig.rawPeer()
            logged = peer
            try await body(client)
            await client.close()
            _ = try await rig.log.disconnectReason()
            #expect(lines.all.isEmpty)
            gate.open()
        }
        let peer = try #require(logged)
        let told = lines.all.filter { $0.level == .warning }.map { line -> Int in
            #expect(line.text.hasSuffix(" log lines lost: the log handler is slower than the node"))
            return line.text.split(separator: " ").first.flatMap { Int($0) } ?? 0
        }
        let messages = Int(peer.statistics.receivedMessageCount + peer.statistics.sentMessageCount)
        #expect(told.reduce(0, +) > 0)
        // Each message, the handshake and the end.
        #expect(lines.all.count - told.count + told.reduce(0, +) == messages + 2)
    }

    @Test func linesBeyondTheLimitAreCountedAndTheLoopGoesOn() async throws {
        try await expectLossesAreTold({ $0.logMessageLimit = 10 }) { client in
            for nonce in 0..<500 {
                try await client.send(.ping(nonce: UInt64(nonce)))
                #expect(try await client.receiveFrame()?.command == "pong")
            }
        }
    }

    @Test func memoryIsBounded() async throws {
        let frame = Raw.frame("box", [UInt8](repeating: 1, count: 1 << 20))
        try await expectLossesAreTold({
            $0.listeners.onMessage = nil
            $0.logByteLimit = 4 << 20
        }) { client in
            let before = try ResidentMemory.now()
            for _ in 0..<64 { try await client.send(frame) }
            try await client.send(.ping(nonce: 1))
            #expect(try await client.receiveFrame()?.command == "pong")
            #expect(try ResidentMemory.now() - before < 24 << 20 || !ResidentMemory.isTelling)
        }
    }

    @Test func eachLimitTakesSoMuchAndNoMore() {
        let records = LogMeter(messageLimit: 2, byteLimit: 100)
        #expect(records.reserve(1))
        #expect(records.reserve(1))
        #expect(!records.reserve(1))
        #expect(records.finished(1) == 1)
        #expect(records.reserve(1))
        #expect(records.finished(1) == 0)

        let bytes = LogMeter(messageLimit: 100, byteLimit: 10)
        // An empty log takes one of any size.
        #expect(bytes.reserve(1_000))
        #expect(!bytes.reserve(1))
        #expect(bytes.finished(1_000) == 1)
        #expect(bytes.reserve(4))
        #expect(bytes.reserve(6))
        #expect(!bytes.reserve(1))
        // Too much waits still for a line about it.
        #expect(bytes.finished(4) == 0)
        #expect(bytes.finished(6) == 1)
    }
}
