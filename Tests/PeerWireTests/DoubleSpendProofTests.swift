import Testing

@testable import PeerWire

@Suite struct DoubleSpendProofTests {
    private typealias Spender = DoubleSpendProofMessage.Spender

    private static func hash(_ number: UInt64) -> Hash256 { Hash256(word0: number, word1: 0, word2: 0, word3: 0) }

    private static func spender(
        outputs: Hash256, previous: Hash256 = hash(1), signature: [UInt8] = [UInt8](repeating: 5, count: 65)
    ) -> Spender {
        Spender(
            transactionVersion: 2, sequence: .max, lockTime: 800_000, previousOutputsHash: previous,
            sequenceHash: hash(9), outputsHash: outputs, signature: signature)
    }

    private static let sound = DoubleSpendProofMessage(
        outpoint: Outpoint(transaction: hash(77), index: 3), firstSpender: spender(outputs: hash(1)),
        secondSpender: spender(outputs: hash(2)))

    private static func decode(_ bytes: [UInt8]) throws -> DoubleSpendProofMessage {
        try decodePayload(DoubleSpendProofMessage.self, bytes)
    }

    @Test func twoSignaturesOf65BytesMake386() throws {
        let bytes = try encodePayload(Self.sound)
        #expect(bytes.count == 386)
        let expected =
            Self.hash(77).bytes + hex("03000000 02000000 ffffffff 00350c00") + Self.hash(1).bytes + Self.hash(9).bytes
            + Self.hash(1).bytes + hex("01 41") + [UInt8](repeating: 5, count: 65) + hex("02000000 ffffffff 00350c00")
            + Self.hash(1).bytes + Self.hash(9).bytes + Self.hash(2).bytes + hex("01 41")
            + [UInt8](repeating: 5, count: 65)
        #expect(bytes == expected)
        let decoded = try Self.decode(bytes)
        #expect(decoded == Self.sound)
        #expect(decoded.id == SHA256d.hash(bytes))
        #expect(decoded.firstSpender.pushes.first?.count == 65)
        try decoded.validate()
    }

    @Test func aCutPayloadIsRefused() throws {
        let bytes = try encodePayload(Self.sound)
        for length in 0..<bytes.count {
            #expect(throws: DecodeError.self) { try Self.decode(Array(bytes.prefix(length))) }
        }
    }

    @Test func trailingBytesAreNotPartOfTheProof() throws {
        let bytes = try encodePayload(Self.sound) + [1]
        let message = try Self.decode(bytes)
        #expect(message.trailingBytes == [1])
        #expect(message.id == Self.sound.id)
        #expect(try encodePayload(message) == bytes)
    }

    @Test func anyNumberOfPushesIsKept() throws {
        for lengths in [[], [0], [1, 2], [0, 0, 0], [252, 253, 1], [Int](repeating: 0, count: 5_000)] {
            var message = Self.sound
            message.secondSpender.pushes = .init(lengths.map { WireBytes([UInt8](repeating: 3, count: $0)) })
            let bytes = try encodePayload(message)
            let decoded = try Self.decode(bytes)
            #expect(decoded == message)
            #expect(decoded.secondSpender.pushes.map(\.count) == lengths)
            #expect(decoded.secondSpender.pushes.count == lengths.count)
            #expect(try encodePayload(decoded) == bytes)
        }
    }

    @Test func aFalseCountOfPushesIsRefusedAtOnce() throws {
        var bytes = try encodePayload(Self.sound)
        bytes.replaceSubrange(144..<145, with: hex("fe00000002"))
        let error = #expect(throws: DecodeError.self) { try Self.decode(bytes) }
        #expect(error?.field == "push count")
        bytes.replaceSubrange(144..<149, with: hex("ff0000000000000001"))
        #expect(throws: DecodeError.self) { try Self.decode(bytes) }
    }

    @Test func eachRule() {
        var rules: [(DoubleSpendProofError, DoubleSpendProofMessage)] = []
        var message = Self.sound
        message.outpoint.transaction = .zero
        rules.append((.zeroTransaction, message))
        message = Self.sound
        message.outpoint.index = 0x8000_0000
        rules.append((.indexTooLarge, message))
        for pushes: [WireBytes] in [[], [[1], [2]]] {
            message = Self.sound
            message.firstSpender.pushes = .init(pushes)
            rules.append((.pushCount, message))
            message = Self.sound
            message.secondSpender.pushes = .init(pushes)
            rules.append((.pushCount, message))
        }
        message = Self.sound
        message.secondSpender.pushes = .init([WireBytes([UInt8](repeating: 0, count: 10_001))])
        rules.append((.pushTooLong, message))
        message = Self.sound
        message.secondSpender = message.firstSpender
        rules.append((.equalSpenders, message))
        message = Self.sound
        (message.firstSpender, message.secondSpender) = (message.secondSpender, message.firstSpender)
        rules.append((.order, message))
        for (rule, message) in rules {
            #expect(throws: rule) { try message.validate() }
        }
        #expect(Set(rules.map(\.0)) == Set(DoubleSpendProofError.allCases))
    }

    @Test func limitsOfTheRules() throws {
        var message = Self.sound
        message.outpoint.index = 0x7fff_ffff
        for limit in [520, 10_000] {
            message.firstSpender.pushes = .init([WireBytes([UInt8](repeating: 0, count: limit))])
            try message.validate(maxPushLength: limit)
            #expect(throws: DoubleSpendProofError.pushTooLong) { try message.validate(maxPushLength: limit - 1) }
        }
    }

    @Test func theOrderIsThatOfNumbers() throws {
        // The last byte on the wire weighs most.
        let small = Hash256(word0: .max, word1: .max, word2: .max, word3: 0)
        let large = Hash256(word0: 0, word1: 0, word2: 0, word3: 1 << 56)
        let outpoint = Self.sound.outpoint
        let pairs = [
            (Self.spender(outputs: small), Self.spender(outputs: large)),
            (Self.spender(outputs: small, previous: small), Self.spender(outputs: small, previous: large)),
            (Self.spender(outputs: small, previous: large), Self.spender(outputs: large, previous: small)),
        ]
        for (first, second) in pairs {
            let message = DoubleSpendProofMessage(outpoint: outpoint, firstSpender: first, secondSpender: second)
            try message.validate()
            #expect(DoubleSpendProofMessage(outpoint: outpoint, ordering: first, second) == message)
            #expect(DoubleSpendProofMessage(outpoint: outpoint, ordering: second, first) == message)
            #expect(throws: DoubleSpendProofError.order) {
                try DoubleSpendProofMessage(outpoint: outpoint, firstSpender: second, secondSpender: first).validate()
            }
        }
        // Both hashes equal: either order will do.
        let one = Self.spender(outputs: small, signature: [1])
        let other = Self.spender(outputs: small, signature: [2])
        try DoubleSpendProofMessage(outpoint: outpoint, firstSpender: one, secondSpender: other).validate()
        try DoubleSpendProofMessage(outpoint: outpoint, firstSpender: other, secondSpender: one).validate()
    }

    /// Bytes that decode come back exactly; others are refused, and nothing crashes.
    @Test func damagedPayloadsComeBackExactlyOrNotAtAll() throws {
        var random = SeededGenerator(state: 5)
        let sound = try encodePayload(Self.sound)
        for _ in 0..<3_000 {
            var bytes = sound
            for place in [144, 145, Int.random(in: 0..<bytes.count, using: &random)] where Bool.random(using: &random) {
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            guard let message = try? Self.decode(bytes) else { continue }
            #expect(try encodePayload(message) == bytes)
        }
    }
}
