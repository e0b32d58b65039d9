import PeerWire

/// The number under which ``InventoryTable`` keeps an item while it is of use to any peer of the loop.
typealias ItemID = UInt32

/// Hashes that nobody can aim at without the key.
///
/// Peers choose the hashes of inventory, and with them which items lie close together in a table: with a known function
/// they could make all of theirs collide.
struct InventoryHash: BitwiseCopyable {
    private let words: InlineArray<6, UInt64>
    private let offset: UInt64
    private let multiplier: UInt64

    init(key0: UInt64, key1: UInt64) {
        words = InlineArray { sipHash24(UInt64($0), key0, key1) }
        offset = sipHash24(6, key0, key1)
        multiplier = sipHash24(7, key0, key1) | 1
    }

    /// The sum of products of the NH function under a key as long as the hash, which without the key collides once in
    /// 2^64, folded together with the kind. Source: Black, Halevi, Krawczyk, Krovetz, Rogaway, "UMAC", 1999.
    @inline(__always)
    func hash(_ item: InventoryVector) -> UInt64 {
        let hash = item.hash
        let left = (hash.word0 &+ words[0]).multipliedFullWidth(by: hash.word1 &+ words[1])
        let right = (hash.word2 &+ words[2]).multipliedFullWidth(by: hash.word3 &+ words[3])
        let (low, carry) = left.low.addingReportingOverflow(right.low)
        let high = left.high &+ right.high &+ (carry ? 1 : 0)
        let product = (low ^ words[4] ^ UInt64(item.kind.rawValue)).multipliedFullWidth(by: high ^ words[5])
        return product.low ^ product.high
    }

    /// Ids are given out in order, and which of them a peer holds follows from what it announces.
    @inline(__always)
    func hash(_ id: ItemID) -> UInt64 {
        let mixed = (UInt64(id) &+ offset) &* 0x9e37_79b9_7f4a_7c15
        return (mixed ^ mixed &>> 32) &* multiplier
    }
}

extension UInt64 {
    /// One of `count` places, by the upper half of a hash.
    @inline(__always)
    func place(of count: Int) -> Int {
        Int(((self &>> 32) &* UInt64(truncatingIfNeeded: count)) &>> 32)
    }
}
