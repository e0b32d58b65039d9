/// Indexes that only grow, on the wire as what each is beyond the least it could be: the first as it is, each other one
/// less the one before, less one.
///
/// Only the shortest form of each difference is read, so that the indexes give back the bytes.
/// Source: `PROTOCOL` 2.12, BIP 152.
enum DifferentialIndexes {
    /// Reads the index that follows `previous`, or the first when that is `nil`.
    ///
    /// - Throws: `truncated`, `nonCanonical`; `malformed` when the index does not fit in 32 bits.
    @inline(__always)
    static func read(
        _ span: RawSpan, at offset: inout Int, after previous: UInt32?, _ field: FieldName
    ) throws(DecodeError) -> UInt32 {
        let start = offset
        let difference = try CompactSize.decode(from: span, at: &offset, maximum: .max, field)
        let least = previous.map { UInt64($0) + 1 } ?? 0
        let (index, overflow) = least.addingReportingOverflow(difference)
        guard !overflow, let index = UInt32(exactly: index) else {
            offset = start
            throw DecodeError(field: field, offset: start, reason: .malformed("an index of 32 bits"))
        }
        return index
    }

    /// What goes on the wire for an index; `previous` must be smaller.
    @inline(__always)
    static func difference(_ index: UInt32, after previous: UInt32?) -> UInt64 {
        UInt64(previous.map { index &- $0 &- 1 } ?? index)
    }
}
