/// The twelve-byte command of a message header, such as `version` or `dsproof-beta`.
///
/// Kept as the twelve bytes of the wire in two words, so that comparing commands is comparing integers. Any twelve
/// bytes can be held: what a peer sends is not trusted to be text.
///
/// Source: `PROTOCOL` 1.1 (message header).
public struct Command: Hashable, Sendable, BitwiseCopyable {
    /// Number of bytes a command takes in a header.
    public static let byteCount = 12

    /// Bytes 0...7 of the command, least significant first.
    public let low: UInt64
    /// Bytes 8...11 of the command, least significant first.
    public let high: UInt32

    /// A command from its two words, as read from a header.
    @inlinable
    public init(low: UInt64, high: UInt32) {
        self.low = low
        self.high = high
    }

    /// A command from its name; `nil` unless the name is 1...12 printable ASCII characters.
    public init?(_ name: String) {
        let utf8 = Array(name.utf8)
        guard (1...Self.byteCount).contains(utf8.count), utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return nil
        }
        self.init(padding: utf8)
    }

    /// A command whose name stands in the source.
    ///
    /// - Precondition: the name is 1...12 printable ASCII characters.
    public init(literal name: StaticString) {
        let utf8 = Array(name.description.utf8)
        precondition(
            (1...Self.byteCount).contains(utf8.count) && utf8.allSatisfy { (0x21...0x7e).contains($0) },
            "a command is 1 to 12 printable characters")
        self.init(padding: utf8)
    }

    init(padding bytes: [UInt8]) {
        var low: UInt64 = 0
        var high: UInt32 = 0
        for (index, byte) in bytes.prefix(Self.byteCount).enumerated() {
            if index < 8 {
                low |= UInt64(byte) << (8 * UInt64(index))
            } else {
                high |= UInt32(byte) << (8 * UInt32(index - 8))
            }
        }
        self.init(low: low, high: high)
    }

    /// The byte at a place in `0..<12`.
    private func byte(at index: Int) -> UInt8 {
        index < 8
            ? UInt8(truncatingIfNeeded: low >> (8 * UInt64(index)))
            : UInt8(truncatingIfNeeded: high >> (8 * UInt32(index - 8)))
    }

    /// The twelve bytes as they stand in a header.
    public var bytes: [UInt8] {
        (0..<Self.byteCount).map { byte(at: $0) }
    }

    /// True when every byte is printable ASCII or zero, wherever the zeros are: it can be kept, shown and sent again,
    /// and is no command of the protocol unless it ``isWellFormed``.
    public var isReadable: Bool {
        (0..<Self.byteCount).allSatisfy { byte(at: $0) == 0 || (0x20...0x7e).contains(byte(at: $0)) }
    }

    /// True when the bytes are printable ASCII followed by zeros only, which is what every honest sender writes.
    public var isWellFormed: Bool {
        var ended = false
        for index in 0..<Self.byteCount {
            let byte = byte(at: index)
            if byte == 0 {
                ended = true
            } else if ended || !(0x20...0x7e).contains(byte) {
                return false
            }
        }
        return low & 0xff != 0
    }
}

extension Command: CustomStringConvertible {
    /// The name, with bytes outside printable ASCII shown as `\xNN` so that it is safe to log.
    public var description: String {
        let raw = bytes
        let end = (raw.lastIndex { $0 != 0 } ?? -1) + 1
        var text = ""
        for byte in raw[..<end] {
            if (0x20...0x7e).contains(byte), byte != 0x5c {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16)
                text += "\\x" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return text
    }
}
