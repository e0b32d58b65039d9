import PeerKit

/// Writes JSON straight into bytes, for output by the megabyte: no tree of values, no text in between.
///
/// All text is plain ASCII on the way out; anything else is escaped, so that nothing a peer sent can steer a terminal.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    var count: Int { bytes.count }

    /// Forgets what was written and keeps the memory, unless a giant has passed through it.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 4 << 20)
        needsComma = false
    }

    mutating func object(_ body: (inout JSONWriter) -> Void) {
        nest(0x7b, 0x7d, body)
    }

    mutating func object(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
        key(name)
        object(body)
    }

    mutating func array<Elements: Sequence>(
        _ name: StaticString, _ elements: Elements, _ body: (inout JSONWriter, Elements.Element) -> Void
    ) {
        key(name)
        nest(0x5b, 0x5d) { writer in
            for element in elements { body(&writer, element) }
        }
    }

    /// Ends a line.
    mutating func newLine() {
        bytes.append(0x0a)
        needsComma = false
    }

    private mutating func nest(_ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(open)
        needsComma = false
        body(&self)
        bytes.append(close)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2c) }
        needsComma = true
    }

    private mutating func key(_ name: StaticString) {
        separate()
        bytes.append(0x22)
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(0x22)
        bytes.append(0x3a)
        needsComma = false
    }

    /// Text that is known to need no escapes.
    private mutating func append(plain text: String) {
        bytes.append(contentsOf: text.utf8)
    }
}

// MARK: - Values

extension JSONWriter {
    mutating func field(_ name: StaticString, _ value: some BinaryInteger) {
        key(name)
        integer(value)
    }

    mutating func field(_ name: StaticString, _ value: Bool) {
        key(name)
        separate()
        append(plain: value ? "true" : "false")
    }

    mutating func field(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    mutating func field(_ name: StaticString, _ value: Hash256) {
        key(name)
        hash(value)
    }

    mutating func null(_ name: StaticString) {
        key(name)
        separate()
        append(plain: "null")
    }

    /// A 64-bit pattern that means nothing as a number, as decimal text: many readers of JSON know doubles only.
    mutating func field(_ name: StaticString, opaque value: UInt64) {
        key(name)
        separate()
        append(plain: "\"\(value)\"")
    }

    mutating func field(_ name: StaticString, hex span: RawSpan) {
        key(name)
        separate()
        bytes.append(0x22)
        hex(span)
        bytes.append(0x22)
    }

    mutating func field(_ name: StaticString, hex value: WireBytes) {
        value.withBytes { field(name, hex: $0) }
    }

    mutating func field(_ name: StaticString, hex value: [UInt8]) {
        field(name, hex: value.span.bytes)
    }

    /// Seconds with three decimals.
    mutating func field(_ name: StaticString, seconds value: Duration) {
        key(name)
        separate()
        append(plain: value.secondsText)
    }

    mutating func integer(_ value: some BinaryInteger) {
        separate()
        append(plain: String(value))
    }

    /// 64 digits in display order: the most significant word first.
    mutating func hash(_ value: Hash256) {
        separate()
        bytes.append(0x22)
        for word in [value.word3, value.word2, value.word1, value.word0] {
            for shift in stride(from: UInt64(60), through: 0, by: -4) {
                bytes.append(Self.digit(UInt8(truncatingIfNeeded: word >> shift) & 15))
            }
        }
        bytes.append(0x22)
    }

    mutating func string(_ value: String) {
        separate()
        bytes.append(0x22)
        for scalar in value.unicodeScalars { append(scalar) }
        bytes.append(0x22)
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": append(plain: "\\\"")
        case "\\": append(plain: "\\\\")
        case "\n": append(plain: "\\n")
        case "\r": append(plain: "\\r")
        case "\t": append(plain: "\\t")
        case " "..."~": bytes.append(UInt8(truncatingIfNeeded: scalar.value))
        default:
            for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                append(plain: "\\u")
                for shift in [12, 8, 4, 0] as [UInt16] {
                    bytes.append(Self.digit(UInt8(truncatingIfNeeded: unit >> shift) & 15))
                }
            }
        }
    }

    private mutating func hex(_ span: RawSpan) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: 2 * span.byteCount))
        var output = bytes.mutableSpan
        span.withUnsafeBytes { input in
            var place = start
            for byte in input {
                output[place] = Self.digit(byte >> 4)
                output[place + 1] = Self.digit(byte & 15)
                place += 2
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}

extension Duration {
    /// Seconds with three decimals, cut: `12.345`.
    var secondsText: String {
        let (seconds, attoseconds) = components
        let thousandths = String(attoseconds.magnitude / 1_000_000_000_000_000)
        let sign = seconds < 0 || attoseconds < 0 ? "-" : ""
        return sign + "\(seconds.magnitude)." + String(repeating: "0", count: 3 - thousandths.count) + thousandths
    }
}
