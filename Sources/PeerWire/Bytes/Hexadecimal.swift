/// Hexadecimal text, lower case, two digits a byte.
enum Hexadecimal {
    static func append(_ byte: UInt8, to text: inout String) {
        text.unicodeScalars.append(digit(byte >> 4))
        text.unicodeScalars.append(digit(byte & 15))
    }

    private static func digit(_ value: UInt8) -> Unicode.Scalar {
        Unicode.Scalar(value < 10 ? 0x30 + value : 0x57 + value)
    }

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes { append(byte, to: &text) }
        return text
    }

    /// The bytes of a text; `nil` for an odd number of digits or anything that is no digit.
    static func bytes(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for character in text.utf8 {
            guard let value = value(of: character) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : nil
    }

    static func value(of character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x41...0x46: character - 0x37
        case 0x61...0x66: character - 0x57
        default: nil
        }
    }
}
