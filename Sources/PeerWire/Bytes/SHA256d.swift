internal import CSHA256

#if !_endian(little)
    #error("hashes are kept as little-endian words and handed to C as bytes")
#endif

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

    /// The hashes of byte ranges of a span that lie end to end: range `i` is from `starts[i]` up to `starts[i + 1]`,
    /// which must not go down and must lie within the span. Two are hashed at a time where the processor gains by it.
    static func hashes(of span: RawSpan, starts: [UInt32]) -> [Hash256] {
        let count = starts.count - 1
        guard count > 0, let last = starts.last else { return [] }
        precondition(Int(last) <= span.byteCount, "hashing past the end")
        return span.withUnsafeBytes { bytes in
            starts.withUnsafeBufferPointer { starts in
                digests(count) {
                    csha256_double_hash_ranges(bytes.baseAddress, starts.baseAddress, count, $0)
                }
            }
        }
    }

    /// The hashes of the items of `size` bytes each that a span consists of.
    static func hashes(of span: RawSpan, each size: Int) -> [Hash256] {
        let count = span.byteCount / size
        return span.withUnsafeBytes { bytes in
            digests(count) { csha256_double_hash_many(bytes.baseAddress, size, size, count, $0) }
        }
    }

    /// The next level of a merkle tree: the hash of each pair of hashes, of which there must be an even number.
    static func pairHashes(_ level: [Hash256]) -> [Hash256] {
        level.withUnsafeBytes { bytes in
            let size = 2 * Hash256.byteCount
            let count = bytes.count / size
            return digests(count) { csha256_double_hash_many(bytes.baseAddress, size, size, count, $0) }
        }
    }

    /// Hashes that C writes as 32 bytes each. A ``Hash256`` in memory is its bytes on the wire, as the processors this
    /// builds for are little-endian.
    private static func digests(_ count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Void) -> [Hash256] {
        // Filling nothing writes to the storage that all empty arrays of a process share: a race between threads.
        if count == 0 { return [] }
        return [Hash256](unsafeUninitializedCapacity: count) { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            let byteCount = count * Hash256.byteCount
            base.withMemoryRebound(to: UInt8.self, capacity: byteCount) { body($0) }
            initialized = count
        }
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
