/// A run of bytes out of a received payload, sharing its storage: scripts, payloads of unknown commands, raw blocks.
///
/// Taking one copies nothing, and as long as one is held the whole payload it came from stays in memory; ``detached()``
/// gives a copy that holds its own bytes only. Equal when the contents are.
public struct WireBytes: Sendable {
    let storage: [UInt8]
    let range: Range<Int>

    /// All bytes of an array, shared.
    public init(_ bytes: [UInt8]) {
        storage = bytes
        range = 0..<bytes.count
    }

    /// Part of an array, shared; `nil` unless the range lies within it.
    public init?(_ bytes: [UInt8], _ range: Range<Int>) {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return nil }
        storage = bytes
        self.range = range
    }

    /// A copy of the bytes of a span.
    public init(copying span: RawSpan) {
        self.init([UInt8](copying: span))
    }

    /// The range must lie within the bytes: for callers that have just read it.
    init(trusting bytes: [UInt8], _ range: Range<Int>) {
        storage = bytes
        self.range = range
    }

    /// No bytes.
    public static var empty: WireBytes { WireBytes([]) }

    /// Calls `body` with the bytes in place and returns its result.
    @inline(__always)
    public func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(storage.span.bytes.extracting(range))
    }

    /// The bytes as an array: the shared one when this view covers all of it, a copy otherwise.
    public var array: [UInt8] {
        range.count == storage.count ? storage : [UInt8](storage[range])
    }

    /// The same bytes without the payload they came from.
    public func detached() -> WireBytes { WireBytes(array) }

    /// The bytes as lower-case hexadecimal text, in wire order.
    public var hexadecimal: String { Hexadecimal.text(self) }
}

extension WireBytes: RandomAccessCollection {
    /// Always 0.
    public var startIndex: Int { 0 }
    /// Number of bytes.
    public var endIndex: Int { range.count }

    /// The byte at an index in `0..<count`.
    public subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < range.count, "index out of range")
        return storage[range.lowerBound + index]
    }
}

extension WireBytes: Hashable {
    /// Equal when the contents are.
    public static func == (left: WireBytes, right: WireBytes) -> Bool {
        left.withBytes { first in right.withBytes { second in first.hasSameBytes(as: second) } }
    }

    /// Hashes the contents.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(range.count)
        for byte in self { hasher.combine(byte) }
    }
}

extension WireBytes: ExpressibleByArrayLiteral {
    /// Bytes from a literal.
    public init(arrayLiteral elements: UInt8...) { self.init(elements) }
}

extension WireBytes: CustomStringConvertible {
    /// Hexadecimal text, cut after 64 bytes with the number of bytes that follow.
    public var description: String {
        count <= 64 ? hexadecimal : Hexadecimal.text(prefix(64)) + "... (\(count) bytes)"
    }
}
