/// A 32-byte hash: a transaction, a block, a merkle root.
///
/// Kept as the wire's bytes in four words. As a number the wire's bytes are a little-endian integer, and text shows
/// that number: so text is in the reverse of the wire's order, as explorers and logs write it.
///
/// Source: `PROTOCOL` 2.2.
public struct Hash256: Hashable, Sendable, BitwiseCopyable {
    /// Number of bytes on the wire.
    public static let byteCount = 32

    /// Bytes 0...7 of the wire, the least significant ones.
    public let word0: UInt64
    /// Bytes 8...15.
    public let word1: UInt64
    /// Bytes 16...23.
    public let word2: UInt64
    /// Bytes 24...31, the most significant ones.
    public let word3: UInt64

    /// A hash from its words, least significant first.
    @inlinable
    public init(word0: UInt64, word1: UInt64, word2: UInt64, word3: UInt64) {
        self.word0 = word0
        self.word1 = word1
        self.word2 = word2
        self.word3 = word3
    }

    /// All bytes zero: "no block", "as many as allowed", the parent of a genesis block.
    @inlinable
    public static var zero: Hash256 { Hash256(word0: 0, word1: 0, word2: 0, word3: 0) }

    /// True for ``zero``.
    @inlinable
    public var isZero: Bool { word0 | word1 | word2 | word3 == 0 }

    /// A hash from 32 bytes in wire order; `nil` for another number of bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self = bytes.span.bytes.loadHash(0)
    }

    /// The 32 bytes in wire order.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.writeHash(self)
        return writer.finish()
    }

    /// The first four bytes as a little-endian integer: the checksum of the message that this is the double hash of.
    @inlinable
    public var checksum: UInt32 { UInt32(truncatingIfNeeded: word0) }

    /// Only the words themselves go into the hash: 32 bytes at once.
    @inlinable
    public func hash(into hasher: inout Hasher) {
        hasher.combine(word0)
        hasher.combine(word1)
        hasher.combine(word2)
        hasher.combine(word3)
    }
}

extension Hash256: Comparable {
    /// Compares as numbers.
    @inlinable
    public static func < (left: Hash256, right: Hash256) -> Bool {
        if left.word3 != right.word3 { return left.word3 < right.word3 }
        if left.word2 != right.word2 { return left.word2 < right.word2 }
        if left.word1 != right.word1 { return left.word1 < right.word1 }
        return left.word0 < right.word0
    }
}

extension Hash256: CustomStringConvertible, LosslessStringConvertible {
    /// A hash from 64 hexadecimal digits in display order; `nil` for anything else.
    public init?(_ description: String) {
        guard description.utf8.count == 2 * Self.byteCount, let bytes = Hexadecimal.bytes(description) else {
            return nil
        }
        self.init(bytes: bytes.reversed())
    }

    /// 64 hexadecimal digits in display order.
    public var description: String { Hexadecimal.text(bytes.reversed()) }
}
