import Glibc
import PeerWire
import TestSupport
import Testing

/// `peerctl connect` with nodes that keep to the protocol.
@Suite struct ConnectTests {
    /// A node played by the test: it takes one connection and handshakes.
    private struct Node {
        let listener: BlockingListener
        var address: String { "127.0.0.1:\(listener.port)" }

        init() throws {
            listener = try BlockingListener()
        }

        /// Takes the connection and goes through the handshake, with some messages inside it.
        func handshake(during: [UInt8] = []) throws -> BlockingSocket {
            let socket = try listener.accept()
            let header = try socket.receive(exactly: 24)
            #expect(header[..<16] == frame("version")[..<16])
            _ = try socket.receive(exactly: Int(header[16]) | Int(header[17]) << 8)
            try socket.send(Examples.version + during + frame("verack"))
            #expect(try socket.receive(exactly: 24) == frame("sendaddrv2"))
            #expect(try socket.receive(exactly: 24) == frame("verack"))
            return socket
        }
    }

    private enum Examples {
        static let version = hex(
            """
            e3e1f3e876657273696f6e000000000065000000bfbab4f6
            8011010025000000000000008085746700000000250400000000000000000000000000000000ffffcb007107208d
            250000000000000000000000000000000000000000000000000088776655443322110f2f4578616d706c653a312e302e302f806d0d0001
            """)
        static let inventory = hex(
            """
            e3e1f3e8696e760000000000000000006d0000000d9932d9
            03010000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a
            020000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000
            a0940000000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
            """)
        static let ping = frame("ping", [8, 7, 6, 5, 4, 3, 2, 1])
        static let reject = frame("reject", [2, 0x74, 0x78, 0x10, 5] + Array("\u{1b}[2Jx".utf8))
    }

    @Test func printsWhatTheNodeSaysOfItselfAndEndsAfterItsTime() throws {
        let server = try ChildProcess(["serve"])
        let address = try #require(try server.line().split(separator: " ").last.map(String.init))
        let outcome = try ChildProcess.run(["connect", address, "--duration", "0.2"])
        #expect(outcome.exitCode == 0)
        #expect(outcome.errors == "")
        #expect(outcome.lines.first == "connected to \(address)")
        #expect(outcome.lines.contains("  protocol version  70016 (70016 spoken)"))
        #expect(outcome.lines.contains("  services          NETWORK|BITCOIN_CASH (0x21)"))
        #expect(outcome.lines.contains { $0.hasPrefix("  user agent        /peerctl-serve:") })
        #expect(outcome.lines.contains("  height            0"))
        #expect(outcome.lines.contains("  relay             yes"))
        server.send(signal: SIGTERM)
        #expect(try server.finish().exitCode == 0)
    }

    @Test func showsMessagesAsLinesUntilTheyAreEnough() throws {
        let node = try Node()
        let child = try ChildProcess(["connect", node.address, "--count", "4"])
        let socket = try node.handshake(during: frame("extversion", [1, 0, 1, 0x64]))
        try socket.send(Examples.inventory + Examples.ping + Examples.reject + Examples.ping + Examples.ping)
        let outcome = try child.finish()
        #expect(outcome.exitCode == 0)
        #expect(outcome.errors == "")
        try #require(outcome.lines.count == 13)
        #expect(outcome.lines[1] == "  protocol version  70016 (70016 spoken)")
        #expect(outcome.lines[3] == "  user agent        /Example:1.0.0/")
        #expect(outcome.lines[4] == "  height            880000")
        let messages = outcome.lines[9...].map { $0.split(separator: " ").dropFirst().joined(separator: " ") }
        #expect(
            messages == [
                "extversion 4 B version 0.1.0, 1 entry",
                "inv 109 B 1 tx, 1 block, 1 double spend proof, "
                    + "first 4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
                "ping 8 B nonce 0102030405060708", "reject 10 B tx invalid: ?[2Jx",
            ])
    }

    @Test func showsMessagesAsDecodeDoes() throws {
        let node = try Node()
        let child = try ChildProcess(["connect", node.address, "--count", "2", "--json"])
        let socket = try node.handshake()
        try socket.send(Examples.inventory + Examples.ping)
        let outcome = try child.finish()
        #expect(outcome.exitCode == 0)
        let lines = try outcome.objects
        #expect(lines.map { $0.text("event") } == ["connected", "message", "message", "ended"])
        try #require(lines.count == 4)
        #expect(lines[0].text("address") == node.address)
        #expect(lines[0].number("protocol_version") == 70016)
        #expect(lines[0].object("version")?.text("user_agent") == "/Example:1.0.0/")
        // The example's clock stands at the beginning of 2025.
        #expect(lines[0].number("time_offset").map { $0 < 0 } == true)
        #expect(lines[1].number("length") == 109)
        #expect(lines[3].text("reason") == "count")
        #expect(lines[3].number("messages") == 2)
        let decoded = try ChildProcess.run(["decode"], input: Examples.inventory + Examples.ping)
        func message(_ line: String) -> Substring? {
            line.firstRange(of: "\"message\":{").map { line[$0.lowerBound...] }
        }
        #expect(outcome.lines[1...2].map { message($0) } == decoded.lines.map { message($0) })
    }

    @Test func aPeerThatLeavesFirstIsAFailure() throws {
        let node = try Node()
        let child = try ChildProcess(["connect", node.address, "--count", "2"])
        let socket = try node.handshake()
        try socket.send(Examples.ping)
        socket.close()
        let outcome = try child.finish()
        #expect(outcome.lines.count == 10)
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint.hasPrefix("\(node.address) is gone: the peer "))
    }

    @Test func aPeerThatBreaksTheRulesIsAFailure() throws {
        let node = try Node()
        let child = try ChildProcess(["connect", node.address, "--json"])
        let socket = try node.handshake()
        try socket.send(frame("ping", [1], checksum: 0))
        _ = try socket.receiveToEnd()
        socket.close()
        let outcome = try child.finish()
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint == "\(node.address) is gone: closed: the peer's ping has a wrong checksum")
        #expect(try outcome.objects.last?.text("reason") == "peer")
    }

    @Test(arguments: [SIGINT, SIGTERM]) func interruptingIsTheOrdinaryEnd(_ number: Int32) throws {
        let node = try Node()
        let child = try ChildProcess(["connect", node.address])
        let socket = try node.handshake()
        try socket.send(Examples.ping)
        for _ in 0..<10 { _ = try child.line() }
        child.send(signal: number)
        let outcome = try child.finish()
        #expect(outcome.exitCode == 0)
        #expect(outcome.text == "" && outcome.errors == "")
        socket.close()
    }

    /// More lines than a pipe holds: the child is stuck in writing when the signal comes.
    @Test func interruptingEndsAConnectionWhoseOutputIsStuck() throws {
        let node = try Node()
        let child = try ChildProcess(["connect", node.address, "--json"])
        let socket = try node.handshake()
        _ = try child.line()
        try socket.send([[UInt8]](repeating: Examples.inventory, count: 600).flatMap { $0 } + Examples.ping)
        child.waitUntilOutputIsStuck()
        child.send(signal: SIGINT)
        #expect(try child.finishUnread().exitCode == 0)
        socket.close()
    }

    @Test func aReaderThatLeavesIsNoFailure() throws {
        let node = try Node()
        let child = try ChildProcess(["connect", node.address])
        let socket = try node.handshake()
        _ = try child.line()
        child.closeOutput()
        try socket.send(Examples.ping)
        let outcome = try child.finish()
        #expect(outcome.exitCode == 0)
        #expect(outcome.errors == "")
        socket.close()
    }
}
