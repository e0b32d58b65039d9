import Glibc
import PeerWire
import TestSupport
import Testing

/// `peerctl connect` where there is no handshake: one line that says why, the right exit code, and no hang.
@Suite struct ConnectFailureTests {
    @Test func aClosedPortIsRefused() throws {
        // A port that was just free: bound, learned and released.
        let port = try BlockingListener().port
        let outcome = try ChildProcess.run(["connect", "127.0.0.1:\(port)"])
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint == "cannot connect to 127.0.0.1:\(port): connection refused")
        #expect(outcome.text == "")
    }

    @Test func aTargetThatNeverAnswersIsGivenUp() throws {
        let listener = try BlockingListener()
        let outcome = try ChildProcess.run(["connect", "127.0.0.1:\(listener.port)", "--timeout", "0.3"])
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint.contains("no handshake within 0.3 s"))
        #expect(outcome.text == "")
    }

    /// It says its version and then nothing more.
    @Test func aHandshakeThatStopsHalfwayIsGivenUp() throws {
        let listener = try BlockingListener()
        let child = try ChildProcess(["connect", "127.0.0.1:\(listener.port)", "--timeout", "0.5"])
        let socket = try listener.accept()
        try socket.send(Self.version())
        let outcome = try child.finish()
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint.contains("no handshake within 0.5 s"))
        #expect(outcome.text == "")
        socket.close()
    }

    @Test func aTargetOfAnotherNetworkIsNamedSo() throws {
        let listener = try BlockingListener()
        let child = try ChildProcess(["connect", "127.0.0.1:\(listener.port)", "--network", "chipnet"])
        let socket = try listener.accept()
        try socket.send(Self.version())
        let outcome = try child.finish()
        #expect(outcome.exitCode == 1)
        #expect(
            outcome.complaint == "cannot connect to 127.0.0.1:\(listener.port): it does not speak on chipnet; "
                + "--network names another network")
        socket.close()
    }

    @Test func aNodeThatHangsUpOnANetworkItDoesNotKnowIsTold() throws {
        let server = try ChildProcess(["serve"])
        let address = try #require(try server.line().split(separator: " ").last.map(String.init))
        let outcome = try ChildProcess.run(["connect", address, "--network", "regtest"])
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint.hasSuffix("before the handshake was done (--network regtest)"))
    }

    @Test func aTargetThatSpeaksSomethingElseIsRefused() throws {
        let listener = try BlockingListener()
        let child = try ChildProcess(["connect", "127.0.0.1:\(listener.port)"])
        let socket = try listener.accept()
        try socket.send(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
        let outcome = try child.finish()
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint.contains("it does not speak on mainnet"))
        socket.close()
    }

    private static let mistakes: [[String]] = [
        [], ["localhost:port"], ["127.0.0.1:70000"], ["127.0.0.1:0"], ["[::1"], ["::1:8333"], [":8333"],
        ["127.0.0.1:1", "--network", "mars"], ["127.0.0.1:1", "--timeout", "0"], ["127.0.0.1:1", "--timeout", "nan"],
        ["127.0.0.1:1", "--duration", "-1"], ["127.0.0.1:1", "--count", "0"], ["127.0.0.1:1", "--no-such-option"],
    ]

    @Test(arguments: mistakes)
    func aMistakeIsOneLine(_ arguments: [String]) throws {
        let outcome = try ChildProcess.run(["connect"] + arguments)
        #expect(outcome.exitCode == 2)
        #expect(!outcome.complaint.isEmpty, "\(outcome.errors)")
        #expect(outcome.text == "")
    }

    @Test(arguments: [SIGINT, SIGTERM]) func anInterruptionCutsTheHandshakeShort(_ number: Int32) throws {
        let listener = try BlockingListener()
        let child = try ChildProcess(["connect", "127.0.0.1:\(listener.port)", "--timeout", "50"])
        let socket = try listener.accept()
        // Its version is here, so that it is in the middle of the handshake.
        _ = try socket.receive(exactly: 24)
        child.send(signal: number)
        let outcome = try child.finish()
        #expect(outcome.exitCode == 130)
        #expect(outcome.complaint == "interrupted")
        #expect(outcome.text == "")
        socket.close()
    }

    private static func version() throws -> [UInt8] {
        let version = VersionMessage(
            services: [.network, .bitcoinCash], timestamp: 1_735_689_600, nonce: 7,
            userAgent: UserAgent(name: "test", version: "1"))
        return try Message.version(version).frame(magic: Network.mainnet.magic)
    }
}
