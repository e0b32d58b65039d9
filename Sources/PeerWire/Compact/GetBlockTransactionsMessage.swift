/// The payload of `getblocktxn`: transactions of a compact block that the sender does not have.
///
/// The block's hash in 32 bytes, then the places of the transactions: a CompactSize count, and each as CompactSize of
/// what it is beyond the one before and one more. Exists since protocol version 70014. At most
/// ``WireLimits/maxCompactBlockTransactionCount`` places. Any differences are read and encoded again exactly;
/// ``indexes`` tells whether they make sense. Source: `PROTOCOL` 2.12, BIP 152 version 1.
public struct GetBlockTransactionsMessage: Hashable, Sendable {
    /// The block.
    public var blockHash: Hash256
    /// What is on the wire for each transaction: the first one's place in the block, then how many transactions lie
    /// between it and the one before.
    public var differences: [UInt64]
    /// Bytes after the last index, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// A request as it stands on the wire.
    public init(blockHash: Hash256, differences: [UInt64]) {
        self.blockHash = blockHash
        self.differences = differences
    }

    /// A request for the transactions at these places in the block, from 0.
    ///
    /// - Throws: `inconsistent` unless each place is greater than the one before.
    public init(blockHash: Hash256, indexes: some Collection<UInt32>) throws(EncodeError) {
        guard let differences = DifferentialIndexes.differences(of: indexes) else { throw .inconsistent("index") }
        self.init(blockHash: blockHash, differences: differences)
    }

    /// The places of the transactions in the block, from 0, each greater than the one before; added up on each call.
    /// `nil` when one does not fit in 32 bits: then no block has it, and the sender breaks the rules.
    public var indexes: [UInt32]? { DifferentialIndexes.indexes(of: differences) }
}

extension GetBlockTransactionsMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> GetBlockTransactionsMessage {
        let blockHash = try span.readHash(at: &offset, "block hash")
        let count = try span.readTransactionCount(
            at: &offset, maximum: limits.maxCompactBlockTransactionCount, itemSize: 1, "index count")
        var differences: [UInt64] = []
        differences.reserveCapacity(count)
        for _ in 0..<count {
            differences.append(try DifferentialIndexes.readDifference(span, at: &offset, "index"))
        }
        var message = GetBlockTransactionsMessage(blockHash: blockHash, differences: differences)
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        Hash256.byteCount + CompactSize.encodedLength(differences.count)
            + DifferentialIndexes.encodedLength(differences) + trailingBytes.count
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(
            differences.count, atMost: limits.maxCompactBlockTransactionCount, "index count")
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeHash(blockHash)
        writer.writeCount(differences.count)
        for difference in differences { writer.writeCompactSize(difference) }
        writer.writeBytes(trailingBytes)
    }
}
