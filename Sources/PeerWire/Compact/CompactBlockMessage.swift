/// The payload of `cmpctblock`: a block of which the receiver is thought to have most transactions already.
///
/// | Field | Bytes |
/// |---|---|
/// | header | 80 |
/// | nonce | 8 |
/// | short ids | CompactSize count, 6 each |
/// | prefilled | CompactSize count, each a differential index as CompactSize and a transaction |
///
/// Exists since protocol version 70014. At most ``WireLimits/maxCompactBlockTransactionCount`` transactions in all.
/// What is read shares the payload. Any differential indexes are read and encoded again exactly; whether they lie
/// within the block, and whether short ids differ from each other, shows when the block is put together.
/// Source: `PROTOCOL` 2.12, BIP 152 version 1.
public struct CompactBlockMessage: Sendable {
    /// The block's header.
    public let header: BlockHeader
    /// A number from the sender that makes the key of the short ids its own.
    public let nonce: UInt64
    /// The short ids of the transactions that are not prefilled, in the block's order.
    public let shortIDs: ShortTransactionIDs
    /// The transactions sent in full. The coinbase has to be among them, since no receiver can have it.
    public let prefilled: PrefilledTransactions
    /// Bytes after the last field, kept as received; empty in messages made here.
    public internal(set) var trailingBytes: [UInt8] = []

    /// A compact block from its parts.
    ///
    /// - Throws: `inconsistent` unless the indexes of `prefilled` grow and lie within the block, whose number of
    ///   transactions is that of the short ids and of the prefilled ones.
    public init(
        header: BlockHeader, nonce: UInt64, shortIDs: ShortTransactionIDs, prefilled: [PrefilledTransaction]
    ) throws(EncodeError) {
        guard let prefilled = PrefilledTransactions(prefilled, shortIDCount: shortIDs.count) else {
            throw .inconsistent("prefilled index")
        }
        self.init(header: header, nonce: nonce, shortIDs: shortIDs, prefilled: prefilled)
    }

    /// A compact block from its parts as they were read.
    init(
        header: BlockHeader, nonce: UInt64, shortIDs: ShortTransactionIDs, prefilled: PrefilledTransactions
    ) {
        self.header = header
        self.nonce = nonce
        self.shortIDs = shortIDs
        self.prefilled = prefilled
    }

    /// Number of transactions of the block.
    public var transactionCount: Int { shortIDs.count + prefilled.count }

    /// The key of the short ids, computed on each call.
    public func key() -> CompactBlockKey { CompactBlockKey(header: header, nonce: nonce) }
}

extension CompactBlockMessage: SharedWirePayload {
    /// Reads the payload of a `cmpctblock` message, sharing it.
    init(payload: [UInt8], limits: borrowing WireLimits) throws(DecodeError) {
        let span = payload.span.bytes
        let maximum = limits.maxCompactBlockTransactionCount
        var offset = 0
        let header = try BlockHeader.decode(from: span, at: &offset)
        let nonce = try span.readUInt64(at: &offset, "nonce")
        let shortIDCount = try span.readTransactionCount(
            at: &offset, maximum: maximum, itemSize: ShortTransactionID.byteCount, "short id count")
        let end = offset + shortIDCount * ShortTransactionID.byteCount
        let shortIDs = ShortTransactionIDs(trusting: WireBytes(trusting: payload, offset..<end))
        offset = end
        let prefilled = try PrefilledTransactions.decode(
            from: payload, at: &offset, shortIDCount: shortIDCount, maximum: maximum - shortIDCount)
        self.init(header: header, nonce: nonce, shortIDs: shortIDs, prefilled: prefilled)
        trailingBytes = try span.readTrailing(at: &offset, limits: limits)
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        BlockHeader.byteCount + 8 + CompactSize.encodedLength(shortIDs.count) + shortIDs.bytes.count
            + prefilled.encodedLength() + trailingBytes.count
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(
            transactionCount, atMost: limits.maxCompactBlockTransactionCount, "transaction count")
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        header.encode(into: &writer)
        writer.writeUInt64(nonce)
        writer.writeCount(shortIDs.count)
        writer.writeBytes(shortIDs.bytes)
        prefilled.encode(into: &writer)
        writer.writeBytes(trailingBytes)
    }
}

extension CompactBlockMessage: Hashable {
    /// Hashes the header, which commits to the block, and the nonce.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(header)
        hasher.combine(nonce)
    }
}

extension CompactBlockMessage: CustomStringConvertible {
    /// The block's hash, hashed for the purpose, and what the message holds.
    public var description: String {
        "compact block \(header.hash()) of \(shortIDs.count) short ids and \(prefilled.count) transactions"
    }
}
