import PeerWire
import Testing

@Suite struct MurmurHash3Tests {
    /// Published by several implementations: bytes, seed, hash.
    private static let vectors: [(String, UInt32, UInt32)] = [
        ("", 0, 0), ("", 0xfba4_c795, 0x6a39_6f08), ("", 0xffff_ffff, 0x81f1_6f39), ("", 1, 0x514e_28b7),
        ("00", 0, 0x514e_28b7), ("00", 0xfba4_c795, 0xea3f_0b17), ("ff", 0, 0xfd6c_f10d),
        ("0011", 0, 0x16c6_b7ab), ("001122", 0, 0x8eb5_1c3d), ("00112233", 0, 0xb447_1bf8),
        ("0011223344", 0, 0xe230_1fa8), ("001122334455", 0, 0xfc2e_4a15), ("00112233445566", 0, 0xb074_502c),
        ("0011223344556677", 0, 0x8034_d2a0), ("001122334455667788", 0, 0xb469_8def),
        ("ffffffff", 0, 0x7629_3b50), ("21436587", 0, 0xf55b_516b), ("21436587", 0x5082_edee, 0x2362_f9de),
        ("214365", 0, 0x7e4a_8634), ("2143", 0, 0xa0f7_b07a), ("21", 0, 0x7266_1cf4),
        ("00000000", 0, 0x2362_f9de), ("000000", 0, 0x85f0_b427), ("0000", 0, 0x30f4_c306),
    ]

    @Test func vectorsComeOut() {
        for (bytes, seed, hash) in Self.vectors {
            #expect(MurmurHash3.hash32(hex(bytes), seed: seed) == hash, "\(bytes) \(seed)")
        }
    }

    @Test func aSpanInTheMiddleHashesLikeItsBytes() {
        var random = SeededGenerator(state: 21)
        let bytes = random.bytes(70)
        for start in 0..<8 {
            for end in start..<40 {
                let part = Array(bytes[start..<end])
                let hash = MurmurHash3.hash32(bytes.span.bytes.extracting(start..<end), seed: 9)
                #expect(hash == MurmurHash3.hash32(part, seed: 9))
            }
        }
    }
}
