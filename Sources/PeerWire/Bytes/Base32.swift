/// Base32 text without padding, in lower case: five bits a character. RFC 4648.
enum Base32 {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                text.unicodeScalars.append(digit(bits >> count & 31))
            }
        }
        if count > 0 { text.unicodeScalars.append(digit(bits << (5 - count) & 31)) }
        return text
    }

    /// The bytes of a text in either case; `nil` for anything that is no digit, for a length that no bytes have, and
    /// when the bits left over are not zero.
    static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 5 / 8)
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for character in text {
            guard let value = value(of: character) else { return nil }
            bits = bits << 5 | value
            count += 5
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
                bits &= (1 << count) - 1
            }
        }
        return count < 5 && bits == 0 ? bytes : nil
    }

    private static func digit(_ value: UInt32) -> Unicode.Scalar {
        Unicode.Scalar(UInt8(truncatingIfNeeded: value < 26 ? 0x61 + value : 0x18 + value))
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case 0x61...0x7a: UInt32(character) - 0x61
        case 0x41...0x5a: UInt32(character) - 0x41
        case 0x32...0x37: UInt32(character) - 0x18
        default: nil
        }
    }
}
