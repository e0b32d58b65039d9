/// A set of byte strings that may answer "yes" for others too, and never "no" for one of its own: what a light client
/// gives a node with `filterload` to be sent the transactions that may be its.
///
/// A filter without bits matches everything. One of a client's own is made from the number of elements and the rate of
/// wrong answers; one of a peer from its message. Source: `PROTOCOL` 2.11, BIP 37.
public struct BloomFilter: Hashable, Sendable {
    /// The most bytes that nodes accept: 36,000.
    public static let maximumByteCount = 36_000
    /// The most hash functions that nodes accept: 50.
    public static let maximumFunctionCount = 50

    /// The bits, the lowest of each byte first.
    public private(set) var bytes: [UInt8]
    /// How many bits each element sets.
    public let hashFunctionCount: UInt32
    /// A number that goes into each hash, so that filters of the same elements differ.
    public let tweak: UInt32
    /// What is added when an output matches.
    public let flags: BloomUpdateFlags

    /// An empty filter.
    ///
    /// - Parameters:
    ///   - elementCount: how many elements it shall hold. With more, wrong answers become more frequent than asked for,
    ///     as they do when 36,000 bytes are too few.
    ///   - falsePositiveRate: the share of other elements for which it shall answer "yes" nevertheless, above 0 and
    ///     below 1; the nearest of 0.000000001 and 1 is taken for any other number.
    ///   - tweak: a random number.
    ///   - flags: what the receiver adds by itself.
    public init(elementCount: Int, falsePositiveRate: Double, tweak: UInt32, flags: BloomUpdateFlags = .updateNone) {
        let elements = Double(max(1, elementCount))
        let rate = falsePositiveRate >= 1e-9 ? min(falsePositiveRate, 1) : 1e-9
        let ln2 = NaturalLogarithm.ofTwo
        let wantedBits = -elements * NaturalLogarithm.of(rate) / (ln2 * ln2)
        // One byte and one function at least: nodes cannot handle filters without.
        let size = max(1, Int(min(wantedBits, Double(8 * Self.maximumByteCount))) / 8)
        let functions = Double(8 * size) / elements * ln2
        bytes = [UInt8](repeating: 0, count: size)
        hashFunctionCount = UInt32(max(1, min(functions, Double(Self.maximumFunctionCount))))
        self.tweak = tweak
        self.flags = flags
    }

    /// The filter that a message describes; `nil` when it is over the limits, which decoded messages are not.
    public init?(_ message: FilterLoadMessage, limits: WireLimits = WireLimits()) {
        guard message.filter.count <= limits.maxBloomFilterLength,
            message.hashFunctionCount <= max(0, limits.maxBloomFilterFunctions)
        else { return nil }
        bytes = message.filter
        hashFunctionCount = message.hashFunctionCount
        tweak = message.tweak
        flags = message.flags
    }

    /// The message that loads this filter.
    public var message: FilterLoadMessage {
        FilterLoadMessage(filter: bytes, hashFunctionCount: hashFunctionCount, tweak: tweak, flags: flags)
    }
}

extension BloomFilter {
    /// The bit that a hash function assigns to an element. There must be bits.
    @inline(__always)
    private func bit(_ element: RawSpan, _ function: UInt32) -> Int {
        let hash = MurmurHash3.hash32(element, seed: function &* 0xfba4_c795 &+ tweak)
        return Int(UInt64(hash) % (UInt64(bytes.count) &* 8))
    }

    /// Adds an element: a public key, the hash of one or of a script, a serialized outpoint, a transaction's hash, or
    /// whatever else a script may push. A filter without bits stays as it is.
    public mutating func insert(_ element: RawSpan) {
        if bytes.isEmpty { return }
        for function in 0..<hashFunctionCount {
            let bit = bit(element, function)
            bytes[bit >> 3] |= 1 &<< UInt8(truncatingIfNeeded: bit & 7)
        }
    }

    /// Adds an element.
    public mutating func insert(_ element: [UInt8]) { insert(element.span.bytes) }

    /// Adds a hash, as its 32 bytes on the wire.
    public mutating func insert(_ hash: Hash256) {
        let words = hash.wireWords
        insert(words.span.bytes)
    }

    /// Adds an outpoint, as its 36 bytes on the wire.
    public mutating func insert(_ outpoint: Outpoint) {
        let words = outpoint.wireWords
        insert(words.span.bytes)
    }

    /// True when the element may be in the filter; false when it is not.
    public func contains(_ element: RawSpan) -> Bool {
        if bytes.isEmpty { return true }
        for function in 0..<hashFunctionCount {
            let bit = bit(element, function)
            if bytes[bit >> 3] & 1 &<< UInt8(truncatingIfNeeded: bit & 7) == 0 { return false }
        }
        return true
    }

    /// True when the element may be in the filter; false when it is not.
    public func contains(_ element: [UInt8]) -> Bool { contains(element.span.bytes) }

    /// True when the hash, as its 32 bytes on the wire, may be in the filter.
    public func contains(_ hash: Hash256) -> Bool {
        let words = hash.wireWords
        return contains(words.span.bytes)
    }

    /// True when the outpoint, as its 36 bytes on the wire, may be in the filter.
    public func contains(_ outpoint: Outpoint) -> Bool {
        let words = outpoint.wireWords
        return contains(words.span.bytes)
    }
}

extension Hash256 {
    /// The wire's bytes in a form that gives a span without an allocation.
    @inline(__always)
    var wireWords: InlineArray<4, UInt64> {
        [word0.littleEndian, word1.littleEndian, word2.littleEndian, word3.littleEndian]
    }
}

extension Outpoint {
    /// The wire's bytes in a form that gives a span without an allocation.
    @inline(__always)
    var wireWords: InlineArray<9, UInt32> {
        var words = InlineArray<9, UInt32>(repeating: index.littleEndian)
        let hash = transaction.wireWords
        for place in 0..<4 {
            let word = UInt64(littleEndian: hash[place])
            words[2 * place] = UInt32(truncatingIfNeeded: word).littleEndian
            words[2 * place + 1] = UInt32(truncatingIfNeeded: word &>> 32).littleEndian
        }
        return words
    }
}
