import Foundation
import TestSupport
import Testing

@testable import PeerWire

/// Compact block messages made with an independent implementation.
@Suite(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.unavailable)))
struct CompactVectorTests {
    private struct Vector: Decodable {
        let kind: String
        let name: String
        let command: String
        let payload_hex: String?
        let `class`: String?
    }

    private static func vectors(_ file: String) throws -> [Vector] {
        try SharedData.bytes(of: file).split(separator: 10)
            .map { try JSONDecoder().decode(Vector.self, from: Data($0)) }
            .filter { ["cmpctblock", "getblocktxn", "blocktxn"].contains($0.command) }
    }

    private static func recoded(_ command: String, _ payload: [UInt8]) throws -> [UInt8] {
        switch command {
        case "cmpctblock": try CompactBlockMessage(payload).payload()
        case "getblocktxn": try GetBlockTransactionsMessage(payload).payload()
        default: try BlockTransactionsMessage(payload).payload()
        }
    }

    /// Their maker cuts indexes to 32 bits and does not look whether prefilled transactions lie within the block. Why
    /// those of these names are refused here.
    private static let refusals: [String: DecodeError.Reason] = {
        let past = ["0x1", "3x2", "pv70014", "pv70015", "pv70017", "trailing", "252x1", "253x1"]
        let over = ["252", "253", "2000"]
        let pairs =
            past.map { ("cmpctblock-" + $0, DecodeError.Reason.malformed("an index within the block")) }
            + over.map { ("getblocktxn-" + $0, DecodeError.Reason.malformed("an index of 32 bits")) }
        return Dictionary(uniqueKeysWithValues: pairs)
    }()

    @Test func goodOnesComeBackExactly() throws {
        var exact = 0
        var refused = 0
        for vector in try Self.vectors("golden.jsonl") where vector.kind != "bad" {
            let payload = vector.payload_hex.map(hex) ?? []
            if let reason = Self.refusals[vector.name] {
                let error = #expect(throws: DecodeError.self, "\(vector.name)") {
                    try Self.recoded(vector.command, payload)
                }
                #expect(error?.reason == reason, "\(vector.name)")
                refused += 1
            } else {
                #expect(try Self.recoded(vector.command, payload) == payload, "\(vector.name)")
                exact += 1
            }
        }
        #expect(refused == Self.refusals.count)
        #expect(exact >= 15)
    }

    @Test func badOnesAreRefused() throws {
        var refused = 0
        for vector in try Self.vectors("golden.jsonl") where vector.kind == "bad" && vector.class != "pver-gate" {
            guard let payload = vector.payload_hex.map(hex) else { continue }
            #expect(throws: DecodeError.self, "\(vector.name)") { try Self.recoded(vector.command, payload) }
            refused += 1
        }
        #expect(refused > 150)
    }

    @Test func anIndexBeyond32BitsIsRefused() throws {
        let quirks = try Self.vectors("quirks.jsonl")
        #expect(quirks.map(\.name) == ["getblocktxn-index-truncated"])
        for quirk in quirks {
            let error = #expect(throws: DecodeError.self) {
                try Self.recoded(quirk.command, quirk.payload_hex.map(hex) ?? [])
            }
            #expect(error?.reason == .malformed("an index of 32 bits"))
        }
    }
}
