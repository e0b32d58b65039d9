/// The key of a compact block's short ids, made from its header and nonce.
///
/// The key is the first half of the single SHA-256 of the header and the nonce, as two little-endian integers.
/// Source: `PROTOCOL` 2.12, BIP 152.
public struct CompactBlockKey: Hashable, Sendable, BitwiseCopyable {
    /// Bytes 0...7 of the hash.
    public let key0: UInt64
    /// Bytes 8...15 of the hash.
    public let key1: UInt64

    /// The key of a compact block.
    public init(header: BlockHeader, nonce: UInt64) {
        var writer = ByteWriter(capacity: BlockHeader.byteCount + 8)
        header.encode(into: &writer)
        writer.writeUInt64(nonce)
        let hash = SHA256.hash(writer.finish().span.bytes)
        key0 = hash.word0
        key1 = hash.word1
    }

    /// The short id of the transaction with this hash: the low 48 bits of its SipHash-2-4.
    @inline(__always)
    public func shortID(of transaction: Hash256) -> ShortTransactionID {
        ShortTransactionID(truncating: SipHash.hash24(key0: key0, key1: key1, transaction))
    }
}
