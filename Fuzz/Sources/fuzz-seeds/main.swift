// fuzz-seeds FOLDER: inputs made of messages of our own, a folder for each target.
// fuzz-seeds FOLDER DATA: inputs made of the vectors and the captured stream in DATA. They are not ours to commit.
import Foundation
import FuzzBodies

struct Vector: Decodable {
    let command: String
    let pver: Int32?
    let payload_hex: String?
}

/// Longer ones are of no use: a fuzzer would only see the middle of them.
let maximumPayload = 12_000

func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

func write(_ input: [UInt8], _ target: FuzzTarget, _ name: String, to folder: URL) throws {
    let folder = folder.appendingPathComponent(target.rawValue)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(input).write(to: folder.appendingPathComponent(name))
}

func writeMessage(_ command: String, _ payload: [UInt8], _ version: Int32, _ name: String, to folder: URL) throws {
    guard payload.count <= maximumPayload else { return }
    for target in FuzzTarget.allCases {
        if let input = target.seed(command: command, payload: payload, version: version) {
            try write(input, target, name, to: folder)
        }
    }
}

func writeVectors(_ file: URL, to folder: URL) throws {
    for (place, line) in try Data(contentsOf: file).split(separator: 10).enumerated() {
        let vector = try JSONDecoder().decode(Vector.self, from: Data(line))
        guard let payload = vector.payload_hex else { continue }
        let name = "\(file.deletingPathExtension().lastPathComponent)-\(place)"
        try writeMessage(vector.command, bytes(payload), vector.pver ?? 70_016, name, to: folder)
    }
}

/// Frames back to back, each of them sound.
func writeStream(_ file: URL, to folder: URL) throws {
    let stream = [UInt8](try Data(contentsOf: file))
    var start = 0
    var place = 0
    while start + 24 <= stream.count {
        let command = String(decoding: stream[(start + 4)..<(start + 16)].prefix { $0 != 0 }, as: UTF8.self)
        let length = (0..<4).reduce(0) { $0 | Int(stream[start + 16 + $1]) << (8 * $1) }
        let payload = Array(stream[(start + 24)..<min(stream.count, start + 24 + length)])
        try writeMessage(command, payload, 70_016, "stream-\(place)", to: folder)
        start += 24 + length
        place += 1
    }
}

let arguments = CommandLine.arguments.dropFirst().map { URL(fileURLWithPath: $0) }
guard let folder = arguments.first, arguments.count <= 2 else {
    FileHandle.standardError.write(Data("usage: fuzz-seeds FOLDER [DATA]\n".utf8))
    exit(2)
}
if arguments.count == 1 {
    for target in FuzzTarget.allCases {
        for (place, input) in target.seeds.enumerated() { try write(input, target, "own-\(place)", to: folder) }
    }
} else {
    for name in ["golden.jsonl", "quirks.jsonl"] {
        try writeVectors(arguments[1].appendingPathComponent(name), to: folder)
    }
    try writeStream(arguments[1].appendingPathComponent("mainnet-stream.bin"), to: folder)
}
