import Foundation
import PeerWire
import TestSupport

/// A vector of `golden.jsonl` as a frame, for the real command.
struct GoldenFrame {
    let kind: String
    let name: String
    let command: String
    let version: Int
    let magic: [UInt8]
    let bytes: [UInt8]
    let note: String
    /// Why it is bad, in the words of `decode`.
    let expectedClass: String?
    let fields: [String: Any]

    /// A payload without a frame gets one that is right.
    private init?(_ line: [String: Any]) {
        guard let kind = line["kind"] as? String, let name = line["name"] as? String,
            let command = line["command"] as? String, let version = (line["pver"] as? NSNumber)?.intValue,
            let net = line["net"] as? String
        else { return nil }
        self.kind = kind
        self.name = name
        self.command = command
        self.version = version
        magic = hex(net)
        note = line["note"] as? String ?? ""
        expectedClass = (line["class"] as? String).map { Self.classes[$0] ?? $0 }
        fields = line["fields"] as? [String: Any] ?? [:]
        if let whole = line["frame_hex"] as? String {
            bytes = hex(whole)
        } else {
            let number = magic.reversed().reduce(0) { $0 << 8 | UInt32($1) }
            bytes = frame(command, hex(line["payload_hex"] as? String ?? ""), magic: number)
        }
    }

    private static let classes = [
        "noncanonical-varint": "noncanonical", "payload-too-long": "too-long", "payload-too-long-for-type": "too-long",
        "pver-gate": "version-gate", "bad-checksum": "checksum", "wrong-magic": "magic", "invalid-command": "command",
        "headers-with-txs": "malformed",
    ]

    static func read(_ kinds: String..., file: String = "golden.jsonl") throws -> [GoldenFrame] {
        try SharedData.bytes(of: file).split(separator: 10).compactMap {
            (try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]).flatMap(GoldenFrame.init)
        }
        .filter { kinds.contains($0.kind) }
    }

    /// What tells `decode` how to read it.
    var arguments: [String] {
        let network = Network.allCases.first { network in
            magic == (0..<4).map { UInt8(truncatingIfNeeded: network.magic >> (8 * UInt32($0))) }
        }
        return ["--network", network?.rawValue ?? "", "--protocol-version", String(version)]
    }

    /// Those that one run of `decode` can read, together.
    static func runs(_ frames: [GoldenFrame]) -> [[GoldenFrame]] {
        Array(Dictionary(grouping: frames, by: \.arguments).values)
    }

    /// Runs `decode` on a file that holds these bytes.
    static func decode(_ bytes: [UInt8], _ arguments: [String]) throws -> ChildProcess.Outcome {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("golden-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(bytes).write(to: file)
        return try ChildProcess.run(["decode", "--reencode"] + arguments + [file.path])
    }
}
