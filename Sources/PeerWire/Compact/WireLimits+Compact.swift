extension WireLimits {
    /// Most transactions of a block that a `cmpctblock`, `getblocktxn` or `blocktxn` may speak of.
    ///
    /// The size of a block over the 65 bytes of the smallest valid transaction; an eighth more, for a sender whose tip
    /// lets blocks grow while ours does not yet (see ``maxBlockLikePayload``). 553,846 for blocks of 32 MB. No more
    /// than 33,554,432 however large a block may be, as for any count. The reference node has much the same bound.
    ///
    /// Source: `PROTOCOL` 2.7, 2.12.
    public var maxCompactBlockTransactionCount: Int {
        let size = max(0, maxBlockSize)
        let (largest, overflow) = size.addingReportingOverflow(size / 8)
        return min((overflow ? .max : largest) / Self.minimumValidTransactionByteCount, Int(CompactSize.maximumLength))
    }

    /// The smallest transaction that validation lets into a block, in bytes.
    private static let minimumValidTransactionByteCount = 65
}
