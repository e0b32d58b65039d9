internal import CSHA256

// One of the two files of this module with unsafe code: the pointers handed to the C hash live for the call only.

/// SHA-256 of SHA-256: the checksum of messages and the hash of blocks and transactions.
///
/// The static functions hash bytes that are there; a value of this type takes them piece by piece.
/// Source: `PROTOCOL` 1.1, 2.6, 2.7.
public struct SHA256d: Sendable {
    private var context = csha256_context()

    /// The checksum of no bytes, `5d f6 e0 e2` on the wire.
    public static let emptyChecksum: UInt32 = 0xe2e0_f65d

    /// Begins a hash.
    public init() {
        csha256_init(&context)
    }

    /// Adds bytes.
    public mutating func update(_ span: RawSpan) {
        span.withUnsafeBytes { csha256_update(&context, $0.baseAddress, $0.count) }
    }

    /// The hash of all bytes added. The value must not be used further.
    public consuming func finish() -> Hash256 {
        Self.hash { csha256_final_double(&context, $0) }
    }

    /// The hash of the bytes of a span.
    public static func hash(_ span: RawSpan) -> Hash256 {
        span.withUnsafeBytes { bytes in
            hash { csha256_double_hash(bytes.baseAddress, bytes.count, $0) }
        }
    }

    /// The hash of the bytes of an array.
    public static func hash(_ bytes: [UInt8]) -> Hash256 {
        hash(bytes.span.bytes)
    }

    /// The hash of two hashes one after the other: a node of a merkle tree.
    public static func hash(_ left: Hash256, _ right: Hash256) -> Hash256 {
        let pair: InlineArray<8, UInt64> = [
            left.word0.littleEndian, left.word1.littleEndian, left.word2.littleEndian, left.word3.littleEndian,
            right.word0.littleEndian, right.word1.littleEndian, right.word2.littleEndian, right.word3.littleEndian,
        ]
        return hash(pair.span.bytes)
    }

    /// The first four bytes of the hash as a little-endian integer, as in the header of a message.
    public static func checksum(_ span: RawSpan) -> UInt32 {
        if span.isEmpty { return emptyChecksum }
        return span.withUnsafeBytes { csha256_checksum($0.baseAddress, $0.count) }
    }

    fileprivate static func hash(_ body: (UnsafeMutablePointer<UInt8>) -> Void) -> Hash256 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Hash256.byteCount) { digest in
            guard let base = digest.baseAddress else { return .zero }  // cannot be: the capacity is not 0
            body(base)
            return RawSpan(_unsafeBytes: UnsafeRawBufferPointer(digest)).loadHash(0)
        }
    }
}

/// SHA-256 once: the key of a compact block.
enum SHA256 {
    /// The hash of the bytes of a span.
    static func hash(_ span: RawSpan) -> Hash256 {
        span.withUnsafeBytes { bytes in
            SHA256d.hash { csha256_hash(bytes.baseAddress, bytes.count, $0) }
        }
    }
}
