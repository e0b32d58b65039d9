import Testing

@testable import PeerWire

/// `filterload`, `filteradd` and `merkleblock` as bytes.
@Suite struct FilterMessageTests {
    static let header = BlockHeader(
        version: 1, previousBlock: .zero, merkleRoot: .zero, time: 1, bits: 0x207f_ffff, nonce: 2)

    @Test func filterLoadIsTheWorkedExample() throws {
        let message = FilterLoadMessage(
            filter: hex("614e9b"), hashFunctionCount: 5, tweak: 0, flags: .updateAll)
        try PayloadCodec().checkExact(message, hex("03614e9b050000000000000001"))
    }

    @Test func everyFlagByteIsKept() throws {
        for byte in UInt8.min...UInt8.max {
            let bytes = hex("0101 02000000 03000000") + [byte]
            let message = try PayloadCodec<FilterLoadMessage>().decode(bytes)
            #expect(message.flags.rawValue == byte && message.hashFunctionCount == 2 && message.tweak == 3)
            #expect(message.flags.effective.rawValue == byte & 3)
            #expect(try PayloadCodec().encode(message) == bytes)
        }
        #expect(BloomUpdateFlags.updateNone.description == "update none")
        #expect(BloomUpdateFlags(rawValue: 0xfd).description == "0xfd")
    }

    @Test func filterLoadAtItsLimitsAndOneOver() throws {
        func message(_ length: Int, _ functions: UInt32) -> FilterLoadMessage {
            FilterLoadMessage(
                filter: [UInt8](repeating: 7, count: length), hashFunctionCount: functions, tweak: .max,
                flags: .updatePublicKeysOnly)
        }
        try PayloadCodec().checkLimit(message(36_000, 50), message(36_001, 50), limit: 36_000)
        try PayloadCodec().checkLimit(message(36_000, 50), message(36_000, 51), limit: 50)
        try PayloadCodec().checkLimit(message(0, 0), message(36_000, 51), limit: 50)
    }

    @Test func filterAddIsLengthAndBytes() throws {
        try PayloadCodec().checkExact(FilterAddMessage([1, 2, 3]), [3, 1, 2, 3])
        try PayloadCodec().checkExact(FilterAddMessage([]), [0])
        func message(_ length: Int) -> FilterAddMessage { FilterAddMessage([UInt8](repeating: 9, count: length)) }
        try PayloadCodec().checkLimit(message(520), message(521), limit: 520)
    }

    @Test func merkleBlockIsHeaderCountHashesFlags() throws {
        var random = SeededGenerator(state: 5)
        let hashes = [random.hash(), random.hash()]
        let message = MerkleBlockMessage(
            header: Self.header, transactionCount: 0x0102_0304, hashes: hashes, flags: [0x1d, 0xff])
        let expected = Self.header.bytes + hex("04030201 02") + hashes[0].bytes + hashes[1].bytes + hex("021dff")
        try PayloadCodec().checkExact(message, expected)
        try PayloadCodec<MerkleBlockMessage>().checkDamage(expected, seed: 6)
        try PayloadCodec().checkExact(
            MerkleBlockMessage(header: Self.header, transactionCount: 0, hashes: [], flags: []))
    }

    @Test func merkleBlockFollowsTheBlockSize() throws {
        func message(_ hashes: Int, _ flags: Int) -> MerkleBlockMessage {
            MerkleBlockMessage(
                header: Self.header, transactionCount: 1, hashes: [Hash256](repeating: .zero, count: hashes),
                flags: [UInt8](repeating: 0, count: flags))
        }
        let codec = PayloadCodec<MerkleBlockMessage>(limits: WireLimits(maxBlockSize: 1_000))
        try codec.checkLimit(message(101, 13), message(102, 13), limit: 101)
        try codec.checkLimit(message(101, 13), message(101, 14), limit: 13)
        for size in [Int.min, -1, 0] {
            let none = PayloadCodec<MerkleBlockMessage>(limits: WireLimits(maxBlockSize: size))
            try none.checkLimit(message(1, 1), message(2, 1), limit: 1)
        }
        _ = try PayloadCodec<MerkleBlockMessage>(limits: WireLimits(maxBlockSize: .max)).encode(message(3, 3))
    }

    @Test func claimsAreNotTakenForBytes() {
        // Counts that the limits allow and the bytes do not pay for.
        let claims = [hex("01000000 fec0d43000"), hex("01000000 00 fd10f0"), hex("01000000 ffffffffffffffffff")]
        for claim in claims {
            #expect(throws: DecodeError.self) {
                try PayloadCodec<MerkleBlockMessage>().decode(Self.header.bytes + claim)
            }
        }
        for claim in ["fda08c", "fda18c", "fe00000002", "ffffffffffffffffff", "fd0100"] {
            #expect(throws: DecodeError.self) { try PayloadCodec<FilterLoadMessage>().decode(hex(claim)) }
            #expect(throws: DecodeError.self) { try PayloadCodec<FilterAddMessage>().decode(hex(claim)) }
        }
    }

    @Test func damageIsRefusedOrExact() throws {
        let load = FilterLoadMessage(
            filter: [UInt8](repeating: 0x55, count: 20), hashFunctionCount: 9, tweak: 1, flags: .updateNone)
        try PayloadCodec<FilterLoadMessage>().checkDamage(PayloadCodec().encode(load), seed: 7)
        try PayloadCodec<FilterAddMessage>().checkDamage([5, 1, 2, 3, 4, 5], seed: 8)
    }
}
