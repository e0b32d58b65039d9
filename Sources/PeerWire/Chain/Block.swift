/// A block: its bytes, and a table of where its transactions' parts are.
///
/// Reading one takes a handful of allocations however many transactions it has; transactions and scripts come out as
/// views of its storage. Equal when the bytes are.
///
/// The payload of `block`: header (80 bytes), CompactSize count, transactions. Source: `PROTOCOL` 2.9.
public struct Block: Sendable {
    let content: BlockContent

    /// Reads a block that makes up all of `bytes`, sharing them.
    ///
    /// - Throws: what is wrong with the bytes; `trailingBytes` when they go on after the block.
    public init(bytes: [UInt8]) throws(DecodeError) {
        var limits = WireLimits()
        limits.trailingBytes = .refuse
        try self.init(payload: bytes, limits: limits)
    }

    /// Reads the payload of a `block` message, sharing it.
    init(payload: [UInt8], limits: borrowing WireLimits) throws(DecodeError) {
        try payload.requireOffsetsFit()
        let span = payload.span.bytes
        var offset = 0
        let header = try BlockHeader.decode(from: span, at: &offset)
        let count = try span.readCount(
            at: &offset, maximum: Int(CompactSize.maximumLength),
            itemSize: TransactionScanner.minimumTransactionByteCount, "transaction count")
        var scanner = TransactionScanner()
        scanner.reserve(count)
        try scanner.read(count, from: span, at: &offset)
        try span.allowTrailing(at: offset, limits: limits)
        content = BlockContent(
            header: header, TransactionStorage(bytes: payload, scanned: scanner, contentEnd: offset))
    }

    /// Builds a block from its parts. The header is taken as it is; ``merkleRoot(of:)`` helps to make it.
    ///
    /// - Throws: `limitExceeded` when the block would not fit in a message.
    @inlinable
    public init(header: BlockHeader, transactions: some Sequence<Transaction>) throws(EncodeError) {
        try self.init(header: header, transactions: Array(transactions))
    }

    /// Builds a block from its parts. The header is taken as it is; ``merkleRoot(of:)`` helps to make it.
    ///
    /// - Throws: `limitExceeded` when the block would not fit in a message.
    public init(header: BlockHeader, transactions: [Transaction]) throws(EncodeError) {
        try EncodeError.require(
            transactions.count, atMost: Int(CompactSize.maximumLength), "transaction count")
        let length =
            BlockHeader.byteCount + CompactSize.encodedLength(transactions.count)
            + transactions.reduce(0) { $0 + $1.byteCount }
        if length > WireLimits.maximumDeclarable {
            throw .limitExceeded(field: "block", value: length, limit: WireLimits.maximumDeclarable)
        }
        var writer = ByteWriter(capacity: length)
        var scanner = TransactionScanner()
        scanner.reserve(transactions.count)
        header.encode(into: &writer)
        writer.writeCount(transactions.count)
        for transaction in transactions {
            scanner.append(transaction, movedTo: writer.count)
            writer.writeBytes(transaction.bytes)
        }
        content = BlockContent(
            header: header, TransactionStorage(bytes: writer.finish(), scanned: scanner, contentEnd: length))
    }

    /// The header.
    public var header: BlockHeader { content.header }

    /// Number of bytes of the block.
    public var byteCount: Int { content.transactions.contentEnd }

    /// The bytes of the block, as a view.
    public var bytes: WireBytes { WireBytes(trusting: content.transactions.bytes, 0..<byteCount) }

    /// Bytes after the last transaction, kept as received; empty in blocks made here. They are not part of the block.
    public var trailingBytes: [UInt8] { content.transactions.trailingBytes }

    /// The block's hash: double SHA-256 of the header, computed when it is first asked for and remembered by all copies
    /// of this value.
    public func hash() -> Hash256 { content.hash.value { header.hash() } }
}

/// What the copies of a block share.
final class BlockContent: Sendable {
    let header: BlockHeader
    let transactions: TransactionStorage
    let hash = HashSlot()
    let merkleRoot = HashSlot()

    init(header: BlockHeader, _ transactions: TransactionStorage) {
        self.header = header
        self.transactions = transactions
    }
}

extension Block: Hashable {
    /// Equal when the bytes are.
    public static func == (left: Block, right: Block) -> Bool {
        left.content === right.content
            || left.bytes == right.bytes && left.trailingBytes == right.trailingBytes
    }

    /// Hashes the header, which commits to the rest.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(header)
    }
}

extension Block: CustomStringConvertible {
    /// The block's hash and what it holds.
    public var description: String { "block \(hash()) of \(transactions.count) transactions" }
}
