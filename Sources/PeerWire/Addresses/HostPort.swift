/// A host and a port cut out of a text, the host not looked at yet.
struct HostPort {
    let host: ArraySlice<UInt8>
    /// The host stood in brackets, where only an IPv6 address may.
    let isBracketed: Bool
    let port: UInt16

    /// Cuts `host:port` or `[host]:port`. The port may be left out when there is one to take instead; an IPv6 address
    /// needs no brackets then. `nil` for anything else.
    init?(_ text: String, defaultPort: UInt16?) {
        let bytes = Array(text.utf8)
        let end: Int
        if bytes.first == 0x5b {
            guard let close = bytes.firstIndex(of: 0x5d) else { return nil }
            host = bytes[1..<close]
            isBracketed = true
            end = close + 1
        } else {
            isBracketed = false
            let colons = bytes.indices.filter { bytes[$0] == 0x3a }
            end = colons.count == 1 ? colons[0] : bytes.count
            host = bytes[..<end]
        }
        if end == bytes.count {
            guard let defaultPort else { return nil }
            port = defaultPort
        } else {
            guard bytes[end] == 0x3a, let number = Self.decimal(bytes[(end + 1)...], maximum: 65_535) else {
                return nil
            }
            port = UInt16(truncatingIfNeeded: number)
        }
    }

    /// A decimal number of one to five digits, without leading zeros.
    static func decimal(_ digits: ArraySlice<UInt8>, maximum: Int) -> Int? {
        guard (1...5).contains(digits.count), digits.count == 1 || digits.first != 0x30 else { return nil }
        var number = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            number = number * 10 + Int(digit) - 0x30
        }
        return number <= maximum ? number : nil
    }
}
