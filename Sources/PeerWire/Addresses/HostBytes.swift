/// The bytes of a host: up to 32 of them in place, so that a list of addresses is one allocation; more, which only
/// unknown networks have, in an array.
struct HostBytes: Hashable, Sendable {
    /// Bytes 0...31 in wire order, the first one least significant in its word; zero past the end.
    private(set) var word0: UInt64 = 0
    private(set) var word1: UInt64 = 0
    private(set) var word2: UInt64 = 0
    private(set) var word3: UInt64 = 0
    /// All bytes, when they are more than fit in place; the words are zero then.
    private var long: [UInt8]?
    private var inlineCount: UInt8 = 0

    static let inlineCapacity = 32

    var count: Int { long?.count ?? Int(inlineCount) }

    /// A copy of a range, which must lie within the span.
    @inline(__always)
    init(copying span: RawSpan, _ range: Range<Int>) {
        if range.count > Self.inlineCapacity {
            long = [UInt8](copying: span.extracting(range))
            return
        }
        inlineCount = UInt8(truncatingIfNeeded: range.count)
        word0 = Self.word(span, range.lowerBound, range.upperBound)
        word1 = Self.word(span, range.lowerBound + 8, range.upperBound)
        word2 = Self.word(span, range.lowerBound + 16, range.upperBound)
        word3 = Self.word(span, range.lowerBound + 24, range.upperBound)
    }

    init(_ bytes: [UInt8]) {
        self.init(copying: bytes.span.bytes, 0..<bytes.count)
    }

    /// Up to eight bytes from `start` on; those at `end` and after it are left out.
    @inline(__always)
    private static func word(_ span: RawSpan, _ start: Int, _ end: Int) -> UInt64 {
        if end - start >= 8 { return span.loadUInt64(start) }
        if end <= start { return 0 }
        var word: UInt64 = 0
        for place in start..<end { word |= UInt64(span.loadUInt8(place)) << UInt64(8 * (place - start)) }
        return word
    }

    /// Bytes 0...7 as a big-endian number.
    var high: UInt64 { word0.byteSwapped }
    /// Bytes 8...15 as a big-endian number.
    var low: UInt64 { word1.byteSwapped }

    /// The bytes in wire order.
    var array: [UInt8] {
        var writer = ByteWriter(capacity: count)
        encode(into: &writer)
        return writer.finish()
    }

    func encode(into writer: inout ByteWriter) {
        if let long { return writer.writeBytes(long) }
        writer.writeBlock(Int(inlineCount)) { bytes, base in store(into: &bytes, at: base) }
    }

    /// Writes the bytes that lie in place: whole words, then what is left of the last one.
    @inline(__always)
    private func store(into bytes: inout MutableRawSpan, at base: Int) {
        let count = Int(inlineCount)
        var place = 0
        while count - place >= 8 {
            bytes.store(word(place), at: base + place)
            place += 8
        }
        var rest = place < count ? word(place) : 0
        if count & 4 != 0 {
            bytes.store(UInt32(truncatingIfNeeded: rest), at: base + place)
            rest >>= 32
            place += 4
        }
        if count & 2 != 0 {
            let pair = UInt16(truncatingIfNeeded: rest).littleEndian
            bytes.storeBytes(of: pair, toByteOffset: base + place, as: UInt16.self)
            rest >>= 16
            place += 2
        }
        if count & 1 != 0 {
            bytes.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: base + place, as: UInt8.self)
        }
    }

    /// The word that holds the byte at a place below 32.
    @inline(__always)
    private func word(_ place: Int) -> UInt64 {
        switch place >> 3 {
        case 0: word0
        case 1: word1
        case 2: word2
        default: word3
        }
    }
}
