/// Builds a message in one buffer.
///
/// Whoever creates it knows the final size (every message can tell its encoded length), so the buffer is taken once;
/// writing more than was foretold grows it. Integers are little-endian unless the name says otherwise.
public struct ByteWriter: Sendable {
    /// Bytes from ``count`` on were not written yet, and nobody gets to see them.
    private var storage: [UInt8]
    /// Number of bytes written so far.
    public private(set) var count = 0

    /// A writer whose buffer has room for `capacity` bytes.
    public init(capacity: Int) {
        storage = [UInt8](uninitialized: max(0, capacity))
    }

    /// The bytes written.
    public consuming func finish() -> [UInt8] {
        if count < storage.count { storage.removeLast(storage.count - count) }
        return storage
    }

    @inline(__always)
    private mutating func makeRoom(_ additional: Int) {
        if storage.count - count < additional { grow(additional) }
    }

    @inline(never)
    private mutating func grow(_ additional: Int) {
        let target = max(count + additional, storage.count + storage.count / 2, 64)
        storage.append(contentsOf: repeatElement(0, count: target - storage.count))
    }

    @inline(__always)
    private mutating func store<T: BitwiseCopyable & FixedWidthInteger>(_ value: T) {
        let size = T.bitWidth / 8
        makeRoom(size)
        let place = count
        var span = storage.mutableSpan
        var bytes = span.mutableBytes
        bytes.storeBytes(of: value, toByteOffset: place, as: T.self)
        count = place + size
    }

    /// Writes one byte.
    public mutating func writeUInt8(_ value: UInt8) { store(value) }
    /// Writes two bytes, most significant first: the order of ports, the only integers so ordered.
    public mutating func writeUInt16BigEndian(_ value: UInt16) { store(value.bigEndian) }
    /// Writes two bytes.
    public mutating func writeUInt16(_ value: UInt16) { store(value.littleEndian) }
    /// Writes four bytes.
    public mutating func writeUInt32(_ value: UInt32) { store(value.littleEndian) }
    /// Writes four bytes.
    public mutating func writeInt32(_ value: Int32) { store(value.littleEndian) }
    /// Writes eight bytes.
    public mutating func writeUInt64(_ value: UInt64) { store(value.littleEndian) }
    /// Writes eight bytes.
    public mutating func writeInt64(_ value: Int64) { store(value.littleEndian) }

    /// Writes 1, 3, 5 or 9 bytes.
    public mutating func writeCompactSize(_ value: UInt64) {
        switch CompactSize.encodedLength(value) {
        case 1: writeUInt8(UInt8(truncatingIfNeeded: value))
        case 3:
            writeUInt8(0xfd)
            writeUInt16(UInt16(truncatingIfNeeded: value))
        case 5:
            writeUInt8(0xfe)
            writeUInt32(UInt32(truncatingIfNeeded: value))
        default:
            writeUInt8(0xff)
            writeUInt64(value)
        }
    }

    /// Writes a count or length as CompactSize. A negative number counts as 0.
    public mutating func writeCount(_ value: Int) { writeCompactSize(UInt64(max(0, value))) }

    /// Writes 32 bytes.
    public mutating func writeHash(_ hash: Hash256) {
        makeRoom(Hash256.byteCount)
        let place = count
        var span = storage.mutableSpan
        var bytes = span.mutableBytes
        bytes.store(hash, at: place)
        count = place + Hash256.byteCount
    }

    /// Writes the bytes of a span as they are.
    public mutating func writeBytes(_ span: RawSpan) {
        makeRoom(span.byteCount)
        storage.overwrite(at: count, with: span)
        count += span.byteCount
    }

    /// Writes bytes as they are.
    public mutating func writeBytes(_ bytes: [UInt8]) {
        if !bytes.isEmpty { writeBytes(bytes.span.bytes) }
    }

    /// Writes a view's bytes as they are.
    public mutating func writeBytes(_ bytes: WireBytes) {
        bytes.withBytes { writeBytes($0) }
    }

    /// Gives the buffer to a closure that fills all of the next `byteCount` bytes, from `base` on: one check of room
    /// for many fields.
    @inline(__always)
    mutating func writeBlock(_ byteCount: Int, _ body: (inout MutableRawSpan, _ base: Int) -> Void) {
        makeRoom(byteCount)
        let place = count
        var span = storage.mutableSpan
        var bytes = span.mutableBytes
        body(&bytes, place)
        count = place + byteCount
    }

    /// Overwrites eight bytes written before. `offset + 8` must not be past what was written.
    mutating func patchUInt64(_ value: UInt64, at offset: Int) {
        precondition(offset >= 0 && offset + 8 <= count, "patching past the end")
        var span = storage.mutableSpan
        var bytes = span.mutableBytes
        bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
    }

    /// Double SHA-256 checksum of what was written from `offset` on.
    func checksum(from offset: Int) -> UInt32 {
        SHA256d.checksum(storage.span.bytes.extracting(offset..<count))
    }
}

extension MutableRawSpan {
    @inline(__always)
    mutating func store(_ hash: Hash256, at offset: Int) {
        let words = SIMD4<UInt64>(
            hash.word0.littleEndian, hash.word1.littleEndian, hash.word2.littleEndian, hash.word3.littleEndian)
        storeBytes(of: words, toByteOffset: offset, as: SIMD4<UInt64>.self)
    }

    @inline(__always)
    mutating func store(_ value: UInt32, at offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    @inline(__always)
    mutating func store(_ value: UInt64, at offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
    }
}
