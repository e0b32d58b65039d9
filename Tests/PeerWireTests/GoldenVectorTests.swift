import Foundation
import PeerWire
import TestSupport
import Testing

/// One line of `golden.jsonl`, as far as it is used here.
private struct Vector: Decodable {
    let kind: String
    let name: String
    let command: String
    let pver: Int32
    let net: String
    let payload_hex: String?
    let frame_hex: String?
    let `class`: String?

    var version: ProtocolVersion { ProtocolVersion(rawValue: pver) }
    var payload: [UInt8]? { payload_hex.map(hex) }
    var frame: [UInt8]? { frame_hex.map(hex) }
    var magic: UInt32 { hex(net).reversed().reduce(0) { $0 << 8 | UInt32($1) } }
}

/// Vectors made with an independent implementation.
@Suite(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.unavailable)))
struct GoldenVectorTests {
    private static let vectors: [Vector] = {
        guard let bytes = try? SharedData.bytes(of: "golden.jsonl") else { return [] }
        let decoder = JSONDecoder()
        return bytes.split(separator: 10).compactMap { try? decoder.decode(Vector.self, from: Data($0)) }
    }()

    /// Commands with a type here; the others come out as unknown commands and prove little.
    private static func typed(_ kind: String) -> [Vector] {
        vectors.filter { vector in
            vector.kind == kind && (Command(vector.command).flatMap { MessageKind($0) } != nil)
        }
    }

    @Test func theyAreAllRead() {
        #expect(Self.vectors.count == 1_831)
        #expect(Self.typed("ok").count > 400)
    }

    @Test func goodOnesComeBackExactly() throws {
        for vector in Self.typed("ok") {
            let command = try #require(Command(vector.command))
            let payload = vector.payload ?? []
            let message = try Message.decode(command: command, payload: payload, protocolVersion: vector.version)
            #expect(try message.payload(protocolVersion: vector.version) == payload, "\(vector.name)")
            if let frame = vector.frame {
                #expect(
                    try message.frame(magic: vector.magic, protocolVersion: vector.version) == frame,
                    "\(vector.name)")
                #expect(try cut(frame, endingAt: [], magic: vector.magic).frames.map(\.payload) == [payload])
            }
        }
    }

    @Test func oddOnesAreReadAndComeBackExactlyToo() throws {
        for vector in Self.typed("decode") {
            let command = try #require(Command(vector.command))
            let payload = vector.payload ?? []
            let message = try Message.decode(command: command, payload: payload, protocolVersion: vector.version)
            #expect(try message.payload(protocolVersion: vector.version) == payload, "\(vector.name)")
        }
    }

    /// Refused by the maker of the vectors for limits of its own, or in its reading, and not here.
    private static func isAccepted(_ vector: Vector) -> Bool {
        switch (vector.command, vector.class) {
        // A `version` may have up to 4,096 bytes; the vectors end at 358.
        case ("version", "payload-too-long-for-type"): true
        // After the reason a `reject` of any command may end.
        case ("reject", "truncated"): endsAfterReason(vector.payload ?? [])
        default: false
        }
    }

    private static func endsAfterReason(_ payload: [UInt8]) -> Bool {
        guard let commandLength = payload.first.map(Int.init), payload.count > commandLength + 2 else { return false }
        return payload.count == commandLength + 3 + Int(payload[commandLength + 2])
    }

    @Test func badPayloadsAreRefused() throws {
        var limits = WireLimits()
        limits.refusesHeadersWithTransactions = true
        var refused = 0
        for vector in Self.typed("bad") {
            guard let payload = vector.payload, vector.frame == nil else { continue }
            let command = try #require(Command(vector.command))
            let fits = payload.count <= limits.maximumPayload(for: command, phase: .established)
            let message = try? Message.decode(
                command: command, payload: payload, protocolVersion: vector.version, limits: limits)
            let accepted = fits && message != nil
            #expect(accepted == Self.isAccepted(vector), "\(vector.name) \(vector.class ?? "")")
            if !accepted { refused += 1 }
        }
        #expect(refused > 300)
    }

    @Test func badFramesAreRefused() throws {
        var refused = 0
        for vector in Self.vectors {
            guard vector.kind == "bad", let frame = vector.frame, vector.class != "unknown-command" else { continue }
            for pieces in [max(1, frame.count), 1] {
                let ends = stride(from: pieces, to: frame.count, by: pieces)
                let whole = try? cut(frame, endingAt: ends, magic: vector.magic).frames
                let known = Command(vector.command).flatMap { MessageKind($0) } != nil
                let expected = Self.isAccepted(vector) || (!known && vector.class != "invalid-command")
                #expect((whole?.isEmpty ?? true) || expected, "\(vector.name) \(vector.class ?? "")")
                if whole?.isEmpty ?? true { refused += 1 }
            }
        }
        #expect(refused > 60)
    }

    @Test func transactionsWithOddTokensAreOnlyBytes() throws {
        struct Quirk: Decodable {
            struct Fields: Decodable { let true_txid: String? }
            let name: String
            let command: String
            let payload_hex: String
            let fields: Fields?
        }
        var checked = 0
        for line in try SharedData.bytes(of: "quirks.jsonl").split(separator: 10) {
            let quirk = try JSONDecoder().decode(Quirk.self, from: Data(line))
            guard quirk.command == "tx" else { continue }
            let transaction = try Transaction(bytes: hex(quirk.payload_hex))
            if let id = quirk.fields?.true_txid { #expect(transaction.hash().description == id, "\(quirk.name)") }
            #expect(transaction.bytes.array == hex(quirk.payload_hex))
            checked += 1
        }
        #expect(checked == 21)
    }
}
