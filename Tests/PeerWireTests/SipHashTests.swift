import Testing

@testable import PeerWire

@Suite struct SipHashTests {
    private static let key0: UInt64 = 0x0706_0504_0302_0100
    private static let key1: UInt64 = 0x0f0e_0d0c_0b0a_0908

    private static func hash(_ count: Int) -> UInt64 {
        let bytes = (0..<count).map { UInt8($0) }
        return SipHash.hash24(key0: key0, key1: key1, bytes.span.bytes)
    }

    /// Of the reference's table: 0, 1, ... bytes 00 01 02 ... under the key 00 01 ... 0f.
    @Test func publishedVectors() {
        #expect(Self.hash(0) == 0x726f_db47_dd0e_0e31)
        #expect(Self.hash(1) == 0x74f8_39c5_93dc_67fd)
        #expect(Self.hash(7) == 0xab02_00f5_8b01_d137)
        #expect(Self.hash(8) == 0x93f5_f579_9a93_2462)
        #expect(Self.hash(15) == 0xa129_ca61_49be_45e5)
    }

    @Test func aHashIsHashedLikeItsBytes() {
        var generator = SeededGenerator(state: 11)
        for _ in 0..<100 {
            let hash = generator.hash()
            let (key0, key1) = (generator.next(), generator.next())
            #expect(
                SipHash.hash24(key0: key0, key1: key1, hash)
                    == SipHash.hash24(key0: key0, key1: key1, hash.bytes.span.bytes))
        }
    }

    /// The key and the id of the compact genesis block of `PROTOCOL` 7.
    @Test func workedExample() throws {
        let coinbase = try #require(Hash256("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"))
        let hash = SipHash.hash24(key0: 0x9604_c091_d994_cfca, key1: 0x82da_4839_b100_5eb7, coinbase)
        #expect(hash == 0x7171_d3da_d432_2e88)
    }
}
