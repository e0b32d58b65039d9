import Glibc
import PeerWire
import TestSupport
import Testing

/// `peerctl serve` as its user meets it.
@Suite struct ServeTests {
    static func port(_ server: ChildProcess) throws -> UInt16 {
        let line = try server.line()
        #expect(line.hasPrefix("listening on 127.0.0.1:"))
        return try #require(line.split(separator: ":").last.flatMap { UInt16($0) })
    }

    /// The server took the connection and closed it.
    struct Refused: Error {}

    /// Shakes hands by hand, as an old peer that says as little as it may.
    static func handshake(_ port: UInt16, network: Network = .mainnet) throws -> BlockingSocket {
        let client = try BlockingSocket(port: port)
        let version = VersionMessage(
            protocolVersion: .noValidationRelay, services: [], timestamp: 0, nonce: 7, userAgent: .empty)
        try client.send(try Message.version(version).frame(magic: network.magic))
        let header = try client.receive(exactly: 24)
        // Some tests ask until there is room for them.
        guard header.count == 24 else { throw Refused() }
        #expect(header[4..<11] == Array("version".utf8)[...])
        _ = try client.receive(exactly: Int(header[16]) | Int(header[17]) << 8)
        #expect(try client.receive(exactly: 24) == frame("verack", magic: network.magic))
        try client.send(frame("verack", magic: network.magic))
        return client
    }

    private static func answersPing(_ client: BlockingSocket, network: Network = .mainnet) throws -> Bool {
        let payload: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        try client.send(frame("ping", payload, magic: network.magic))
        // Its own ping comes when it is its time.
        var answer: [UInt8]
        repeat { answer = try client.receive(exactly: 32) } while answer.dropFirst(4).starts(with: "ping\0".utf8)
        return answer == frame("pong", payload, magic: network.magic)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func endsInOrderWithASummary(signal: Int32) throws {
        let server = try ChildProcess(["serve"])
        let client = try Self.handshake(try Self.port(server))
        #expect(try Self.answersPing(client))
        server.send(signal: signal)
        #expect(try client.receiveToEnd() == [])
        client.close()
        let outcome = try server.finish()
        #expect(outcome.exitCode == 0)
        #expect(outcome.errors == "")
        #expect(outcome.lines.count == 1)
        #expect(outcome.lines.first?.hasPrefix("served 1 handshakes, refused 0 connections; ") == true)
    }

    @Test func saysItInJSON() throws {
        let server = try ChildProcess(["serve", "--json", "--network", "regtest"])
        let first = try JSONLine(try server.line())
        #expect(first.text("event") == "listening")
        #expect(first.text("address") == "127.0.0.1")
        #expect(first.number("pid") == Int(server.pid))
        let port = try #require(first.number("port").flatMap { UInt16(exactly: $0) })
        let client = try Self.handshake(port, network: .regtest)
        // So that it has read what ends the handshake, too.
        #expect(try Self.answersPing(client, network: .regtest))
        client.close()
        server.send(signal: SIGTERM)
        let outcome = try server.finish()
        let last = try #require(try outcome.objects.last)
        #expect(last.text("event") == "ended")
        #expect(last.number("handshakes") == 1)
        #expect(outcome.exitCode == 0)
    }

    @Test func aPortInUseIsOneLine() throws {
        let listener = try BlockingListener()
        let outcome = try ChildProcess.run(["serve", "--listen", "127.0.0.1:\(listener.port)"])
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint == "cannot listen on 127.0.0.1:\(listener.port): the port is in use")
    }

    @Test(arguments: [
        ["--listen", "127.0.0.1:99999"], ["--listen", "localhost:1"], ["--listen", "nonsense:::"],
        ["--network", "moon"],
        ["--max-peers", "0"], ["--max-peers-per-ip", "-1"], ["--no-such-option"],
        ["--announce-rate=-1"], ["--announce-rate", "1000001"], ["--announce-batch", "0"],
        ["--announce-batch", "50001"],
    ])
    func nonsenseIsOneLineAndExitCodeTwo(arguments: [String]) throws {
        let outcome = try ChildProcess.run(["serve"] + arguments)
        #expect(outcome.exitCode == 2)
        #expect(!outcome.complaint.isEmpty, "\(outcome.errors)")
        #expect(outcome.output == [])
    }

    @Test func peersOverTheLimitAreRefused() throws {
        let server = try ChildProcess(["serve", "--max-peers", "2"])
        let port = try Self.port(server)
        let first = try Self.handshake(port)
        let second = try Self.handshake(port)
        let third = try BlockingSocket(port: port)
        #expect((try? third.receiveToEnd()) ?? [] == [])
        // A place that becomes free is given away again: the loop closes the one before it accepts the next.
        second.reset()
        var next = try? Self.handshake(port)
        for _ in 0..<100 where next == nil { next = try? Self.handshake(port) }
        #expect(next != nil)
        next?.close()
        #expect(try Self.answersPing(first))
        first.close()
        server.send(signal: SIGTERM)
        #expect(try server.finish().exitCode == 0)
    }

    @Test func peersOverTheLimitOfAnAddressAreRefused() throws {
        let server = try ChildProcess(["serve", "--max-peers-per-ip", "1"])
        let port = try Self.port(server)
        let first = try Self.handshake(port)
        let second = try BlockingSocket(port: port)
        #expect((try? second.receiveToEnd()) ?? [] == [])
        #expect(try Self.answersPing(first))
        first.close()
        server.send(signal: SIGTERM)
        #expect(try server.finish().text.contains("refused 1 connections"))
    }

    /// With no descriptor left a listener is told of waiting connections without end: it refuses them and rests.
    @Test func runsOutOfDescriptorsAndGoesOn() throws {
        let server = try ChildProcess(
            ["serve"], launcher: ["/bin/sh", "-c", "ulimit -n 48; exec \"$0\" \"$@\""])
        let port = try Self.port(server)
        var clients: [BlockingSocket] = []
        for _ in 0..<80 { clients.append(try BlockingSocket(port: port)) }
        // The last ones were taken with the spare descriptor and closed.
        #expect((try? clients[79].receiveToEnd()) ?? [] == [])
        for client in clients { client.reset() }
        var next = try? Self.handshake(port)
        for _ in 0..<1_000 where next == nil { next = try? Self.handshake(port) }
        let peer = try #require(next, "no descriptor came free again")
        #expect(try Self.answersPing(peer))
        peer.close()
        server.send(signal: SIGTERM)
        #expect(try server.finish().exitCode == 0)
    }
}
