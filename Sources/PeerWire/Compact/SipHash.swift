/// SipHash-2-4: a keyed hash of 64 bits, that of short transaction ids and of committed filters.
///
/// Source: `PROTOCOL` 2.12, 2.13; Aumasson and Bernstein, "SipHash: a fast short-input PRF".
enum SipHash {
    /// The hash of the bytes of a span.
    static func hash24(key0: UInt64, key1: UInt64, _ span: RawSpan) -> UInt64 {
        var state = SipState(key0: key0, key1: key1)
        let count = span.byteCount
        let wholeWords = count & ~7
        var offset = 0
        while offset < wholeWords {
            state.absorb(span.loadUInt64(offset))
            offset += 8
        }
        // The last word: what is left, and the low byte of the length on top.
        var last = UInt64(truncatingIfNeeded: count) << 56
        var shift: UInt64 = 0
        while offset < count {
            last |= UInt64(span.loadUInt8(offset)) &<< shift
            shift += 8
            offset += 1
        }
        state.absorb(last)
        return state.finish()
    }

    /// The hash of the 32 bytes of a hash in wire order, four words without a loop over bytes.
    @inline(__always)
    static func hash24(key0: UInt64, key1: UInt64, _ hash: Hash256) -> UInt64 {
        var state = SipState(key0: key0, key1: key1)
        state.absorb(hash.word0)
        state.absorb(hash.word1)
        state.absorb(hash.word2)
        state.absorb(hash.word3)
        state.absorb(UInt64(Hash256.byteCount) << 56)
        return state.finish()
    }
}

/// The four words that a SipHash stirs.
private struct SipState {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    @inline(__always)
    init(key0: UInt64, key1: UInt64) {
        v0 = key0 ^ 0x736f_6d65_7073_6575
        v1 = key1 ^ 0x646f_7261_6e64_6f6d
        v2 = key0 ^ 0x6c79_6765_6e65_7261
        v3 = key1 ^ 0x7465_6462_7974_6573
    }

    /// Takes in eight bytes: two rounds.
    @inline(__always)
    mutating func absorb(_ word: UInt64) {
        v3 ^= word
        stir()
        stir()
        v0 ^= word
    }

    /// Four rounds more, and the result.
    @inline(__always)
    mutating func finish() -> UInt64 {
        v2 ^= 0xff
        stir()
        stir()
        stir()
        stir()
        return v0 ^ v1 ^ v2 ^ v3
    }

    @inline(__always)
    private mutating func stir() {
        v0 &+= v1
        v1 = Self.rotate(v1, 13) ^ v0
        v0 = Self.rotate(v0, 32)
        v2 &+= v3
        v3 = Self.rotate(v3, 16) ^ v2
        v0 &+= v3
        v3 = Self.rotate(v3, 21) ^ v0
        v2 &+= v1
        v1 = Self.rotate(v1, 17) ^ v2
        v2 = Self.rotate(v2, 32)
    }

    @inline(__always)
    private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
        value &<< bits | value &>> (64 - bits)
    }
}
