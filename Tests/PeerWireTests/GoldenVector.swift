import Foundation
import PeerWire
import TestSupport

/// A value of the vectors' fields.
indirect enum GoldenField: Equatable, Decodable {
    case text(String)
    case number(Int64)
    case flag(Bool)
    case list([GoldenField])
    case object([String: GoldenField])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let object = try? container.decode([String: GoldenField].self) {
            self = .object(object)
        } else if let list = try? container.decode([GoldenField].self) {
            self = .list(list)
        } else {
            self = .flag(try container.decode(Bool.self))
        }
    }
}

/// A line of `golden.jsonl` or `quirks.jsonl`.
struct GoldenVector: Decodable {
    let kind: String
    let name: String
    let command: String
    let pver: Int32
    let net: String
    let note: String?
    let fields: GoldenField?
    let `class`: String?
    private let payload_hex: String?
    private let frame_hex: String?

    var version: ProtocolVersion { ProtocolVersion(rawValue: pver) }
    var payload: [UInt8]? { payload_hex.map(Self.bytes) }
    var frame: [UInt8]? { frame_hex.map(Self.bytes) }
    var magic: UInt32 { Self.bytes(net).reversed().reduce(0) { $0 << 8 | UInt32($1) } }

    /// As ``hex(_:)`` for megabytes.
    private static func bytes(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var high: UInt8?
        for digit in text.utf8 {
            let value = digit < 0x40 ? digit & 15 : digit & 15 + 9
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}

extension GoldenVector {
    static let golden = read("golden.jsonl")
    static let quirks = read("quirks.jsonl")

    /// A line that cannot be read is missing, which the counts of the tests show.
    private static func read(_ name: String) -> [GoldenVector] {
        guard let bytes = try? SharedData.bytes(of: name) else { return [] }
        let decoder = JSONDecoder()
        return bytes.split(separator: 10).compactMap { try? decoder.decode(GoldenVector.self, from: Data($0)) }
    }

    static func golden(_ kind: String) -> [GoldenVector] { golden.filter { $0.kind == kind } }

    /// The limits of their maker where they are tighter than ours.
    static let limits: WireLimits = {
        var limits = WireLimits()
        limits.maxVersionPayload = 358
        limits.refusesHeadersWithTransactions = true
        return limits
    }()

    func decode(_ payload: [UInt8], limits: WireLimits = Self.limits) throws -> Message {
        guard let command = Command(command) else { throw GoldenError.command }
        do throws(DecodeError) {
            return try Message.decode(command: command, payload: payload, protocolVersion: version, limits: limits)
        } catch {
            throw GoldenError.payload(error)
        }
    }
}

/// Why a vector was refused, or could not be tried.
enum GoldenError: Error, Equatable {
    case command
    case frame(FrameError)
    case payload(DecodeError)
    case endsInsideAFrame
}
