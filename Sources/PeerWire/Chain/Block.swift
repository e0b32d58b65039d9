/// A block: its bytes, and a table of where its transactions' parts are.
///
/// Reading one takes a handful of allocations however many transactions it has; transactions and scripts come out as
/// views of its storage. Equal when the bytes are. Source: `PROTOCOL` 2.9.
public struct Block: Sendable {
    let storage: [UInt8]
    let table: TransactionTable
    /// The header.
    public let header: BlockHeader
    /// Bytes after the last transaction, kept as received; empty in blocks made here. They are not part of the block.
    public internal(set) var trailingBytes: [UInt8] = []

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
        header = try BlockHeader.decode(from: span, at: &offset)
        let count = try span.readCount(
            at: &offset, maximum: Int(CompactSize.maximumLength),
            itemSize: TransactionTable.minimumTransactionByteCount, "transaction count")
        var table = TransactionTable()
        // The count is paid for by bytes received. Most transactions have some four inputs and outputs; the table of
        // these grows when they have more.
        table.entries.reserveCapacity(count + 1)
        table.elements.reserveCapacity(min(4 * count, payload.count / 64))
        for _ in 0..<count { try table.read(span, at: &offset) }
        table.markEnd(offset)
        let trailing = try span.readTrailing(at: &offset, limits: limits)
        storage = payload
        self.table = table
        trailingBytes = trailing
    }

    /// Builds a block from its parts. The header is taken as it is; ``merkleRoot(of:)`` helps to make it.
    ///
    /// - Throws: `limitExceeded` when the block would not fit in a message.
    public init(header: BlockHeader, transactions: [Transaction]) throws(EncodeError) {
        let length =
            BlockHeader.byteCount + CompactSize.encodedLength(transactions.count)
            + transactions.reduce(0) { $0 + $1.byteCount }
        if length > WireLimits.maximumDeclarable {
            throw .limitExceeded(field: "block", value: length, limit: WireLimits.maximumDeclarable)
        }
        var writer = ByteWriter(capacity: length)
        var table = TransactionTable()
        table.entries.reserveCapacity(transactions.count + 1)
        header.encode(into: &writer)
        writer.writeCount(transactions.count)
        for transaction in transactions {
            table.append(transaction, movedTo: writer.count)
            writer.writeBytes(transaction.bytes)
        }
        table.markEnd(writer.count)
        storage = writer.finish()
        self.table = table
        self.header = header
    }

    /// Number of bytes of the block.
    public var byteCount: Int { storage.count - trailingBytes.count }

    /// The bytes of the block, as a view.
    public var bytes: WireBytes { WireBytes(trusting: storage, 0..<byteCount) }

    /// The block's hash: double SHA-256 of the header, computed on each call.
    public func hash() -> Hash256 { SHA256d.hash(storage.span.bytes.extracting(0..<BlockHeader.byteCount)) }
}

extension TransactionTable {
    /// Takes over the offsets of a transaction whose bytes will begin at `start`.
    fileprivate mutating func append(_ transaction: Transaction, movedTo start: Int) {
        let source = transaction.table
        let inputs = source.inputs(transaction.index)
        let from = transaction.byteRange.lowerBound
        entries.append(
            Entry(
                start: UInt32(truncatingIfNeeded: start), firstElement: UInt32(truncatingIfNeeded: elements.count),
                inputCount: UInt32(truncatingIfNeeded: inputs.count)))
        for element in source.elements[inputs.lowerBound..<source.outputs(transaction.index).upperBound] {
            elements.append(UInt32(truncatingIfNeeded: Int(element) - from + start))
        }
    }
}

extension Block: Hashable {
    /// Equal when the bytes are.
    public static func == (left: Block, right: Block) -> Bool {
        left.bytes == right.bytes && left.trailingBytes == right.trailingBytes
    }

    /// Hashes the header, which commits to the rest.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(header)
    }
}

extension Block: CustomStringConvertible {
    /// The block's hash, hashed for the purpose, and what it holds.
    public var description: String { "block \(hash()) of \(transactions.count) transactions" }
}
