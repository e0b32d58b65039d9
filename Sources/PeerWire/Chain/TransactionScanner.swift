/// Reads transactions and notes where their parts are.
///
/// Every count is paid for by bytes that are there, and the tables are a small part of the bytes.
struct TransactionScanner {
    /// Version, two counts, lock time: no transaction is shorter.
    static let minimumTransactionByteCount = 4 + 1 + 1 + 4
    /// Most transactions have no more than one input or output for this many bytes. The table grows where they do.
    private static let usualElementByteCount = 64

    private(set) var places = TransactionPlaces()
    private(set) var elements: [UInt32] = []
    /// The elements of a single transaction that has few; then ``elements`` is empty.
    private(set) var few = FewElements()

    init() {}

    /// What a writer of one transaction knows already.
    init(one range: Range<Int>, elements: [UInt32]) {
        places.append(
            TransactionPlace(
                start: UInt32(truncatingIfNeeded: range.lowerBound), end: UInt32(truncatingIfNeeded: range.upperBound),
                firstElement: 0))
        self.elements = elements
    }

    /// Makes room for that many transactions. The caller has checked the number against the bytes.
    mutating func reserve(_ count: Int) {
        places.reserve(count)
    }

    /// Reads `count` transactions that lie back to back.
    mutating func read(_ count: Int, from span: RawSpan, at offset: inout Int) throws(DecodeError) {
        let end = places.count + count
        // Out of self while a closure works on them beside the elements.
        var places = self.places
        self.places = TransactionPlaces()
        var start = offset
        // When it must grow, then by no less than what is there, so that growing costs no more than reading.
        let free = elements.capacity - elements.count
        let usual = elements.isEmpty ? (span.byteCount - offset) / Self.usualElementByteCount : elements.count
        var room = free >= 4 ? free : max(4, usual)
        while places.count < end {
            let base = elements.count
            try elements.append(addingCapacity: room) { (output: inout OutputSpan<UInt32>) throws(DecodeError) in
                while places.count < end {
                    let firstElement = output.count
                    var place = start
                    guard try Self.readOne(span, at: &place, into: &output) else {
                        // Read again, once there is more room.
                        output.removeLast(output.count - firstElement)
                        return
                    }
                    places.append(
                        TransactionPlace(
                            start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: place),
                            firstElement: UInt32(truncatingIfNeeded: base + firstElement)))
                    start = place
                }
            }
            room = max(2 * room, elements.count)
        }
        self.places = places
        offset = start
    }

    /// Reads one transaction from the start of a payload without a table on the heap, if it has few inputs and outputs.
    /// Where it ends; `nil` when it has more.
    mutating func readSmall(_ span: RawSpan) throws(DecodeError) -> Int? {
        var offset = 0
        guard try Self.readOne(span, at: &offset, into: &few) else {
            few = FewElements()
            return nil
        }
        places.append(TransactionPlace(start: 0, end: UInt32(truncatingIfNeeded: offset), firstElement: 0))
        return offset
    }

    /// Takes over a transaction that was read elsewhere, and whose bytes will begin at `start`.
    mutating func append(_ transaction: Transaction, movedTo start: Int) {
        let source = transaction.storage
        let from = source.byteRange(transaction.index)
        places.append(
            TransactionPlace(
                start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: start + from.count),
                firstElement: UInt32(truncatingIfNeeded: elements.count)))
        let moved = source.inputs(transaction.index).lowerBound..<source.outputs(transaction.index).upperBound
        for element in moved {
            elements.append(UInt32(truncatingIfNeeded: source.element(element) - from.lowerBound + start))
        }
    }
}

extension TransactionScanner {
    /// Reads one transaction. False when its elements do not fit into the table.
    @inline(__always)
    private static func readOne(
        _ span: RawSpan, at offset: inout Int, into elements: inout some ElementSink & ~Copyable & ~Escapable
    ) throws(DecodeError) -> Bool {
        try span.require(minimumTransactionByteCount, at: offset, "transaction")
        offset += 4
        guard try readInputs(span, at: &offset, into: &elements) else { return false }
        guard try readOutputs(span, at: &offset, into: &elements) else { return false }
        try span.require(4, at: offset, "lock time")
        offset += 4
        return true
    }

    @inline(__always)
    private static func readInputs(
        _ span: RawSpan, at offset: inout Int, into elements: inout some ElementSink & ~Copyable & ~Escapable
    ) throws(DecodeError) -> Bool {
        let count = try span.readCount(
            at: &offset, maximum: Int(CompactSize.maximumLength), itemSize: TransactionInput.minimumByteCount,
            "input count")
        if count > elements.room { return false }
        for _ in 0..<count {
            elements.add(UInt32(truncatingIfNeeded: offset))
            let script = offset + Outpoint.byteCount
            // Nearly every script is short, and all of its input is there.
            if script < span.byteCount {
                let length = span.loadUInt8(script)
                let next = script + 1 + Int(length) + 4
                if length < 0xfd, next <= span.byteCount {
                    offset = next
                    continue
                }
            }
            try passInput(span, at: &offset)
        }
        return true
    }

    @inline(__always)
    private static func readOutputs(
        _ span: RawSpan, at offset: inout Int, into elements: inout some ElementSink & ~Copyable & ~Escapable
    ) throws(DecodeError) -> Bool {
        let count = try span.readCount(
            at: &offset, maximum: Int(CompactSize.maximumLength), itemSize: TransactionOutput.minimumByteCount,
            "output count")
        if count > elements.room { return false }
        for _ in 0..<count {
            elements.add(UInt32(truncatingIfNeeded: offset))
            let script = offset + 8
            if script < span.byteCount {
                let length = span.loadUInt8(script)
                let next = script + 1 + Int(length)
                if length < 0xfd, next <= span.byteCount {
                    offset = next
                    continue
                }
            }
            try passOutput(span, at: &offset)
        }
        return true
    }

    /// One input, field by field.
    @inline(never)
    private static func passInput(_ span: RawSpan, at offset: inout Int) throws(DecodeError) {
        try span.require(Outpoint.byteCount, at: offset, "outpoint")
        offset += Outpoint.byteCount
        _ = try span.readByteRange(at: &offset, "input script")
        try span.require(4, at: offset, "sequence")
        offset += 4
    }

    /// One output, field by field.
    @inline(never)
    private static func passOutput(_ span: RawSpan, at offset: inout Int) throws(DecodeError) {
        try span.require(8, at: offset, "value")
        offset += 8
        _ = try span.readByteRange(at: &offset, "output script")
    }
}

/// Where one transaction is.
struct TransactionPlace: BitwiseCopyable {
    /// Where it begins in the bytes, and where it ends.
    let start: UInt32
    let end: UInt32
    /// Its first input among the elements; its outputs follow its inputs.
    let firstElement: UInt32

    var byteRange: Range<Int> { Int(start)..<Int(end) }
}

/// Places of transactions: no memory is taken for a single one.
struct TransactionPlaces {
    private(set) var count = 0
    private var first = TransactionPlace(start: 0, end: 0, firstElement: 0)
    private var all: [TransactionPlace] = []

    subscript(index: Int) -> TransactionPlace { count == 1 ? first : all[index] }

    mutating func reserve(_ count: Int) {
        if count > 1 { all.reserveCapacity(count) }
    }

    @inline(__always)
    mutating func append(_ place: TransactionPlace) {
        if count == 0 {
            first = place
        } else {
            if count == 1 { all.append(first) }
            all.append(place)
        }
        count += 1
    }
}

/// Takes the offsets of inputs and outputs, as many as there is room for.
protocol ElementSink: ~Copyable, ~Escapable {
    var room: Int { get }
    mutating func add(_ offset: UInt32)
}

extension OutputSpan: ElementSink where Element == UInt32 {
    @inline(__always)
    var room: Int { freeCapacity }

    @inline(__always)
    mutating func add(_ offset: UInt32) { append(offset) }
}

/// Up to six offsets in place: most transactions have no more inputs and outputs.
struct FewElements: ElementSink, BitwiseCopyable {
    private(set) var count = 0
    private var offsets = InlineArray<6, UInt32>(repeating: 0)

    subscript(index: Int) -> UInt32 { offsets[index] }

    @inline(__always)
    var room: Int { offsets.count - count }

    @inline(__always)
    mutating func add(_ offset: UInt32) {
        offsets[count] = offset
        count += 1
    }
}
