import Glibc
import PeerWire
import TestSupport
import Testing

/// `peerctl decode` on streams that are not as they should be, and on files that are not there.
@Suite struct DecodeErrorTests {
    static let ping = frame("ping", [8, 7, 6, 5, 4, 3, 2, 1])

    /// A bad frame after which reading goes on, and what its line says.
    struct BadFrame: Sendable, CustomTestStringConvertible {
        let kind: String
        let command: String
        let bytes: [UInt8]
        var field: String?
        var offset: Int?
        var isChecksumGood = true
        var arguments: [String] = []

        var testDescription: String { "\(kind) \(command)" }
    }

    static let recoverable = [
        BadFrame(kind: "checksum", command: "pong", bytes: frame("pong", [1], checksum: 1), isChecksumGood: false),
        BadFrame(kind: "checksum", command: "verack", bytes: frame("verack", checksum: 1), isChecksumGood: false),
        BadFrame(kind: "command", command: "bad\\x07", bytes: frame("bad\u{7}", [1, 2])),
        BadFrame(kind: "command", command: "bad\\xff", bytes: frame(bytes: Array("bad".utf8) + [0xff], [1, 2])),
        BadFrame(
            kind: "truncated", command: "ping", bytes: frame("ping", [1, 2, 3]), field: "nonce", offset: 0),
        BadFrame(
            kind: "truncated", command: "getheaders",
            bytes: frame("getheaders", [0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 31)), field: "stop hash",
            offset: 5),
        BadFrame(
            kind: "noncanonical", command: "addr", bytes: frame("addr", [0xfd, 1, 0]), field: "address count",
            offset: 0),
        BadFrame(
            kind: "limit", command: "headers", bytes: frame("headers", [0xfd, 0xd1, 0x07]), field: "header count",
            offset: 0),
        BadFrame(
            kind: "malformed", command: "headers",
            bytes: frame("headers", [1] + [UInt8](repeating: 0, count: 80) + [1]),
            field: "transaction count", offset: 81),
        BadFrame(
            kind: "malformed", command: "addrv2", bytes: frame("addrv2", [1, 0, 0, 0, 0, 0, 1, 3, 1, 2, 3, 0, 0]),
            field: "address host", offset: 7),
        BadFrame(
            kind: "version-gate", command: "sendheaders", bytes: frame("sendheaders"), field: "message", offset: 0,
            arguments: ["--protocol-version", "70011"]),
    ]

    @Test(arguments: recoverable) func aBadFrameIsReportedAndReadingGoesOn(_ bad: BadFrame) throws {
        let outcome = try ChildProcess.run(
            ["decode"] + bad.arguments, input: Self.ping + bad.bytes + Self.ping)
        let lines = try outcome.objects
        try #require(lines.count == 3)
        #expect(lines.map { $0.number("offset") } == [0, 32, 32 + bad.bytes.count])
        #expect(lines[0].members["error"] == nil)
        #expect(lines[2].object("message")?.text("nonce") == "72623859790382856")
        let line = lines[1]
        #expect(line.text("command") == bad.command)
        #expect(line.number("length") == bad.bytes.count - 24)
        #expect(line.flag("checksum_ok") == bad.isChecksumGood)
        #expect(line.members["message"] == nil)
        let error = try #require(line.object("error"))
        #expect(error.text("class") == bad.kind)
        #expect(error.text("field") == bad.field)
        #expect(error.number("offset") == bad.offset)
        #expect(error.text("text")?.isEmpty == false)
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint == "1 of 3 frames bad")
    }

    /// Below protocol version 60001 a ping has no nonce, so that eight bytes are eight too many.
    @Test func aPayloadTooLongForItsTimeIsReportedAndReadingGoesOn() throws {
        let outcome = try ChildProcess.run(["decode", "--protocol-version", "60000"], input: Self.ping + frame("ping"))
        let lines = try outcome.objects
        try #require(lines.count == 2)
        #expect(lines[0].object("error")?.text("class") == "too-long")
        #expect(lines[0].object("error")?.text("field") == "payload")
        #expect(lines[0].object("error")?.number("offset") == 0)
        #expect(lines[1].object("message")?.isNull("nonce") == true)
        #expect(outcome.exitCode == 1)
    }

    /// Zeros that are followed by something, and nothing but zeros: read by common nodes as commands of nobody.
    @Test func commandsWithZerosInThemAreUnknown() throws {
        let frames = [frame(bytes: [], [1, 2]), frame(bytes: [0x70, 0, 0x71], []), frame(bytes: [0, 0x70], [3])]
        let outcome = try ChildProcess.run(["decode", "--reencode"], input: frames.flatMap { $0 })
        #expect(outcome.exitCode == 0)
        let lines = try outcome.objects
        #expect(lines.map { $0.text("command") } == ["", "p\\x00q", "\\x00p"])
        #expect(lines.map { $0.object("message")?.text("payload_hex") } == ["0102", "", "03"])
        #expect(lines.map { $0.text("frame_hex") } == frames.map(hexText))
    }

    /// No node accepts a longer `version`, though the library does.
    @Test(arguments: [358, 359]) func aVersionHas358BytesAtMost(_ length: Int) throws {
        let payload = [UInt8](repeating: 0, count: length)
        let outcome = try ChildProcess.run(["decode"], input: frame("version", payload))
        let line = try #require(try outcome.objects.first)
        #expect(line.object("error")?.text("class") == (length == 358 ? nil : "too-long"))
        #expect(outcome.exitCode == (length == 358 ? 0 : 1))
    }

    @Test func aWrongMagicEndsTheReading() throws {
        let other = frame("ping", [1, 2, 3, 4, 5, 6, 7, 8], magic: Network.regtest.magic)
        let outcome = try ChildProcess.run(["decode"], input: Self.ping + other + Self.ping)
        let lines = try outcome.objects
        try #require(lines.count == 2)
        #expect(lines[1].number("offset") == 32)
        #expect(lines[1].isNull("command") && lines[1].isNull("length") && lines[1].isNull("checksum_ok"))
        #expect(lines[1].object("error")?.text("class") == "magic")
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint.hasPrefix("stopped at offset 32, where framing is lost: wrong magic dab5bffa"))
    }

    @Test func theNetworkOptionNamesTheMagic() throws {
        let other = frame("ping", [8, 7, 6, 5, 4, 3, 2, 1], magic: Network.regtest.magic)
        let outcome = try ChildProcess.run(["decode", "--network", "regtest", "--reencode"], input: other)
        #expect(outcome.exitCode == 0)
        #expect(try outcome.objects.map { $0.text("frame_hex") } == [hexText(other)])
    }

    @Test func aLengthOverTheLimitEndsTheReading() throws {
        let long = frame("inv", length: 3_000_000)
        let outcome = try ChildProcess.run(["decode"], input: Self.ping + long + Self.ping)
        let lines = try outcome.objects
        try #require(lines.count == 2)
        #expect(lines[1].number("offset") == 32)
        #expect(lines[1].text("command") == "inv")
        #expect(lines[1].number("length") == 3_000_000)
        #expect(lines[1].object("error")?.text("class") == "too-long")
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint.hasPrefix("stopped at offset 32, where framing is lost: "))
    }

    /// Every place where a frame can be cut: what is known of its header is told.
    @Test(arguments: [1, 4, 15, 16, 19, 20, 23, 24, 25, 31]) func aCutFrameIsTruncated(_ count: Int) throws {
        let outcome = try ChildProcess.run(["decode"], input: Self.ping + Self.ping.prefix(count))
        let lines = try outcome.objects
        try #require(lines.count == 2)
        #expect(lines[1].number("offset") == 32)
        #expect(lines[1].text("command") == (count >= 16 ? "ping" : nil))
        #expect(lines[1].number("length") == (count >= 20 ? 8 : nil))
        #expect(lines[1].isNull("checksum_ok"))
        #expect(lines[1].object("error")?.text("class") == "truncated")
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint.hasPrefix("the input ends inside the frame at offset 32"))
    }

    /// The pieces in which the input comes are of no matter, and what is there is shown before the input ends.
    @Test func aStreamIsShownAsItComes() throws {
        let child = try ChildProcess(["decode", "-"], input: nil)
        child.write(Self.ping + Self.ping.prefix(10))
        #expect(try JSONLine(child.line()).number("offset") == 0)
        child.write(Array(Self.ping.dropFirst(10)))
        #expect(try JSONLine(child.line()).number("offset") == 32)
        child.write(Array(Self.ping.prefix(20)))
        child.closeInput()
        let outcome = try child.finish()
        #expect(try outcome.objects.map { $0.object("error")?.text("class") } == ["truncated"])
        #expect(outcome.exitCode == 1)
    }

    @Test func textOfAPeerCannotSteerATerminal() throws {
        let reason = Array("\u{1b}[2J\u{9b}\u{202e}\"\\\n\u{1f600}".utf8) + [0xff]
        let payload = [0] + [0x10] + [UInt8(reason.count)] + reason
        let outcome = try ChildProcess.run(["decode", "--reencode"], input: frame("reject", payload))
        #expect(outcome.exitCode == 0)
        #expect(outcome.output.dropLast().allSatisfy { (0x20...0x7e).contains($0) })
        let message = try #require(try outcome.objects.first?.object("message"))
        #expect(message.text("reason") == "\u{1b}[2J\u{9b}\u{202e}\"\\\n\u{1f600}\u{fffd}")
        #expect(message.text("reason_hex") == hexText(reason))
    }

    @Test func noInputIsNoFrames() throws {
        let outcome = try ChildProcess.run(["decode"])
        #expect(outcome.exitCode == 0)
        #expect(outcome.text == "" && outcome.errors == "")
    }

    struct Mistake: Sendable {
        let arguments: [String]
        let exitCode: Int32
    }

    @Test(arguments: [
        Mistake(arguments: ["/no/such/file"], exitCode: 2), Mistake(arguments: [""], exitCode: 2),
        Mistake(arguments: ["/"], exitCode: 1), Mistake(arguments: ["--network", "mars"], exitCode: 2),
        Mistake(arguments: ["--protocol-version", "x"], exitCode: 2), Mistake(arguments: ["-", "-"], exitCode: 2),
    ])
    func aMistakeIsOneLine(_ mistake: Mistake) throws {
        let outcome = try ChildProcess.run(["decode"] + mistake.arguments)
        #expect(outcome.exitCode == mistake.exitCode)
        #expect(!outcome.complaint.isEmpty)
        #expect(outcome.text == "")
    }

    @Test(arguments: [SIGINT, SIGTERM]) func anInterruptionEndsTheWait(_ number: Int32) throws {
        let child = try ChildProcess(["decode"], input: nil)
        child.write(Self.ping)
        _ = try child.line()
        child.send(signal: number)
        let outcome = try child.finish()
        #expect(outcome.exitCode == 130)
        #expect(outcome.complaint == "interrupted")
    }

    @Test func aReaderThatLeavesIsNoFailure() throws {
        let child = try ChildProcess(["decode"], input: nil)
        child.write(Self.ping)
        _ = try child.line()
        child.closeOutput()
        child.write(Self.ping)
        let outcome = try child.finish()
        #expect(outcome.exitCode == 0)
        #expect(outcome.errors == "")
    }

    /// What is no capture is told so, though its length is judged before its magic; whole and with the header cut.
    @Test(arguments: [0, 3, 10]) func somethingElseThanACaptureIsNamed(_ cut: Int) throws {
        let text = Array("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n".utf8)
        let child = try ChildProcess(["decode"], input: nil)
        child.write(Array(text.prefix(cut)))
        child.write(Array(text.dropFirst(cut)))
        child.closeInput()
        let outcome = try child.finish()
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint.contains("its magic is not that of mainnet either"))
        #expect(try outcome.objects.first?.object("error")?.text("class") == "too-long")
    }
}
