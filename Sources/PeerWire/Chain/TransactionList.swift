/// Transactions in order, as some messages carry them: views of the message's payload, or separate ones put together.
///
/// Equal when the bytes of the transactions are.
public struct TransactionList: Sendable {
    private enum Source: Sendable {
        /// Read from one storage. Entries of the table lie `stride` apart: with fields between the transactions, each
        /// second entry only says where the one before it ends.
        case shared([UInt8], TransactionTable, stride: Int)
        case separate([Transaction])
    }

    private let source: Source

    /// A list of transactions, each with the storage it has.
    public init(_ transactions: [Transaction]) {
        source = .separate(transactions)
    }

    private init(_ source: Source) {
        self.source = source
    }
}

extension TransactionList {
    /// Reads `count` transactions that lie back to back, sharing the payload.
    ///
    /// The count must have been compared with the bytes that are left; `offset` ends after the last transaction.
    static func decode(
        count: Int, from payload: [UInt8], at offset: inout Int
    ) throws(DecodeError) -> TransactionList {
        let span = payload.span.bytes
        try payload.requireOffsetsFit()
        var table = table(count, stride: 1, payload.count - offset)
        for _ in 0..<count { try table.read(span, at: &offset) }
        table.markEnd(offset)
        return TransactionList(.shared(payload, table, stride: 1))
    }

    /// Reads `count` transactions with other fields before each, sharing the payload.
    ///
    /// - Parameter readFields: reads what lies before each transaction and moves the offset to the transaction.
    static func decode(
        count: Int, from payload: [UInt8], at offset: inout Int,
        before readFields: (RawSpan, inout Int) throws(DecodeError) -> Void
    ) throws(DecodeError) -> TransactionList {
        let span = payload.span.bytes
        try payload.requireOffsetsFit()
        var table = table(count, stride: 2, payload.count - offset)
        for _ in 0..<count {
            try readFields(span, &offset)
            try table.read(span, at: &offset)
            table.markEnd(offset)
        }
        return TransactionList(.shared(payload, table, stride: 2))
    }

    /// Most transactions have some four inputs and outputs; the table of these grows when they have more.
    private static func table(_ count: Int, stride: Int, _ byteCount: Int) -> TransactionTable {
        var table = TransactionTable()
        table.entries.reserveCapacity(count * stride + 1)
        table.elements.reserveCapacity(Swift.min(4 * count, byteCount / 64))
        return table
    }
}

extension TransactionList: RandomAccessCollection {
    /// Always 0.
    public var startIndex: Int { 0 }

    /// Number of transactions.
    public var endIndex: Int {
        switch source {
        case .shared(_, let table, let stride): table.entries.count / stride - (stride == 1 ? 1 : 0)
        case .separate(let transactions): transactions.count
        }
    }

    /// The transaction at a place from 0.
    public subscript(position: Int) -> Transaction {
        precondition(position >= 0 && position < endIndex, "transaction out of range")
        switch source {
        case .shared(let storage, let table, let stride):
            return Transaction(storage: storage, table: table, index: position * stride)
        case .separate(let transactions): return transactions[position]
        }
    }
}

extension TransactionList: Hashable {
    /// Equal when the bytes of the transactions are.
    public static func == (left: TransactionList, right: TransactionList) -> Bool {
        left.elementsEqual(right) { $0.bytes == $1.bytes }
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for transaction in self { hasher.combine(transaction.bytes) }
    }
}

extension TransactionList: ExpressibleByArrayLiteral {
    /// A list of transactions.
    public init(arrayLiteral elements: Transaction...) { self.init(elements) }
}
