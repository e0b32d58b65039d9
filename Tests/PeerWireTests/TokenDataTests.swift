import Testing

@testable import PeerWire

@Suite struct TokenDataTests {
    private static let categoryText = String((0..<32).map { String(UInt8(0x80 + $0), radix: 16) }.joined())
    private static let p2pkh = "76a914000102030405060708090a0b0c0d0e0f1011121388ac"

    private static func field(_ afterCategory: String) -> WireBytes {
        WireBytes(hex("ef" + categoryText + afterCategory))
    }

    @Test func workedExample() throws {
        let transaction = try Transaction(bytes: Array(Examples.transaction.dropFirst(24)))
        #expect(
            transaction.hash().description == "f51ba3b84f5b41c2f57db0483f1ec6d31375678e914320f5765a2bb761e242df")
        let output = transaction.outputs[0]
        let token = try #require(output.token)
        #expect(token.category == Hash256(bytes: hex(Self.categoryText)))
        #expect(token.hasNFT && token.capability == .minting)
        #expect(token.commitment.hexadecimal == "cafe" && token.amount == 1_000)
        #expect(output.lockingScript.hexadecimal == Self.p2pkh)
        #expect(output.script.count == 65)
        #expect(try TransactionOutput(value: 1_000, token: token, lockingScript: output.lockingScript) == output)
        #expect(transaction.outputs[1].token == nil)
        #expect(transaction.outputs[1].lockingScript == transaction.outputs[1].script)
        #expect(
            token.description
                == "token 9f9e9d9c9b9a999897969594939291908f8e8d8c8b8a89888786858483828180: 1000, NFT (minting) cafe"
        )
    }

    /// Every value of the byte of bits, with a commitment and an amount where it calls for them.
    @Test func onlySoundBitsAreTokens() throws {
        var sound = 0
        for bits in UInt8.min...UInt8.max {
            let text = String(bits >> 4, radix: 16) + String(bits & 15, radix: 16)
            let field = Self.field(text + (bits & 0x40 != 0 ? "0142" : "") + (bits & 0x10 != 0 ? "07" : "") + "51")
            let token = TokenData(scriptField: field)
            let output = TransactionOutput(value: 1, script: field)
            let expected: Bool =
                switch bits {
                case 0x10, 0x20...0x22, 0x30...0x32, 0x60...0x62, 0x70...0x72: true
                default: false
                }
            #expect((token != nil) == expected, "bits \(text)")
            #expect(output.lockingScript == (expected ? WireBytes([0x51]) : field))
            guard let token else { continue }
            sound += 1
            #expect(token.hasNFT == (bits & 0x20 != 0) && token.capability.rawValue == bits & 15)
            #expect(token.commitment.hexadecimal == (bits & 0x40 != 0 ? "42" : ""))
            #expect(token.amount == (bits & 0x10 != 0 ? 7 : 0))
            #expect(try WireBytes(token: token, lockingScript: [0x51]) == field)
            #expect(TokenData.prefixLength(in: field.array.span.bytes) == field.count - 1)
        }
        #expect(sound == 13)
    }

    @Test func amountsAtTheirLimits() throws {
        let good: [(String, UInt64)] = [
            ("1001", 1), ("10fc", 252), ("10fdfd00", 253), ("10fdffff", 65_535), ("10fe00000100", 65_536),
            ("10ff0000000001000000", 1 << 32), ("10ffffffffffffffff7f", 9_223_372_036_854_775_807),
        ]
        for (text, amount) in good {
            let token = try #require(TokenData(scriptField: Self.field(text)), "\(text)")
            #expect(token.amount == amount && !token.hasNFT)
            #expect(token.encodedPrefix == Self.field(text).array)
            #expect(try TokenData(category: token.category, amount: amount) == token)
        }
        for text in [
            "10", "1000", "10fd0500", "10fdfd", "10fe01000000", "10ff0100000000000000",
            "10ff0000000000000080", "10ffffffffffffffffff", "10ffffffffffffff7f",
        ] {
            #expect(TokenData(scriptField: Self.field(text)) == nil, "\(text)")
        }
        let category = Hash256.zero
        for amount: UInt64 in [0, 1 << 63, .max] {
            #expect(throws: EncodeError.inconsistent("token amount")) {
                try TokenData(category: category, amount: amount)
            }
        }
        #expect(throws: EncodeError.inconsistent("token amount")) {
            try TokenData(category: category, capability: .none, amount: 1 << 63)
        }
    }

    @Test func commitmentsAreBoundedByTheField() throws {
        for text in ["60", "6000", "6001", "60fd0200beef", "60feffffff7f51", "60ffffffffffffffffff51", "6002be"] {
            #expect(TokenData(scriptField: Self.field(text)) == nil, "\(text)")
        }
        for length in [1, 40, 41, 128, 129, 252, 253, 70_000] {
            let commitment = WireBytes([UInt8](repeating: 7, count: length))
            let token = try TokenData(
                category: .zero, capability: .mutable, commitment: commitment, amount: 3,
                maximumCommitmentLength: length)
            let field = try WireBytes(token: token, lockingScript: [0x51, 0x52])
            #expect(TokenData(scriptField: field) == token)
            #expect(TokenData(scriptField: field)?.commitment == commitment)
            #expect(TransactionOutput(value: 0, script: field).lockingScript == [0x51, 0x52])
            for limit in [TokenData.commitmentLimit2023, TokenData.commitmentLimit2026, length - 1, length] {
                let token = TokenData(scriptField: field, maximumCommitmentLength: limit)
                #expect((token != nil) == (length <= limit))
            }
            #expect(throws: EncodeError.limitExceeded(field: "token commitment", value: length, limit: length - 1)) {
                try TokenData(
                    category: .zero, capability: .none, commitment: commitment, maximumCommitmentLength: length - 1)
            }
        }
    }

    @Test func aCutPrefixIsAPlainScript() throws {
        let token = try TokenData(
            category: .zero, capability: .minting, commitment: [1, 2, 3], amount: 100_000)
        let prefix = token.encodedPrefix
        for length in 0..<prefix.count {
            let field = WireBytes(Array(prefix.prefix(length)))
            #expect(TokenData(scriptField: field) == nil)
            #expect(TransactionOutput(value: 0, script: field).lockingScript == field)
        }
        #expect(TokenData(scriptField: WireBytes(prefix)) == token)
        #expect(TransactionOutput(value: 0, script: WireBytes(prefix)).lockingScript.isEmpty)
    }

    /// Script fields are views in the middle of a payload: what lies around them is not theirs.
    @Test func viewsStayWithinTheField() throws {
        let token = try TokenData(category: .zero, capability: .none, commitment: [1, 2, 3])
        let prefix = token.encodedPrefix
        let payload = [0xef, 0xef] + prefix + [0x51, 0x52, 0x53, 0xff]
        let whole = try #require(WireBytes(payload, 2..<(2 + prefix.count + 3)))
        let output = TransactionOutput(value: 0, script: whole)
        #expect(output.token == token && output.lockingScript == [0x51, 0x52, 0x53])
        let cut = try #require(WireBytes(payload, 2..<(1 + prefix.count)))
        #expect(TransactionOutput(value: 0, script: cut).token == nil)
    }

    @Test func anyBytesAreReadWithoutHarm() throws {
        var random = SeededGenerator(state: 61)
        var tokens = 0
        for _ in 0..<20_000 {
            let bits = UInt8(truncatingIfNeeded: random.next()) & 0x73
            let field = WireBytes(
                [0xef] + random.bytes(32) + [bits] + random.bytes(Int(random.next() % 40)))
            guard let token = TokenData(scriptField: field) else { continue }
            let script = TransactionOutput(value: 0, script: field).lockingScript
            #expect(try WireBytes(token: token, lockingScript: script) == field)
            tokens += 1
        }
        #expect(tokens > 1_000)
    }
}
