/// Reading fields: a span, an offset that advances past what was read, and the name of the field for the error.
///
/// Nothing moves when a read fails, so that the error's offset is where the field began. The offset must not be
/// negative.
extension RawSpan {
    /// Number of bytes from `offset` to the end.
    @inline(__always)
    func remaining(from offset: Int) -> Int { byteCount - offset }

    /// Fails unless `count` more bytes are there.
    @inline(__always)
    func require(_ count: Int, at offset: Int, _ field: FieldName) throws(DecodeError) {
        if byteCount - offset < count { throw truncated(count, at: offset, field) }
    }

    @inline(never)
    func truncated(_ needed: Int, at offset: Int, _ field: FieldName) -> DecodeError {
        DecodeError(field: field, offset: offset, reason: .truncated(needed: needed, available: byteCount - offset))
    }

    /// A byte.
    ///
    /// - Throws: `truncated`.
    @inline(__always)
    public func readUInt8(at offset: inout Int, _ field: FieldName) throws(DecodeError) -> UInt8 {
        try require(1, at: offset, field)
        defer { offset += 1 }
        return loadUInt8(offset)
    }

    /// Two bytes, most significant first: the order of ports.
    ///
    /// - Throws: `truncated`.
    @inline(__always)
    public func readUInt16BigEndian(at offset: inout Int, _ field: FieldName) throws(DecodeError) -> UInt16 {
        try require(2, at: offset, field)
        defer { offset += 2 }
        return loadUInt16(offset).byteSwapped
    }

    /// Two bytes, least significant first.
    ///
    /// - Throws: `truncated`.
    @inline(__always)
    public func readUInt16(at offset: inout Int, _ field: FieldName) throws(DecodeError) -> UInt16 {
        try require(2, at: offset, field)
        defer { offset += 2 }
        return loadUInt16(offset)
    }

    /// Four bytes, least significant first.
    ///
    /// - Throws: `truncated`.
    @inline(__always)
    public func readUInt32(at offset: inout Int, _ field: FieldName) throws(DecodeError) -> UInt32 {
        try require(4, at: offset, field)
        defer { offset += 4 }
        return loadUInt32(offset)
    }

    /// Four bytes, least significant first.
    ///
    /// - Throws: `truncated`.
    @inline(__always)
    public func readInt32(at offset: inout Int, _ field: FieldName) throws(DecodeError) -> Int32 {
        Int32(bitPattern: try readUInt32(at: &offset, field))
    }

    /// Eight bytes, least significant first.
    ///
    /// - Throws: `truncated`.
    @inline(__always)
    public func readUInt64(at offset: inout Int, _ field: FieldName) throws(DecodeError) -> UInt64 {
        try require(8, at: offset, field)
        defer { offset += 8 }
        return loadUInt64(offset)
    }

    /// Eight bytes, least significant first.
    ///
    /// - Throws: `truncated`.
    @inline(__always)
    public func readInt64(at offset: inout Int, _ field: FieldName) throws(DecodeError) -> Int64 {
        Int64(bitPattern: try readUInt64(at: &offset, field))
    }

    /// 32 bytes.
    ///
    /// - Throws: `truncated`.
    @inline(__always)
    public func readHash(at offset: inout Int, _ field: FieldName) throws(DecodeError) -> Hash256 {
        try require(32, at: offset, field)
        defer { offset += 32 }
        return loadHash(offset)
    }

    /// A CompactSize that counts something: not over `maximum`, and not more items than could be there when each takes
    /// at least `itemSize` bytes. So memory for that many items is paid for by bytes received.
    ///
    /// - Parameters:
    ///   - offset: where the count begins; after a success, where it ended.
    ///   - maximum: the largest count accepted.
    ///   - itemSize: the least number of bytes that an item takes.
    ///   - field: the name an error carries.
    /// - Throws: `truncated` when the items cannot be there, `nonCanonical`, `limitExceeded`.
    @inline(__always)
    public func readCount(
        at offset: inout Int, maximum: Int, itemSize: Int, _ field: FieldName
    ) throws(DecodeError) -> Int {
        let start = offset
        let count = Int(try CompactSize.decode(from: self, at: &offset, maximum: UInt64(max(0, maximum)), field))
        // Both factors are small: the count is at most 33,554,432 or a limit that was given as an Int.
        let (needed, overflow) = count.multipliedReportingOverflow(by: itemSize)
        if overflow || needed > byteCount - offset {
            let available = byteCount - offset
            offset = start
            throw DecodeError(
                field: field, offset: start,
                reason: .truncated(needed: overflow ? .max : needed, available: available))
        }
        return count
    }

    /// Length as CompactSize, then that many bytes; gives their range in this span.
    ///
    /// - Throws: `truncated`, `nonCanonical`, `limitExceeded` above `maximum`.
    @inline(__always)
    public func readByteRange(
        at offset: inout Int, maximum: UInt64 = CompactSize.maximumLength, _ field: FieldName
    ) throws(DecodeError) -> Range<Int> {
        let start = offset
        // A maximum may be over what an Int holds; so many bytes are never there.
        let length = Int(clamping: try CompactSize.decode(from: self, at: &offset, maximum: maximum, field))
        if byteCount - offset < length {
            let available = byteCount - offset
            offset = start
            throw DecodeError(
                field: field, offset: start, reason: .truncated(needed: length, available: available))
        }
        let range = offset..<(offset + length)
        offset += length
        return range
    }

    /// Length as CompactSize, then that many bytes, copied: no more memory than bytes that are there.
    ///
    /// - Throws: `truncated`, `nonCanonical`, `limitExceeded` above `maximum`.
    public func readBytes(
        at offset: inout Int, maximum: Int, _ field: FieldName
    ) throws(DecodeError) -> [UInt8] {
        let range = try readByteRange(at: &offset, maximum: UInt64(max(0, maximum)), field)
        return [UInt8](copying: extracting(range))
    }

    /// Fails when bytes that follow the last known field are refused.
    @inline(__always)
    func allowTrailing(at offset: Int, limits: borrowing WireLimits) throws(DecodeError) {
        if offset != byteCount, limits.trailingBytes == .refuse {
            throw DecodeError(
                field: "payload", offset: offset, reason: .trailingBytes(count: byteCount - offset))
        }
    }

    /// What follows the last known field: kept or refused as the limits say.
    func readTrailing(at offset: inout Int, limits: borrowing WireLimits) throws(DecodeError) -> [UInt8] {
        if offset == byteCount { return [] }
        try allowTrailing(at: offset, limits: limits)
        defer { offset = byteCount }
        return [UInt8](copying: extracting(offset..<byteCount))
    }
}
