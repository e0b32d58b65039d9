/// A transaction that a compact block carries in full, and its place in the block.
public struct PrefilledTransaction: Hashable, Sendable {
    /// The place in the block, from 0, the coinbase's.
    public var index: UInt32
    /// The transaction.
    public var transaction: Transaction

    /// A transaction at a place.
    public init(index: UInt32, transaction: Transaction) {
        self.index = index
        self.transaction = transaction
    }
}

/// The transactions that a compact block carries in full, in the order of their places in the block.
public struct PrefilledTransactions: Hashable, Sendable {
    /// The places in the block, each greater than the one before.
    public let indexes: [UInt32]
    /// The transactions, as many as there are places.
    public let transactions: TransactionList

    /// There must be as many of one as of the other.
    init(indexes: [UInt32], transactions: TransactionList) {
        self.indexes = indexes
        self.transactions = transactions
    }

    /// A list of transactions and their places, which a ``CompactBlockMessage`` checks.
    init(_ prefilled: some Collection<PrefilledTransaction>) {
        indexes = prefilled.map(\.index)
        transactions = TransactionList(prefilled.map(\.transaction))
    }

    /// True when each place is greater than the one before and none is past the end of the block.
    func fit(shortIDCount: Int) -> Bool {
        var previous: UInt32?
        for (position, index) in indexes.enumerated() {
            if let previous, index <= previous { return false }
            if Int(index) > shortIDCount + position { return false }
            previous = index
        }
        return true
    }
}

extension PrefilledTransactions: RandomAccessCollection {
    /// Always 0.
    public var startIndex: Int { 0 }
    /// Number of transactions.
    public var endIndex: Int { indexes.count }

    /// The transaction and its place in the block, by its position in this list from 0.
    public subscript(position: Int) -> PrefilledTransaction {
        PrefilledTransaction(index: indexes[position], transaction: transactions[position])
    }
}

extension PrefilledTransactions {
    /// Reads a count, and that many differences of indexes with a transaction each.
    ///
    /// - Parameter maximum: the most transactions accepted.
    /// - Throws: what is wrong with the bytes; `malformed` for an index that is not below the number of short ids and
    ///   of transactions up to and with its own.
    static func decode(
        from payload: [UInt8], at offset: inout Int, shortIDCount: Int, maximum: Int
    ) throws(DecodeError) -> PrefilledTransactions {
        let count = try payload.span.bytes.readCount(
            at: &offset, maximum: maximum, itemSize: 1 + TransactionScanner.minimumTransactionByteCount,
            "prefilled count")
        var indexes: [UInt32] = []
        indexes.reserveCapacity(count)
        let transactions = try TransactionList.decode(count: count, from: payload, at: &offset) {
            (span, offset) throws(DecodeError) in
            let start = offset
            let index = try DifferentialIndexes.read(span, at: &offset, after: indexes.last, "prefilled index")
            if Int(index) > shortIDCount + indexes.count {
                throw DecodeError(
                    field: "prefilled index", offset: start, reason: .malformed("an index within the block"))
            }
            indexes.append(index)
        }
        return PrefilledTransactions(indexes: indexes, transactions: transactions)
    }

    func encodedLength() -> Int {
        var length = CompactSize.encodedLength(count)
        var previous: UInt32?
        for index in indexes {
            length += CompactSize.encodedLength(DifferentialIndexes.difference(index, after: previous))
            previous = index
        }
        return transactions.reduce(length) { $0 + $1.byteCount }
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeCount(count)
        var previous: UInt32?
        for (position, index) in indexes.enumerated() {
            writer.writeCompactSize(DifferentialIndexes.difference(index, after: previous))
            writer.writeBytes(transactions[position].bytes)
            previous = index
        }
    }
}
