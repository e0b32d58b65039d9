/// Bytes as `hexdump -C` prints them.
enum Hexdump {
    private static let bytesPerLine = 16
    private static let digits = Array("0123456789abcdef".utf8)

    /// The lines of the first `limit` bytes, each with its line feed: the offset, sixteen bytes in hexadecimal, the
    /// same as text. Lines that repeat the one before are one `*`; the last line is the number of bytes. Beyond the
    /// limit a line says how many bytes were left out instead.
    static func text(of bytes: ArraySlice<UInt8>, limit: Int) -> String {
        let shown = bytes.prefix(max(0, limit))
        var text: [UInt8] = []
        text.reserveCapacity((shown.count / bytesPerLine + 2) * 79)
        var previous: ArraySlice<UInt8> = []
        var isRepeating = false
        var place = shown.startIndex
        while place < shown.endIndex {
            let line = shown[place..<min(place + bytesPerLine, shown.endIndex)]
            if line.count == bytesPerLine, line == previous {
                if !isRepeating { text += [0x2a, 0x0a] }
                isRepeating = true
            } else {
                append(line, at: place - shown.startIndex, to: &text)
                isRepeating = false
            }
            previous = line
            place += bytesPerLine
        }
        if shown.count < bytes.count {
            text += Array("... \(bytes.count - shown.count) more bytes left out\n".utf8)
        } else if !shown.isEmpty {
            appendOffset(shown.count, to: &text)
            text.append(0x0a)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func append(_ line: ArraySlice<UInt8>, at offset: Int, to text: inout [UInt8]) {
        appendOffset(offset, to: &text)
        for column in 0..<bytesPerLine {
            text.append(0x20)
            if column % 8 == 0 { text.append(0x20) }
            if column < line.count {
                let byte = Int(line[line.startIndex + column])
                text.append(digits[byte >> 4])
                text.append(digits[byte & 15])
            } else {
                text += [0x20, 0x20]
            }
        }
        text += [0x20, 0x20, 0x7c]
        for byte in line { text.append((0x20...0x7e).contains(byte) ? byte : 0x2e) }
        text += [0x7c, 0x0a]
    }

    /// Eight digits at least.
    private static func appendOffset(_ offset: Int, to text: inout [UInt8]) {
        var shift = max(28, (Int.bitWidth - offset.leadingZeroBitCount - 1) / 4 * 4)
        while shift >= 0 {
            text.append(digits[offset >> shift & 15])
            shift -= 4
        }
    }
}
