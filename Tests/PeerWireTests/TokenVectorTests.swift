import Foundation
import TestSupport
import Testing

@testable import PeerWire

/// Outputs with tokens made with an independent implementation, and those on which implementations differ.
@Suite(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.unavailable)))
struct TokenVectorTests {
    private struct Token: Decodable {
        let amount: String?
        let bitfield: UInt8
        let capability: UInt8
        let category: String
        let commitment: String?
        let has_nft: Bool
    }
    private struct Output: Decodable {
        let script: String?
        let token: Token?
    }
    private struct Fields: Decodable {
        let outputs: [Output]
    }
    private struct Vector: Decodable {
        let kind: String
        let name: String
        let command: String
        let payload_hex: String?
        let fields: Fields
    }

    private static func check(_ output: TransactionOutput, _ expected: Output, _ name: String) throws {
        #expect(output.lockingScript.hexadecimal == expected.script ?? "", "\(name)")
        guard let token = expected.token else {
            #expect(output.token == nil, "\(name)")
            return
        }
        let read = try #require(output.token, "\(name)")
        #expect(read.category.description == token.category, "\(name)")
        #expect(read.amount == UInt64(token.amount ?? "0"), "\(name)")
        #expect(read.capability.rawValue == token.capability && read.hasNFT == token.has_nft, "\(name)")
        #expect(read.commitment.hexadecimal == token.commitment ?? "", "\(name)")
        #expect(read.encodedPrefix[33] == token.bitfield, "\(name)")
        #expect(try WireBytes(token: read, lockingScript: output.lockingScript) == output.script, "\(name)")
    }

    @Test func tokensAreReadAndWrittenAlike() throws {
        var tokens = 0
        for line in try SharedData.bytes(of: "golden.jsonl").split(separator: 10) {
            guard let vector = try? JSONDecoder().decode(Vector.self, from: Data(line)), vector.kind == "ok",
                vector.command == "tx", let payload = vector.payload_hex.map(hex)
            else { continue }
            let outputs = try Transaction(bytes: payload).outputs
            try #require(outputs.count == vector.fields.outputs.count)
            for (output, expected) in zip(outputs, vector.fields.outputs) {
                try Self.check(output, expected, vector.name)
                if expected.token != nil { tokens += 1 }
            }
        }
        #expect(tokens == 49)
    }

    private struct Quirk: Decodable {
        struct Fields: Decodable { let true_txid: String? }
        let name: String
        let command: String
        let payload_hex: String
        let fields: Fields?
    }

    @Test func quirksAreTokensOrPlainScripts() throws {
        var checked = 0
        for line in try SharedData.bytes(of: "quirks.jsonl").split(separator: 10) {
            let quirk = try JSONDecoder().decode(Quirk.self, from: Data(line))
            guard quirk.command == "tx" else { continue }
            let transaction = try Transaction(bytes: hex(quirk.payload_hex))
            #expect(transaction.bytes.array == hex(quirk.payload_hex))
            if let id = quirk.fields?.true_txid { #expect(transaction.hash().description == id, "\(quirk.name)") }
            let output = transaction.outputs[0]
            switch quirk.name {
            case "valid", "zero-category", "commit-129":
                let token = try #require(output.token, "\(quirk.name)")
                #expect(output.lockingScript.hexadecimal == "5152")
                #expect(token.category.isZero == (quirk.name == "zero-category"))
                #expect(token.commitment.count == (quirk.name == "commit-129" ? 129 : 0))
                #expect(try WireBytes(token: token, lockingScript: [0x51, 0x52]) == output.script)
            default:
                #expect(output.token == nil, "\(quirk.name)")
                #expect(output.lockingScript == output.script && output.script.first == 0xef, "\(quirk.name)")
            }
            let bounded = TokenData(
                scriptField: output.script, maximumCommitmentLength: TokenData.commitmentLimit2026)
            #expect((bounded != nil) == ["valid", "zero-category"].contains(quirk.name), "\(quirk.name)")
            checked += 1
        }
        #expect(checked == 21)
    }
}
