/// Reads the numbers of a Golomb coded set one after the other. The highest bit of each byte comes first.
struct GolombReader {
    /// The next bit.
    private(set) var position: Int
    private let end: Int
    private let riceBits: Int
    /// No number reaches it.
    private let range: UInt64
    private var left: Int
    private var value: UInt64 = 0

    /// A reader of `count` numbers from the byte at `start` to the end of the span.
    init(_ span: RawSpan, from start: Int, count: Int, _ parameters: GolombCodedSet.Parameters) {
        position = 8 * start
        end = 8 * span.byteCount
        riceBits = parameters.riceBits
        range = UInt64(count) &* UInt64(parameters.modulus)
        left = count
    }

    /// The next number, or `nil` after the last. The span must be the one of the initialiser.
    @inline(__always)
    mutating func next(_ span: RawSpan) throws(DecodeError) -> UInt64? {
        if left == 0 { return nil }
        let start = position
        let quotient = try readOnes(span)
        let remainder = try readRemainder(span)
        // The quotient is not over range >> riceBits and the range below 2^58, so that nothing overflows.
        value += quotient &<< UInt64(riceBits) | remainder
        if value >= range { throw Self.outOfRange(start) }
        left -= 1
        return value
    }

    /// As ``next(_:)`` for numbers that have been read before without a fault.
    @inline(__always)
    mutating func nextKnown(_ span: RawSpan) -> UInt64? {
        do throws(DecodeError) {
            return try next(span)
        } catch {
            return nil
        }
    }

    /// Counts ones up to a zero, which is passed over.
    @inline(__always)
    private mutating func readOnes(_ span: RawSpan) throws(DecodeError) -> UInt64 {
        let start = position
        let most = range &>> UInt64(riceBits)
        var count: UInt64 = 0
        while position < end {
            let valid = min(Self.windowBits, end - position)
            let ones = (~window(span)).leadingZeroBitCount
            if ones < valid {
                count += UInt64(ones)
                position += ones + 1
                if count > most { throw Self.outOfRange(start) }
                return count
            }
            count += UInt64(valid)
            position += valid
            // An honest sender's numbers end long before; a hostile one's need not be followed to the end.
            if count > most { throw Self.outOfRange(start) }
        }
        throw span.truncated(1, at: span.byteCount, "elements")
    }

    @inline(__always)
    private mutating func readRemainder(_ span: RawSpan) throws(DecodeError) -> UInt64 {
        if end - position < riceBits { throw span.truncated(1, at: span.byteCount, "elements") }
        if riceBits == 0 { return 0 }
        defer { position += riceBits }
        return window(span) &>> UInt64(64 - riceBits)
    }

    @inline(never)
    private static func outOfRange(_ position: Int) -> DecodeError {
        DecodeError(field: "elements", offset: position / 8, reason: .malformed("a number below count * modulus"))
    }

    /// So many bits of a window are always there, if the span has them: the first byte may be half read.
    private static let windowBits = 57

    /// The bits from `position` on, the first one on top. Past the end of the span they are 0.
    @inline(__always)
    private func window(_ span: RawSpan) -> UInt64 {
        let start = position &>> 3
        let shift = UInt64(truncatingIfNeeded: position & 7)
        if span.byteCount - start >= 8 { return span.loadUInt64(start).byteSwapped &<< shift }
        var bits: UInt64 = 0
        for place in start..<max(start, span.byteCount) {
            bits |= UInt64(span.loadUInt8(place)) &<< UInt64(56 - 8 * (place - start))
        }
        return bits &<< shift
    }
}
