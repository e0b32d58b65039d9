/// A transaction: its bytes, and a table of where its parts are.
///
/// The bytes are the truth: they are what is hashed and sent again. Scripts come out as views of them. A transaction
/// taken out of a block shares the block's storage; ``detached()`` gives one that holds its own bytes only. Equal when
/// the bytes are. Source: `PROTOCOL` 2.7.
public struct Transaction: Sendable {
    let storage: [UInt8]
    let table: TransactionTable
    let index: Int
    /// Bytes after the transaction in its message, kept as received; empty in a block and in transactions made here.
    /// They are not part of the transaction.
    public internal(set) var trailingBytes: [UInt8] = []

    init(storage: [UInt8], table: TransactionTable, index: Int) {
        self.storage = storage
        self.table = table
        self.index = index
    }

    /// Reads a transaction that makes up all of `bytes`, sharing them.
    ///
    /// - Throws: what is wrong with the bytes; `trailingBytes` when they go on after the transaction.
    public init(bytes: [UInt8]) throws(DecodeError) {
        var limits = WireLimits()
        limits.trailingBytes = .refuse
        try self.init(payload: bytes, limits: limits)
    }

    /// Reads the payload of a `tx` message, sharing it.
    init(payload: [UInt8], limits: borrowing WireLimits) throws(DecodeError) {
        try payload.requireOffsetsFit()
        var table = TransactionTable()
        table.entries.reserveCapacity(2)
        table.elements.reserveCapacity(min(8, payload.count / TransactionOutput.minimumByteCount))
        var offset = 0
        try table.read(payload.span.bytes, at: &offset)
        table.markEnd(offset)
        self.init(storage: payload, table: table, index: 0)
        if offset < payload.count {
            trailingBytes = try payload.span.bytes.readTrailing(at: &offset, limits: limits)
        }
    }

    var byteRange: Range<Int> { table.byteRange(index) }

    /// Number of bytes of the transaction.
    public var byteCount: Int { byteRange.count }

    /// The bytes of the transaction, as a view.
    public var bytes: WireBytes { WireBytes(trusting: storage, byteRange) }

    /// The version number.
    public var version: Int32 {
        Int32(bitPattern: storage.span.bytes.loadUInt32(byteRange.lowerBound))
    }

    /// The height or time before which the transaction may not be in a block.
    public var lockTime: UInt32 { storage.span.bytes.loadUInt32(byteRange.upperBound - 4) }

    /// The transaction's id: double SHA-256 of its bytes, computed on each call.
    public func hash() -> Hash256 { SHA256d.hash(storage.span.bytes.extracting(byteRange)) }

    /// True when its only input spends nothing: the first transaction of a block.
    public var isCoinbase: Bool { inputs.count == 1 && inputs[0].isCoinbase }

    /// The same transaction without the storage of the block it came from.
    public func detached() -> Transaction {
        if byteRange.count == storage.count { return self }
        var offset = 0
        var table = TransactionTable()
        let bytes = [UInt8](storage[byteRange])
        do throws(DecodeError) {
            try table.read(bytes.span.bytes, at: &offset)
        } catch {
            return self  // cannot be: these bytes were read before
        }
        table.markEnd(offset)
        var copy = Transaction(storage: bytes, table: table, index: 0)
        copy.trailingBytes = trailingBytes
        return copy
    }
}

extension [UInt8] {
    /// Tables of offsets have four bytes for each.
    func requireOffsetsFit() throws(DecodeError) {
        if count > Int(UInt32.max) {
            throw DecodeError(
                field: "payload", offset: 0,
                reason: .limitExceeded(value: UInt64(count), limit: UInt64(UInt32.max)))
        }
    }
}

extension Transaction: Hashable {
    /// Equal when the bytes are.
    public static func == (left: Transaction, right: Transaction) -> Bool {
        left.bytes == right.bytes && left.trailingBytes == right.trailingBytes
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytes)
    }
}

extension Transaction: CustomStringConvertible {
    /// The transaction's id, hashed for the purpose.
    public var description: String { "transaction \(hash())" }
}
