/// A transaction: its bytes, and a table of where its parts are.
///
/// The bytes are the truth: they are what is hashed and sent again. Scripts come out as views of them. A transaction
/// taken out of a block shares the block's storage; ``detached()`` gives one that holds its own bytes only. Equal when
/// the bytes are.
///
/// The payload of `tx`: version (4 bytes); inputs (a CompactSize count, then each an outpoint of 36 bytes, a script
/// after its length, a sequence of 4 bytes); outputs (a count, then each a value of 8 bytes, a script after its
/// length); lock time (4 bytes). Counts and lengths are bounded by the bytes. Source: `PROTOCOL` 2.7.
public struct Transaction: Sendable {
    let storage: TransactionStorage
    let index: Int

    /// The transaction at a place of a storage.
    init(_ storage: TransactionStorage, _ index: Int) {
        self.storage = storage
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
        var scanner = TransactionScanner()
        var offset = 0
        if let end = try scanner.readSmall(payload.span.bytes) {
            offset = end
        } else {
            try scanner.read(1, from: payload.span.bytes, at: &offset)
        }
        try payload.span.bytes.allowTrailing(at: offset, limits: limits)
        self.init(TransactionStorage(bytes: payload, scanned: scanner, contentEnd: offset), 0)
    }

    var byteRange: Range<Int> { storage.byteRange(index) }

    /// Bytes after the transaction in its message, kept as received; empty in a block and in transactions made here.
    /// They are not part of the transaction.
    public var trailingBytes: [UInt8] { storage.isMessage ? storage.trailingBytes : [] }

    /// Number of bytes of the transaction.
    public var byteCount: Int { byteRange.count }

    /// The bytes of the transaction, as a view.
    public var bytes: WireBytes { WireBytes(trusting: storage.bytes, byteRange) }

    /// The version number.
    public var version: Int32 {
        storage.withBytes { Int32(bitPattern: $0.loadUInt32(byteRange.lowerBound)) }
    }

    /// The height or time before which the transaction may not be in a block.
    public var lockTime: UInt32 { storage.withBytes { $0.loadUInt32(byteRange.upperBound - 4) } }

    /// The transaction's id: double SHA-256 of its bytes, computed when it is first asked for and remembered by all
    /// copies of this value.
    public func hash() -> Hash256 { storage.hash(index) }

    /// True when its only input spends nothing: the first transaction of a block.
    public var isCoinbase: Bool { inputs.count == 1 && inputs[0].isCoinbase }

    /// The same transaction without the storage of the block it came from.
    public func detached() -> Transaction {
        if byteRange.count == storage.bytes.count { return self }
        let bytes = [UInt8](storage.bytes[byteRange]) + trailingBytes
        var scanner = TransactionScanner()
        scanner.append(self, movedTo: 0)
        return Transaction(TransactionStorage(bytes: bytes, scanned: scanner, contentEnd: byteRange.count), 0)
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
        left.storage === right.storage && left.index == right.index
            || left.bytes == right.bytes && left.trailingBytes == right.trailingBytes
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
