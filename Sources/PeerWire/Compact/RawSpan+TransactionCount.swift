extension RawSpan {
    /// A CompactSize that counts transactions of a block, or places in it.
    ///
    /// Nodes set such counts no limit but the bytes that follow. So what these cannot hold is `truncated`, however
    /// large the count is; `limitExceeded` is only what could be there and is over `maximum`.
    func readTransactionCount(
        at offset: inout Int, maximum: Int, itemSize: Int, _ field: FieldName
    ) throws(DecodeError) -> Int {
        let start = offset
        let count = try CompactSize.decode(from: self, at: &offset, maximum: .max, field)
        let available = byteCount - offset
        if count > UInt64(available / itemSize) {
            offset = start
            let (needed, overflow) = Int(clamping: count).multipliedReportingOverflow(by: itemSize)
            throw DecodeError(
                field: field, offset: start,
                reason: .truncated(needed: overflow ? .max : needed, available: available))
        }
        let limit = UInt64(max(0, maximum))
        if count > limit {
            offset = start
            throw DecodeError(field: field, offset: start, reason: .limitExceeded(value: count, limit: limit))
        }
        return Int(count)
    }
}
