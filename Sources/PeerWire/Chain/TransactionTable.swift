/// Where the parts of transactions are in a storage: offsets only, in two flat arrays however many transactions.
///
/// The offsets were found by reading the transactions once, so whoever holds a table and its storage may read every
/// part without failing.
struct TransactionTable: Sendable {
    /// One transaction. The list ends with an entry more, which begins where the last transaction ends.
    struct Entry: BitwiseCopyable {
        /// Where the transaction begins in the storage.
        let start: UInt32
        /// Its first input in `elements`; its outputs follow its inputs.
        let firstElement: UInt32
        /// Number of inputs.
        let inputCount: UInt32
    }

    var entries: [Entry] = []
    /// Where each input and each output begins in the storage.
    var elements: [UInt32] = []

    /// Version, two counts, lock time: no transaction is shorter.
    static let minimumTransactionByteCount = 4 + 1 + 1 + 4

    /// Number of transactions; the end must have been marked.
    var transactionCount: Int { max(0, entries.count - 1) }

    func byteRange(_ index: Int) -> Range<Int> {
        Int(entries[index].start)..<Int(entries[index + 1].start)
    }

    func inputs(_ index: Int) -> Range<Int> {
        let first = Int(entries[index].firstElement)
        return first..<(first + Int(entries[index].inputCount))
    }

    func outputs(_ index: Int) -> Range<Int> {
        let entry = entries[index]
        return (Int(entry.firstElement) + Int(entry.inputCount))..<Int(entries[index + 1].firstElement)
    }

    /// Ends the list: the last transaction ends at `offset`.
    mutating func markEnd(_ offset: Int) {
        entries.append(
            Entry(
                start: UInt32(truncatingIfNeeded: offset), firstElement: UInt32(truncatingIfNeeded: elements.count),
                inputCount: 0))
    }
}

extension TransactionTable {
    /// Reads the transaction at `offset` and notes where its parts are.
    @inline(__always)
    mutating func read(_ span: RawSpan, at offset: inout Int) throws(DecodeError) {
        let start = offset
        let firstElement = elements.count
        try span.require(Self.minimumTransactionByteCount, at: offset, "transaction")
        offset += 4
        let inputCount = try readInputs(span, at: &offset)
        try readOutputs(span, at: &offset)
        try span.require(4, at: offset, "lock time")
        offset += 4
        entries.append(
            Entry(
                start: UInt32(truncatingIfNeeded: start), firstElement: UInt32(truncatingIfNeeded: firstElement),
                inputCount: UInt32(truncatingIfNeeded: inputCount)))
    }

    @inline(__always)
    private mutating func readInputs(_ span: RawSpan, at offset: inout Int) throws(DecodeError) -> Int {
        let count = try span.readCount(
            at: &offset, maximum: Int(CompactSize.maximumLength), itemSize: TransactionInput.minimumByteCount,
            "input count")
        for _ in 0..<count {
            elements.append(UInt32(truncatingIfNeeded: offset))
            try span.require(Outpoint.byteCount, at: offset, "outpoint")
            offset += Outpoint.byteCount
            let script = try span.readByteRange(at: &offset, "input script")
            offset = script.upperBound
            try span.require(4, at: offset, "sequence")
            offset += 4
        }
        return count
    }

    @inline(__always)
    private mutating func readOutputs(_ span: RawSpan, at offset: inout Int) throws(DecodeError) {
        let count = try span.readCount(
            at: &offset, maximum: Int(CompactSize.maximumLength), itemSize: TransactionOutput.minimumByteCount,
            "output count")
        for _ in 0..<count {
            elements.append(UInt32(truncatingIfNeeded: offset))
            try span.require(8, at: offset, "value")
            offset += 8
            let script = try span.readByteRange(at: &offset, "output script")
            offset = script.upperBound
        }
    }
}

extension RawSpan {
    /// The range of bytes after a length that was read and found good before.
    @inline(__always)
    func knownByteRange(at offset: Int) -> Range<Int> {
        let first = loadUInt8(offset)
        let start: Int
        let length: Int
        switch first {
        case 0xfd: (start, length) = (offset + 3, Int(loadUInt16(offset + 1)))
        case 0xfe: (start, length) = (offset + 5, Int(loadUInt32(offset + 1)))
        case 0xff: (start, length) = (offset + 9, Int(truncatingIfNeeded: loadUInt64(offset + 1)))
        default: (start, length) = (offset + 1, Int(first))
        }
        return start..<(start + length)
    }
}
