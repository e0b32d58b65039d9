/// MurmurHash3 in its 32-bit form: a fast hash without a secret, that of bloom filters.
///
/// Source: `PROTOCOL` 2.11; Appleby, "MurmurHash3_x86_32".
public enum MurmurHash3 {
    /// The hash of the bytes of a span.
    public static func hash32(_ span: RawSpan, seed: UInt32) -> UInt32 {
        var state = seed
        let count = span.byteCount
        let wholeWords = count & ~3
        var offset = 0
        while offset < wholeWords {
            state ^= scramble(span.loadUInt32(offset))
            state = rotate(state, 13) &* 5 &+ 0xe654_6b64
            offset += 4
        }
        var last: UInt32 = 0
        var shift: UInt32 = 0
        while offset < count {
            last |= UInt32(span.loadUInt8(offset)) &<< shift
            shift += 8
            offset += 1
        }
        state ^= scramble(last)
        return finish(state ^ UInt32(truncatingIfNeeded: count))
    }

    /// The hash of the bytes of an array.
    public static func hash32(_ bytes: [UInt8], seed: UInt32) -> UInt32 {
        hash32(bytes.span.bytes, seed: seed)
    }

    /// Four bytes made ready to go into the state; zero stays zero.
    @inline(__always)
    private static func scramble(_ word: UInt32) -> UInt32 {
        rotate(word &* 0xcc9e_2d51, 15) &* 0x1b87_3593
    }

    @inline(__always)
    private static func finish(_ state: UInt32) -> UInt32 {
        var hash = state
        hash = (hash ^ hash &>> 16) &* 0x85eb_ca6b
        hash = (hash ^ hash &>> 13) &* 0xc2b2_ae35
        return hash ^ hash &>> 16
    }

    @inline(__always)
    private static func rotate(_ value: UInt32, _ bits: UInt32) -> UInt32 {
        value &<< bits | value &>> (32 - bits)
    }
}
