import Foundation
import PeerWire
import TestSupport
import Testing

/// Bytes from hexadecimal text; spaces are passed over. Only for literals known to be well formed.
func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

func hexText(_ bytes: [UInt8]) -> String { WireBytes(bytes).hexadecimal }

/// A frame of any bytes, right or wrong.
func frame(
    _ command: String, _ payload: [UInt8] = [], length: Int? = nil, checksum: UInt32? = nil,
    magic: UInt32 = Network.mainnet.magic
) -> [UInt8] {
    frame(bytes: Array(command.utf8.prefix(12)), payload, length: length, checksum: checksum, magic: magic)
}

/// A frame of any payload with a command of any bytes, at most twelve.
func frame(
    bytes name: [UInt8], _ payload: [UInt8], length: Int? = nil, checksum: UInt32? = nil,
    magic: UInt32 = Network.mainnet.magic
) -> [UInt8] {
    var writer = ByteWriter(capacity: 24 + payload.count)
    writer.writeUInt32(magic)
    writer.writeBytes(name + [UInt8](repeating: 0, count: 12 - name.count))
    writer.writeUInt32(UInt32(length ?? payload.count))
    writer.writeUInt32(checksum ?? SHA256d.checksum(payload.span.bytes))
    writer.writeBytes(payload)
    return writer.finish()
}

/// A line of JSON that is an object.
struct JSONLine {
    let members: [String: Any]

    init(_ line: String) throws {
        members = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }

    private init(_ members: [String: Any]) {
        self.members = members
    }

    func text(_ key: String) -> String? { members[key] as? String }
    func number(_ key: String) -> Int? { (members[key] as? NSNumber)?.intValue }
    func flag(_ key: String) -> Bool? { members[key] as? Bool }
    func isNull(_ key: String) -> Bool { members[key] is NSNull }
    func object(_ key: String) -> JSONLine? { (members[key] as? [String: Any]).map { JSONLine($0) } }
}

extension ChildProcess.Outcome {
    var objects: [JSONLine] {
        get throws { try lines.map { try JSONLine($0) } }
    }

    /// The single line on stderr, without the command's name; empty when there is none or more than one, or one of a
    /// runtime that stopped.
    var complaint: String {
        let prefix = "peerctl: "
        guard errorLines.count == 2, errorLines[1].isEmpty, errorLines[0].hasPrefix(prefix) else { return "" }
        return String(errorLines[0].dropFirst(prefix.count))
    }
}
