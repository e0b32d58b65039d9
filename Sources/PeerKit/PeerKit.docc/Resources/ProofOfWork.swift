import PeerKit

/// The proof of work of a header: its hash, as a number, must not be above the target that its `bits` stand for.
///
/// What is *not* checked here: that `bits` are what the rules of the network demand at this height. Those rules look at
/// the times of the blocks before, and have changed over the years. A wallet must follow them, or work of any
/// difficulty could be sold to it.
enum ProofOfWork {
    /// Whether the header's hash is at or below its target, and the target is not easier than `easiest`.
    static func isValid(_ header: BlockHeader, hash: Hash256, easiest: Hash256) -> Bool {
        guard let target = target(bits: header.bits) else { return false }
        return target <= easiest && hash <= target
    }

    /// The target of compact bits: three bytes of a number, under one that says how many bytes the number has. `nil`
    /// when it is negative, zero or has more than 256 bits.
    static func target(bits: UInt32) -> Hash256? {
        let size = Int(bits >> 24)
        let isNegative = bits & 0x80_0000 != 0
        let digits = bits & 0x7f_ffff
        guard !isNegative else { return nil }
        // A hash is a number whose bytes begin with the lowest one.
        var bytes = [UInt8](repeating: 0, count: Hash256.byteCount)
        for index in 0..<3 {
            let digit = UInt8(truncatingIfNeeded: digits >> (8 * index))
            let place = size - 3 + index
            if digit == 0 || place < 0 { continue }
            guard place < bytes.count else { return nil }
            bytes[place] = digit
        }
        return Hash256(bytes: bytes).flatMap { $0.isZero ? nil : $0 }
    }
}

extension Network {
    /// The easiest target that the network's rules allow: that of its first block.
    var easiestTarget: Hash256 { ProofOfWork.target(bits: genesisHeader.bits) ?? .zero }
}
