/// The payload of `merkleblock`: a header, and a proof of which transactions of the block match a bloom filter.
///
/// On the wire: header (80 bytes), transaction count (4), hashes (count, 32 bytes each), flags (length, bytes). Sent
/// for `getdata` of a filtered block, followed by a `tx` for each transaction that matches and is not known to the
/// receiver. From protocol version 70001 on. What the proof says is not looked at here: ``PartialMerkleTree`` does.
/// Source: `PROTOCOL` 2.10, 3, BIP 37.
public struct MerkleBlockMessage: Hashable, Sendable {
    /// The header of the block.
    public var header: BlockHeader
    /// How many transactions the block has, as the sender says.
    public var transactionCount: UInt32
    /// Hashes of the tree, in the order of a walk that takes the left branch first. Decoded up to a tenth of
    /// ``WireLimits/maxBlockSize`` and one more: no block has more transactions.
    public var hashes: [Hash256]
    /// The bits that tell the walk where to go, the lowest of each byte first. Decoded up to an eighth as many bytes as
    /// hashes, and one more.
    public var flags: [UInt8]
    /// Bytes after ``flags``, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// A filtered block from its parts.
    public init(header: BlockHeader, transactionCount: UInt32, hashes: [Hash256], flags: [UInt8]) {
        self.header = header
        self.transactionCount = transactionCount
        self.hashes = hashes
        self.flags = flags
    }
}

extension MerkleBlockMessage: WirePayload {
    static func maximumHashCount(_ limits: borrowing WireLimits) -> Int {
        max(0, limits.maxBlockSize) / TransactionScanner.minimumTransactionByteCount + 1
    }

    static func maximumFlagLength(_ limits: borrowing WireLimits) -> Int { maximumHashCount(limits) / 8 + 1 }

    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> MerkleBlockMessage {
        let header = try BlockHeader.decode(from: span, at: &offset)
        let transactions = try span.readUInt32(at: &offset, "transaction count")
        let hashes = try span.readHashes(at: &offset, maximum: maximumHashCount(limits), "hash count")
        let flags = try span.readBytes(at: &offset, maximum: maximumFlagLength(limits), "flags")
        var message = MerkleBlockMessage(
            header: header, transactionCount: transactions, hashes: hashes, flags: flags)
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        BlockHeader.byteCount + 4 + ByteWriter.encodedLength(hashes)
            + ByteWriter.encodedLength(byteCount: flags.count) + trailingBytes.count
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(hashes.count, atMost: Self.maximumHashCount(limits), "hash count")
        try EncodeError.require(flags.count, atMost: Self.maximumFlagLength(limits), "flags")
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        header.encode(into: &writer)
        writer.writeUInt32(transactionCount)
        writer.writeHashes(hashes)
        writer.writeCount(flags.count)
        writer.writeBytes(flags)
        writer.writeBytes(trailingBytes)
    }
}
