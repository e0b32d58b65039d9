/// The variable-length integer of the protocol: 1, 3, 5 or 9 bytes, always the shortest that holds the value.
///
/// Source: `PROTOCOL` 2.1.
public enum CompactSize {
    /// The largest value accepted as a length or a count: 33,554,432 (0x0200_0000).
    public static let maximumLength: UInt64 = 33_554_432

    /// Number of bytes that `value` takes: 1, 3, 5 or 9.
    @inlinable
    public static func encodedLength(_ value: UInt64) -> Int {
        if value < 0xfd { return 1 }
        if value <= 0xffff { return 3 }
        return value <= 0xffff_ffff ? 5 : 9
    }

    /// Number of bytes that a length or count takes. A negative number counts as 0.
    @inlinable
    public static func encodedLength(_ value: Int) -> Int {
        encodedLength(UInt64(max(0, value)))
    }

    /// Reads a value at `offset` and advances it; nothing moves when this throws.
    ///
    /// - Parameter maximum: the largest value accepted; give `.max` where the value is not a length or count.
    /// - Throws: `truncated`, `nonCanonical` when a shorter form would hold the value, `limitExceeded` above `maximum`.
    @inline(__always)
    static func decode(
        from span: RawSpan, at offset: inout Int, maximum: UInt64 = maximumLength, _ field: FieldName
    ) throws(DecodeError) -> UInt64 {
        if offset < span.byteCount {
            let first = span.loadUInt8(offset)
            if first < 0xfd, UInt64(first) <= maximum {
                offset += 1
                return UInt64(first)
            }
        }
        return try decodeLong(from: span, at: &offset, maximum: maximum, field)
    }

    /// Reads a value at `offset` and advances it; nothing moves when this throws.
    ///
    /// - Parameters:
    ///   - span: the bytes.
    ///   - offset: where the value begins; after a success, where it ended.
    ///   - maximum: the largest value accepted; give `.max` where the value is not a length or count.
    ///   - field: the name an error carries.
    /// - Throws: `truncated`, `nonCanonical` when a shorter form would hold the value, `limitExceeded` above `maximum`.
    public static func decodeValue(
        from span: RawSpan, at offset: inout Int, maximum: UInt64 = maximumLength, field: FieldName = "CompactSize"
    ) throws(DecodeError) -> UInt64 {
        guard offset >= 0, offset <= span.byteCount else {
            throw DecodeError(field: field, offset: offset, reason: .truncated(needed: 1, available: 0))
        }
        return try decode(from: span, at: &offset, maximum: maximum, field)
    }

    @inline(never)
    static func decodeLong(
        from span: RawSpan, at offset: inout Int, maximum: UInt64, _ field: FieldName
    ) throws(DecodeError) -> UInt64 {
        try span.require(1, at: offset, field)
        let first = span.loadUInt8(offset)
        let value: UInt64
        let length: Int
        switch first {
        case 0xfd:
            length = 3
            try span.require(length, at: offset, field)
            value = UInt64(span.loadUInt16(offset + 1))
        case 0xfe:
            length = 5
            try span.require(length, at: offset, field)
            value = UInt64(span.loadUInt32(offset + 1))
        case 0xff:
            length = 9
            try span.require(length, at: offset, field)
            value = span.loadUInt64(offset + 1)
        default:
            length = 1
            value = UInt64(first)
        }
        if encodedLength(value) != length {
            throw DecodeError(field: field, offset: offset, reason: .nonCanonical)
        }
        if value > maximum {
            throw DecodeError(field: field, offset: offset, reason: .limitExceeded(value: value, limit: maximum))
        }
        offset += length
        return value
    }

    /// The bytes of `value` in their only valid form.
    public static func encode(_ value: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: encodedLength(value))
        writer.writeCompactSize(value)
        return writer.finish()
    }
}
