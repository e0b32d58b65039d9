/// Transactions in order, as some messages carry them: views of the message's payload, or separate ones put together.
///
/// Equal when the bytes of the transactions are.
public struct TransactionList: Sendable {
    private enum Source: Sendable {
        case shared(TransactionStorage)
        case separate([Transaction])
    }

    private let source: Source

    /// A list of transactions, each with the storage it has.
    public init(_ transactions: [Transaction]) {
        source = .separate(transactions)
    }

    private init(_ payload: [UInt8], _ scanner: consuming TransactionScanner) {
        // Not a message of its own: what follows the transactions belongs to the message they are in.
        source = .shared(TransactionStorage(bytes: payload, scanned: scanner, contentEnd: payload.count))
    }
}

extension TransactionList {
    /// Reads `count` transactions that lie back to back, sharing the payload.
    ///
    /// The count must have been compared with the bytes that are left; `offset` ends after the last transaction.
    static func decode(
        count: Int, from payload: [UInt8], at offset: inout Int
    ) throws(DecodeError) -> TransactionList {
        try payload.requireOffsetsFit()
        var scanner = TransactionScanner()
        scanner.reserve(count)
        try scanner.read(count, from: payload.span.bytes, at: &offset)
        return TransactionList(payload, scanner)
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
        var scanner = TransactionScanner()
        scanner.reserve(count)
        for _ in 0..<count {
            try readFields(span, &offset)
            try scanner.read(1, from: span, at: &offset)
        }
        return TransactionList(payload, scanner)
    }
}

extension TransactionList: RandomAccessCollection {
    /// Always 0.
    public var startIndex: Int { 0 }

    /// Number of transactions.
    public var endIndex: Int {
        switch source {
        case .shared(let storage): storage.count
        case .separate(let transactions): transactions.count
        }
    }

    /// The transaction at a place from 0.
    public subscript(position: Int) -> Transaction {
        precondition(position >= 0 && position < endIndex, "transaction out of range")
        switch source {
        case .shared(let storage): return Transaction(storage, position)
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
