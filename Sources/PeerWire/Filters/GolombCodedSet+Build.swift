extension GolombCodedSet {
    /// Collects the elements of a set.
    ///
    /// An element counts once, however often it is put in.
    public struct Builder: Sendable {
        /// An element in `storage`.
        private struct Place: BitwiseCopyable {
            let hash: UInt64
            let start: Int
            let end: Int
        }

        private let blockHash: Hash256
        private let parameters: Parameters
        private var storage: [UInt8] = []
        private var places: [Place] = []

        /// A builder without elements.
        ///
        /// - Parameters:
        ///   - blockHash: the block whose hash is the key; zero for a filter of transactions in no block.
        ///   - parameters: how differences are coded.
        public init(blockHash: Hash256, parameters: Parameters = .basic) {
            self.blockHash = blockHash
            self.parameters = parameters
        }

        /// Adds an element.
        public mutating func insert(_ element: RawSpan) {
            let start = storage.count
            storage.append(copying: element, 0..<element.byteCount)
            let hash = SipHash.hash24(key0: blockHash.word0, key1: blockHash.word1, element)
            places.append(Place(hash: hash, start: start, end: storage.count))
        }

        /// Adds an element.
        public mutating func insert(_ element: [UInt8]) { insert(element.span.bytes) }

        /// Adds an element.
        public mutating func insert(_ element: WireBytes) { element.withBytes { insert($0) } }

        /// Adds an outpoint, as its 36 bytes on the wire.
        public mutating func insert(_ outpoint: Outpoint) {
            let words = outpoint.wireWords
            insert(words.span.bytes)
        }

        /// Adds what the committed filters of Bitcoin Cash nodes have of a transaction: the 36 bytes of the outpoint
        /// that each input spends, unless it is a coinbase's, and each locking script that is not empty, without its
        /// token prefix. Scripts that begin with OP_RETURN are among them, and the scripts of spent outputs are not:
        /// those are the rules of BIP 158, for which other elements can be put in one by one.
        public mutating func insert(_ transaction: Transaction) {
            let storage = transaction.storage
            let bytes = storage.bytes
            let span = bytes.span.bytes
            for element in storage.inputs(transaction.index) {
                let start = storage.element(element)
                let outpoint = Outpoint(transaction: span.loadHash(start), index: span.loadUInt32(start + 32))
                if outpoint != .coinbase { insert(span.extracting(start..<(start + Outpoint.byteCount))) }
            }
            for element in storage.outputs(transaction.index) {
                let field = span.extracting(span.knownByteRange(at: storage.element(element) + 8))
                let script = LockingScript.range(in: field)
                if !script.isEmpty { insert(field.extracting(script)) }
            }
        }

        /// The set.
        public consuming func finish() -> GolombCodedSet {
            places.sort { $0.hash < $1.hash }
            let hashes = distinctHashes()
            var writer = GolombWriter(count: hashes.count, parameters)
            // The numbers are sorted as the hashes are.
            for hash in hashes {
                writer.append(GolombCodedSet.value(of: hash, count: hashes.count, parameters))
            }
            return GolombCodedSet(
                trusting: writer.finish(), count: hashes.count,
                streamStart: CompactSize.encodedLength(hashes.count), blockHash: blockHash, parameters: parameters)
        }

        /// The hash of each element once. Different elements with one hash, which chance does not bring about, count
        /// each.
        private func distinctHashes() -> [UInt64] {
            var hashes: [UInt64] = []
            hashes.reserveCapacity(places.count)
            var run: [Place] = []
            for place in places {
                if run.first?.hash != place.hash { run.removeAll(keepingCapacity: true) }
                if run.contains(where: { isSame($0, place) }) { continue }
                run.append(place)
                hashes.append(place.hash)
            }
            return hashes
        }

        private func isSame(_ left: Place, _ right: Place) -> Bool {
            let span = storage.span.bytes
            return span.extracting(left.start..<left.end).hasSameBytes(as: span.extracting(right.start..<right.end))
        }
    }

    /// The set of some elements.
    public init(elements: some Sequence<[UInt8]>, blockHash: Hash256, parameters: Parameters = .basic) {
        var builder = Builder(blockHash: blockHash, parameters: parameters)
        for element in elements { builder.insert(element) }
        self = builder.finish()
    }

    /// The committed filter of a block as Bitcoin Cash nodes make it: see ``Builder/insert(_:)-(Transaction)``.
    public init(block: Block, parameters: Parameters = .basic) {
        var builder = Builder(blockHash: block.hash(), parameters: parameters)
        for transaction in block.transactions { builder.insert(transaction) }
        self = builder.finish()
    }
}

/// Writes sorted numbers as their number and the coded differences. The highest bit of each byte comes first.
struct GolombWriter {
    private var writer: ByteWriter
    private let riceBits: UInt64
    private var last: UInt64 = 0
    private var pending: UInt64 = 0
    private var pendingCount: UInt64 = 0

    init(count: Int, _ parameters: GolombCodedSet.Parameters) {
        // A difference takes about two bits more than its lower part.
        writer = ByteWriter(capacity: 9 + count * (parameters.riceBits + 3) / 8)
        riceBits = UInt64(parameters.riceBits)
        writer.writeCount(count)
    }

    /// Adds a number that is not below the one before.
    mutating func append(_ value: UInt64) {
        let difference = value - last
        last = value
        var ones = difference &>> riceBits
        while ones >= 32 {
            write(0xffff_ffff, bits: 32)
            ones -= 32
        }
        write((2 &<< ones) &- 2, bits: ones + 1)
        write(difference & ((1 &<< riceBits) &- 1), bits: riceBits)
    }

    /// Writes up to 32 bits.
    private mutating func write(_ value: UInt64, bits: UInt64) {
        pending = pending &<< bits | value
        pendingCount += bits
        while pendingCount >= 8 {
            pendingCount -= 8
            writer.writeUInt8(UInt8(truncatingIfNeeded: pending &>> pendingCount))
        }
    }

    /// The bytes; the last one is filled up with zeros.
    consuming func finish() -> [UInt8] {
        if pendingCount > 0 { write(0, bits: 8 - pendingCount) }
        return writer.finish()
    }
}
