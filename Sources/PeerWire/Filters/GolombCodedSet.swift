/// The committed filter of a block: a set of byte strings in few bits, which may answer "yes" for others too and never
/// "no" for one of its own.
///
/// Each element is hashed with the block's hash as the key to a number below `count * modulus`; the numbers are sorted,
/// and the differences coded. A light client asks it for its own scripts and outpoints, and fetches the block on a
/// "yes". What the filters of Bitcoin Cash nodes hold is said at ``Builder/insert(_:)-(Transaction)``.
///
/// On the wire: number of elements (CompactSize), coded differences. Source: `PROTOCOL` 2.13, 8 (42), BIP 158.
public struct GolombCodedSet: Hashable, Sendable {
    /// How differences are coded.
    public struct Parameters: Hashable, Sendable, BitwiseCopyable {
        /// Bits of a difference that are written as they are; what is above is written in unary. 0 to 32.
        public let riceBits: Int
        /// One answer in so many is "yes" by mistake.
        public let modulus: UInt32

        /// Parameters; `nil` for more than 32 bits, a modulus of 0, and one of 256 times what the bits hold or more,
        /// for which the unary part would be long.
        public init?(riceBits: Int, modulus: UInt32) {
            guard (0...32).contains(riceBits), modulus > 0, UInt64(modulus) &>> UInt64(riceBits) <= 255 else {
                return nil
            }
            self.init(trusting: riceBits, modulus)
        }

        private init(trusting riceBits: Int, _ modulus: UInt32) {
            self.riceBits = riceBits
            self.modulus = modulus
        }

        /// Those of ``CommittedFilterType/basic``: 19 bits, one mistake in 784,931.
        public static var basic: Parameters { Parameters(trusting: 19, 784_931) }
    }

    /// The block whose hash is the key: the first 16 bytes of it. Zero for the filter of transactions in no block.
    public let blockHash: Hash256
    /// How differences are coded.
    public let parameters: Parameters
    /// Number of elements.
    public let count: Int
    /// The filter as on the wire.
    public let bytes: WireBytes
    /// Where the coded differences begin.
    let streamStart: Int

    /// Takes what a builder has coded.
    init(trusting bytes: [UInt8], count: Int, streamStart: Int, blockHash: Hash256, parameters: Parameters) {
        self.bytes = WireBytes(bytes)
        self.count = count
        self.streamStart = streamStart
        self.blockHash = blockHash
        self.parameters = parameters
    }

    /// Reads a filter, all of it, so that nothing can fail later. The bytes are shared.
    ///
    /// - Throws: `truncated` when the bytes end before the elements do, which is seen at once when they cannot hold so
    ///   many; `malformed` for a number that no element has; `trailingBytes` when whole bytes are left.
    public init(bytes: WireBytes, blockHash: Hash256, parameters: Parameters = .basic) throws(DecodeError) {
        var count = 0
        var start = 0
        try bytes.withBytes { span throws(DecodeError) in
            count = Int(try CompactSize.decode(from: span, at: &start, "element count"))
            let bits = 8 * (span.byteCount - start)
            let (needed, overflow) = count.multipliedReportingOverflow(by: parameters.riceBits + 1)
            if overflow || needed > bits {
                throw span.truncated(overflow ? .max : (needed + 7) / 8, at: start, "elements")
            }
            var reader = GolombReader(span, from: start, count: count, parameters)
            while try reader.next(span) != nil {}
            let end = (reader.position + 7) / 8
            if end < span.byteCount {
                throw DecodeError(
                    field: "elements", offset: end, reason: .trailingBytes(count: span.byteCount - end))
            }
        }
        self.bytes = bytes
        self.count = count
        streamStart = start
        self.blockHash = blockHash
        self.parameters = parameters
    }

    /// Reads the filter of a message, with the message's block as the key.
    ///
    /// - Throws: what is wrong with the filter.
    public init(_ message: CommittedFilterMessage, parameters: Parameters = .basic) throws(DecodeError) {
        try self.init(bytes: message.filter, blockHash: message.blockHash, parameters: parameters)
    }

    /// The hash of the filter, which `cfheaders` lists: double SHA-256 of its bytes, computed on each call.
    public func filterHash() -> Hash256 { bytes.withBytes { SHA256d.hash($0) } }

    /// The filter's header: a hash over this filter and those of all blocks before. Computed on each call.
    ///
    /// - Parameter previous: the header of the filter of the block before; zero before the genesis block.
    public func header(previous: Hash256) -> Hash256 { SHA256d.hash(filterHash(), previous) }
}

extension GolombCodedSet {
    /// The number of an element in a set of `count`.
    @inline(__always)
    static func value(of hash: UInt64, count: Int, _ parameters: Parameters) -> UInt64 {
        hash.multipliedFullWidth(by: UInt64(count) &* UInt64(parameters.modulus)).high
    }

    private func value(of element: RawSpan) -> UInt64 {
        let hash = SipHash.hash24(key0: blockHash.word0, key1: blockHash.word1, element)
        return Self.value(of: hash, count: count, parameters)
    }

    /// True when the element may be in the set; false when it is not. Decodes the set up to the element's place.
    public func contains(_ element: RawSpan) -> Bool { containsAny(values: [value(of: element)]) }

    /// True when the element may be in the set; false when it is not.
    public func contains(_ element: [UInt8]) -> Bool { contains(element.span.bytes) }

    /// True when the outpoint, as its 36 bytes on the wire, may be in the set: so when the block may spend it.
    public func contains(_ outpoint: Outpoint) -> Bool {
        let words = outpoint.wireWords
        return contains(words.span.bytes)
    }

    /// True when one of the locking scripts or outpoints may be in the set; false when none is. Decodes the set once.
    ///
    /// - Parameters:
    ///   - scripts: locking scripts without token prefixes, or any other elements.
    ///   - outpoints: outputs that the block may spend.
    public func containsAny(
        _ scripts: some Sequence<[UInt8]>, outpoints: some Sequence<Outpoint> = EmptyCollection<Outpoint>()
    ) -> Bool {
        if count == 0 { return false }
        var values = scripts.map { value(of: $0.span.bytes) }
        for outpoint in outpoints {
            let words = outpoint.wireWords
            values.append(value(of: words.span.bytes))
        }
        values.sort()
        return containsAny(values: values)
    }

    /// True when one of the numbers, which must be sorted, is in the set.
    private func containsAny(values: [UInt64]) -> Bool {
        bytes.withBytes { span in
            var reader = GolombReader(span, from: streamStart, count: count, parameters)
            var place = 0
            while place < values.count, let member = reader.nextKnown(span) {
                while values[place] < member {
                    place += 1
                    if place == values.count { return false }
                }
                if values[place] == member { return true }
            }
            return false
        }
    }

    /// The numbers of the elements, sorted.
    func values() -> [UInt64] {
        bytes.withBytes { span in
            var reader = GolombReader(span, from: streamStart, count: count, parameters)
            var values: [UInt64] = []
            while let value = reader.nextKnown(span) { values.append(value) }
            return values
        }
    }
}

extension CommittedFilterMessage {
    /// The hash of the filter, which `cfheaders` lists: computed on each call.
    public func filterHash() -> Hash256 { filter.withBytes { SHA256d.hash($0) } }
}

extension CommittedFilterHeadersMessage {
    /// The filter header of each block: each is the hash of the block's filter hash and the header before, the first of
    /// which is ``previousFilterHeader``.
    public func filterHeaders() -> [Hash256] {
        var header = previousFilterHeader
        return filterHashes.map { hash in
            header = SHA256d.hash(hash, header)
            return header
        }
    }
}
