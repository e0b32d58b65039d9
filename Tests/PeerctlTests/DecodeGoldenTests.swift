import Foundation
import PeerWire
import TestSupport
import Testing

/// `peerctl decode` on every vector made with an independent implementation.
@Suite(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.unavailable)))
struct DecodeGoldenTests {
    @Test func goodOnesShowTheirFieldsAndGiveTheirBytesAgain() throws {
        var checked = 0
        for run in GoldenFrame.runs(try GoldenFrame.read("ok", "decode")) {
            let outcome = try GoldenFrame.decode(run.flatMap(\.bytes), run[0].arguments)
            #expect(outcome.exitCode == 0 && outcome.errors == "")
            let lines = try outcome.objects
            try #require(lines.count == run.count)
            for (line, vector) in zip(lines, run) {
                #expect(line.text("command") == vector.command)
                #expect(line.text("frame_hex") == hexText(vector.bytes), "\(vector.name)")
                let message = try #require(line.object("message"), "\(vector.name)")
                #expect(GoldenFieldCheck.problem(message.members, vector) == nil, "\(vector.name)")
                checked += 1
            }
        }
        #expect(checked == 841 + 42)
    }

    /// What others lose, cut or die of.
    @Test func quirksAreOnlyBytes() throws {
        let quirks = try GoldenFrame.read("quirk", file: "quirks.jsonl")
        let outcome = try GoldenFrame.decode(quirks.flatMap(\.bytes), quirks[0].arguments)
        #expect(outcome.exitCode == 0)
        let lines = try outcome.objects
        try #require(lines.count == 22 && quirks.count == 22)
        for (line, quirk) in zip(lines, quirks) {
            #expect(line.text("frame_hex") == hexText(quirk.bytes), "\(quirk.name)")
            let id = quirk.fields["true_txid"] as? String
            if let id { #expect(line.object("message")?.text("txid") == id, "\(quirk.name)") }
            #expect((id == nil) == ["commit-u64max", "getblocktxn-index-truncated"].contains(quirk.name))
        }
        #expect(lines.last?.object("message")?.isNull("indexes") == true)
    }

    /// Bad frames after which reading goes on are read together, the others one by one.
    @Test func badOnesAreReportedByTheirClass() throws {
        let bad = try GoldenFrame.read("bad").filter { $0.expectedClass != "unknown-command" }
        #expect(bad.count == 948 - 14)
        func endsReading(_ vector: GoldenFrame) -> Bool {
            ["too-long", "magic"].contains(vector.expectedClass) || vector.name.hasPrefix("frame-short")
        }
        let runs = GoldenFrame.runs(bad.filter { !endsReading($0) }) + bad.filter(endsReading).map { [$0] }
        var checked = 0
        for run in runs {
            let outcome = try GoldenFrame.decode(run.flatMap(\.bytes), run[0].arguments)
            let lines = try outcome.objects
            if run[0].bytes.isEmpty {
                // Nothing is no frame, and nothing is wrong with it.
                #expect(run[0].name == "frame-short-0" && lines.isEmpty && outcome.exitCode == 0)
                continue
            }
            try #require(lines.count == run.count, "\(run[0].name)")
            var accepted = 0
            for (line, vector) in zip(lines, run) {
                let found = line.object("error")?.text("class")
                if vector.name == "reject-trunc-9" {
                    // After the reason a reject of any command may end.
                    #expect(line.text("frame_hex") == hexText(vector.bytes))
                    accepted += 1
                } else if vector.note.contains("bchd limit") {
                    #expect(found != nil, "\(vector.name)")
                } else {
                    #expect(found == vector.expectedClass, "\(vector.name)")
                }
                checked += 1
            }
            #expect(outcome.exitCode == (accepted == run.count ? 0 : 1))
        }
        #expect(checked == 948 - 14 - 1)
    }

    /// Good frames. The three of commands known here have a payload that is not theirs: it is shown all the same, and
    /// why.
    @Test func unknownCommandsAreShown() throws {
        let vectors = try GoldenFrame.read("bad").filter { $0.expectedClass == "unknown-command" }
        let outcome = try GoldenFrame.decode(vectors.flatMap(\.bytes), [])
        let lines = try outcome.objects
        try #require(lines.count == 14)
        #expect(outcome.exitCode == 0)
        var known: [String] = []
        for (line, vector) in zip(lines, vectors) {
            #expect(line.flag("checksum_ok") == true && line.number("length") == 3 && line.object("error") == nil)
            #expect(line.object("message")?.text("payload_hex") == hexText(Array(vector.bytes.dropFirst(24))))
            #expect(line.text("frame_hex") == hexText(vector.bytes))
            if let why = line.object("undecodable") {
                known.append(vector.command)
                #expect(why.text("class") == "truncated")
            }
        }
        #expect(known == ["addrv2", "extversion", "dsproof-beta"])
    }
}
