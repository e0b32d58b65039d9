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
    /// What is on the wire for each: the first one's place in the block, then how many transactions lie between it and
    /// the one before. As many as there are ``transactions``.
    public let differences: [UInt64]
    /// The transactions.
    public let transactions: TransactionList
    /// Number of the block's other transactions.
    private let shortIDCount: Int

    /// There must be as many differences as transactions.
    init(differences: [UInt64], transactions: TransactionList, shortIDCount: Int) {
        self.differences = differences
        self.transactions = transactions
        self.shortIDCount = shortIDCount
    }

    /// Some transactions and their places; `nil` unless each place is greater than the one before and none is past the
    /// end of the block.
    init?(_ prefilled: some Collection<PrefilledTransaction>, shortIDCount: Int) {
        guard let differences = DifferentialIndexes.differences(of: prefilled.map(\.index)) else { return nil }
        self.init(
            differences: differences, transactions: TransactionList(prefilled.map(\.transaction)),
            shortIDCount: shortIDCount)
        if indexes == nil { return nil }
    }

    /// Number of transactions.
    public var count: Int { transactions.count }

    /// True when there are none.
    public var isEmpty: Bool { transactions.isEmpty }

    /// The places in the block, from 0, each greater than the one before; added up on each call. `nil` when one is past
    /// the end of the block: then no block can be put together, and the sender breaks the rules.
    public var indexes: [UInt32]? { DifferentialIndexes.indexes(of: differences, among: shortIDCount) }

    /// The transactions with their places; `nil` when ``indexes`` is.
    public var entries: [PrefilledTransaction]? {
        indexes.map { indexes in
            zip(indexes, transactions).map { PrefilledTransaction(index: $0, transaction: $1) }
        }
    }
}

extension PrefilledTransactions {
    /// Reads a count, and that many differences with a transaction each.
    ///
    /// - Parameters:
    ///   - shortIDCount: number of the block's other transactions.
    ///   - maximum: the most transactions accepted.
    static func decode(
        from payload: [UInt8], at offset: inout Int, shortIDCount: Int, maximum: Int
    ) throws(DecodeError) -> PrefilledTransactions {
        let count = try payload.span.bytes.readTransactionCount(
            at: &offset, maximum: maximum, itemSize: 1 + TransactionScanner.minimumTransactionByteCount,
            "prefilled count")
        var differences: [UInt64] = []
        differences.reserveCapacity(count)
        let transactions = try TransactionList.decode(count: count, from: payload, at: &offset) {
            (span, offset) throws(DecodeError) in
            differences.append(try DifferentialIndexes.readDifference(span, at: &offset, "prefilled index"))
        }
        return PrefilledTransactions(
            differences: differences, transactions: transactions, shortIDCount: shortIDCount)
    }

    func encodedLength() -> Int {
        transactions.reduce(CompactSize.encodedLength(count) + DifferentialIndexes.encodedLength(differences)) {
            $0 + $1.byteCount
        }
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeCount(count)
        for (position, difference) in differences.enumerated() {
            writer.writeCompactSize(difference)
            writer.writeBytes(transactions[position].bytes)
        }
    }
}
