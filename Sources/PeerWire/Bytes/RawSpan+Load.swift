// One of the two files of this module with unsafe code. The loads check their bounds (a read past the end stops the
// process, it never reads other memory) and every caller has compared with the bytes left before; "unsafe" in their
// names is about types for which some bit patterns are invalid, which integers are not.

extension RawSpan {
    @inline(__always)
    func loadUInt8(_ offset: Int) -> UInt8 {
        unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    func loadUInt16(_ offset: Int) -> UInt16 {
        UInt16(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    @inline(__always)
    func loadUInt32(_ offset: Int) -> UInt32 {
        UInt32(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    @inline(__always)
    func loadUInt64(_ offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// 16 bytes in one load, whose bounds are checked once.
    @inline(__always)
    func loadUInt64Pair(_ offset: Int) -> (UInt64, UInt64) {
        let words = unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
        return (UInt64(littleEndian: words[0]), UInt64(littleEndian: words[1]))
    }

    /// 32 bytes in one load, whose bounds are checked once.
    @inline(__always)
    func loadHash(_ offset: Int) -> Hash256 {
        let words = unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
        return Hash256(
            word0: UInt64(littleEndian: words[0]), word1: UInt64(littleEndian: words[1]),
            word2: UInt64(littleEndian: words[2]), word3: UInt64(littleEndian: words[3]))
    }
}

extension Array where Element == UInt8 {
    /// Room for so many bytes, which are whatever was in memory: for a writer that gives out only what it has written.
    init(uninitialized count: Int) {
        // Measured: the initialiser for uninitialised capacity looks up the array's type each time, this does not.
        self.init()
        // Appending nothing writes to the storage that all empty arrays of a process share: a race between threads.
        if count == 0 { return }
        append(addingCapacity: count) { output in
            output.withUnsafeMutableBufferPointer { _, initialized in initialized = count }
        }
    }

    /// A copy of all bytes of a span, in one piece.
    init(copying span: RawSpan) {
        self = span.withUnsafeBytes { [UInt8]($0) }
    }

    /// Appends a copy of a range of a span; the range must lie within it.
    mutating func append(copying span: RawSpan, _ range: Range<Int>) {
        span.extracting(range).withUnsafeBytes { append(contentsOf: $0) }
    }

    /// Overwrites the bytes from `offset` on with all bytes of a span; they must lie within the array.
    mutating func overwrite(at offset: Int, with span: RawSpan) {
        let end = offset + span.byteCount
        precondition(offset >= 0 && end <= count, "overwriting past the end")
        span.withUnsafeBytes { source in
            withUnsafeMutableBytes { target in
                UnsafeMutableRawBufferPointer(rebasing: target[offset..<end]).copyMemory(from: source)
            }
        }
    }
}

extension RawSpan {
    /// True when both hold the same bytes.
    func hasSameBytes(as other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        return withUnsafeBytes { left in other.withUnsafeBytes { right in left.elementsEqual(right) } }
    }
}
