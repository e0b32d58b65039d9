import PeerWire
import TestSupport
import Testing

/// `peerctl decode` on traffic as one node received it.
@Suite(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.unavailable)))
struct DecodeCaptureTests {
    private static let capture = "mainnet-stream.bin"

    /// The bytes of all frames encoded again, one after the other.
    private func reencoded(_ outcome: ChildProcess.Outcome) throws -> [UInt8] {
        try outcome.objects.flatMap { hex($0.text("frame_hex") ?? "") }
    }

    @Test func everyMessageGivesItsBytesAgain() throws {
        let bytes = try SharedData.bytes(of: Self.capture)
        let outcome = try ChildProcess.run(["decode", "--reencode", SharedData.path(of: Self.capture)])
        #expect(outcome.exitCode == 0)
        #expect(outcome.errors == "")
        let lines = try outcome.objects
        #expect(lines.count == 966)
        #expect(lines.allSatisfy { $0.flag("checksum_ok") == true && $0.object("message") != nil })
        #expect(try reencoded(outcome) == bytes)
        var counts: [String: Int] = [:]
        for line in lines { counts[line.text("command") ?? "", default: 0] += 1 }
        #expect(
            counts == [
                "version": 1, "extversion": 1, "verack": 1, "sendheaders": 1, "sendcmpct": 1, "addr": 1, "ping": 46,
                "pong": 46, "inv": 733, "tx": 103, "block": 27, "headers": 4, "getdata": 1,
            ])
    }

    @Test func stdinIsTheSameAsAFile() throws {
        let bytes = try SharedData.bytes(of: Self.capture)
        let file = try ChildProcess.run(["decode", SharedData.path(of: Self.capture)])
        let stream = try ChildProcess.run(["decode"], input: bytes)
        #expect(stream.exitCode == 0)
        #expect(stream.output == file.output)
    }

    @Test func aDamagedByteCostsOneFrame() throws {
        var bytes = try SharedData.bytes(of: Self.capture)
        let place = 1_000
        bytes[place] ^= 0xff
        let outcome = try ChildProcess.run(["decode"], input: bytes)
        let lines = try outcome.objects
        #expect(lines.count == 966)
        let bad = lines.filter { $0.members["error"] != nil }
        #expect(bad.map { $0.object("error")?.text("class") } == ["checksum"])
        #expect(bad.map { $0.text("command") } == ["addr"])
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint == "1 of 966 frames bad")
    }

    @Test func aCutFileEndsWithWhatWasCut() throws {
        let bytes = try SharedData.bytes(of: Self.capture)
        let outcome = try ChildProcess.run(["decode"], input: bytes.dropLast(5))
        let lines = try outcome.objects
        #expect(lines.count == 966)
        #expect(lines.last?.object("error")?.text("class") == "truncated")
        #expect(outcome.exitCode == 1)
    }
}
