/// The part of a block's merkle tree that proves that some of its transactions are in it.
///
/// Made from all hashes of a block, or taken from a `merkleblock`; what it proves comes out of ``proof()``, which
/// trusts nothing. Source: `PROTOCOL` 2.10, BIP 37.
public struct PartialMerkleTree: Hashable, Sendable {
    /// A transaction that a tree proves to be in its block.
    public struct Match: Hashable, Sendable, BitwiseCopyable {
        /// The place of the transaction in the block, from 0.
        public var index: Int
        /// The transaction's hash.
        public var hash: Hash256

        /// A transaction from its place and hash.
        public init(index: Int, hash: Hash256) {
            self.index = index
            self.hash = hash
        }
    }

    /// What a tree says.
    public struct Proof: Hashable, Sendable {
        /// The root of the tree. The proof is as good as this is the root in the header of a block.
        public var merkleRoot: Hash256
        /// The transactions, in the order of the block.
        public var matches: [Match]
    }

    /// How many transactions the block has.
    public let transactionCount: UInt32
    /// The hashes in the order of a walk that takes the left branch first: of the transactions that match, and of the
    /// largest subtrees without any.
    public let hashes: [Hash256]
    /// A bit for each node the walk comes by, the lowest of each byte first: 1 where it goes on to the children, or, at
    /// a transaction, where this one matches.
    public let flags: [UInt8]

    /// A tree from its parts, whatever they say.
    public init(transactionCount: UInt32, hashes: [Hash256], flags: [UInt8]) {
        self.transactionCount = transactionCount
        self.hashes = hashes
        self.flags = flags
    }

    /// The tree of a message, whatever it says.
    public init(_ message: MerkleBlockMessage) {
        self.init(transactionCount: message.transactionCount, hashes: message.hashes, flags: message.flags)
    }

    /// Number of nodes of a tree's level; 0 is the level of the transactions.
    @inline(__always)
    static func width(_ transactionCount: UInt32, _ level: Int) -> UInt64 {
        (UInt64(transactionCount) + (1 &<< UInt64(level)) - 1) &>> UInt64(level)
    }

    /// The level of the root: at most 32.
    static func height(_ transactionCount: UInt32) -> Int {
        transactionCount <= 1 ? 0 : UInt32.bitWidth - (transactionCount - 1).leadingZeroBitCount
    }
}
