/// The nonces of `version` messages by which a node recognises a connection to itself, without a table of them.
public enum ConnectionNonce {
    /// A node's secret: it marks the nonces the node sends, and tells them from everybody else's.
    ///
    /// A nonce is 32 random bits with a 32-bit keyed check of them, so all loops of a node recognise its nonces however
    /// many dials are under way. A stranger's nonce passes by chance once in 2^32 connections. Without the key a nonce
    /// looks random.
    ///
    /// A remote that replays a nonce to another address of the same node learns that the two are one node. Keep that
    /// to those who need the mark: mark the nonces of outbound sessions only (the inbound end finds the
    /// self-connection) and use one key for each network, such as Tor, whose identities must not be linked.
    public struct Key: Sendable, Hashable, BitwiseCopyable {
        private let low: UInt64
        private let high: UInt64

        /// A key from 128 bits, which the host draws from the system's generator when a node starts.
        public init(_ low: UInt64, _ high: UInt64) {
            self.low = low
            self.high = high
        }

        /// A marked nonce from 32 random bits; never 0, which stands for a `version` without a nonce.
        public func makeNonce(random: UInt32) -> UInt64 {
            let nonce = marked(random)
            return nonce == 0 ? marked(1) : nonce
        }

        /// True when this key marked the nonce.
        public func isOwn(_ nonce: UInt64) -> Bool {
            nonce != 0 && nonce == marked(UInt32(truncatingIfNeeded: nonce))
        }

        private func marked(_ random: UInt32) -> UInt64 {
            let check = sipHash24(UInt64(random), low, high)
            return check << 32 | UInt64(random)
        }
    }
}

/// SipHash-2-4 of the eight bytes of one word, least significant first, under a 128-bit key.
///
/// The standard library's hasher has a key of its own that differs between processes and cannot be chosen.
/// Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012.
func sipHash24(_ word: UInt64, _ low: UInt64, _ high: UInt64) -> UInt64 {
    var state = SipState(
        v0: low ^ 0x736f_6d65_7073_6575,
        v1: high ^ 0x646f_7261_6e64_6f6d,
        v2: low ^ 0x6c79_6765_6e65_7261,
        v3: high ^ 0x7465_6462_7974_6573
    )
    state.absorb(word)
    state.absorb(8 << 56)  // The last block carries the length, here 8, in its top byte, and no bytes are left over.
    return state.finish()
}

private struct SipState {
    var v0: UInt64
    var v1: UInt64
    var v2: UInt64
    var v3: UInt64

    mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    mutating func finish() -> UInt64 {
        v2 ^= 0xff
        for _ in 0..<4 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }

    private mutating func round() {
        v0 &+= v1
        v1 = rotated(v1, 13) ^ v0
        v0 = rotated(v0, 32)
        v2 &+= v3
        v3 = rotated(v3, 16) ^ v2
        v0 &+= v3
        v3 = rotated(v3, 21) ^ v0
        v2 &+= v1
        v1 = rotated(v1, 17) ^ v2
        v2 = rotated(v2, 32)
    }

    private func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 {
        word &<< count | word &>> (64 - count)
    }
}
