/// IPv4 and IPv6 addresses read from text. Strict: nothing before or after, no zone, no octal numbers.
enum IPAddressText {
    /// Four decimal numbers with dots, as a big-endian number.
    static func ipv4(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: 0x2e, maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let octet = HostPort.decimal(part, maximum: 255) else { return nil }
            address = address << 8 | UInt32(truncatingIfNeeded: octet)
        }
        return address
    }

    /// Any form of RFC 4291: eight groups, fewer around one `::`, the last two perhaps as a dotted quad. The halves are
    /// big-endian numbers.
    static func ipv6(_ text: ArraySlice<UInt8>) -> (high: UInt64, low: UInt64)? {
        // The longest form: six groups of four digits and a dotted quad.
        guard text.count <= 45 else { return nil }
        let whole: [UInt16]
        if let hole = firstDoubleColon(text) {
            guard
                let left = groups(text[..<hole], mayEndWithQuad: false),
                let right = groups(text[(hole + 2)...], mayEndWithQuad: true), left.count + right.count < 8
            else { return nil }
            whole = left + [UInt16](repeating: 0, count: 8 - left.count - right.count) + right
        } else {
            guard let all = groups(text, mayEndWithQuad: true), all.count == 8 else { return nil }
            whole = all
        }
        return (joined(whole[0..<4]), joined(whole[4..<8]))
    }

    private static func firstDoubleColon(_ text: ArraySlice<UInt8>) -> Int? {
        text.indices.dropLast().first { text[$0] == 0x3a && text[$0 + 1] == 0x3a }
    }

    /// Groups with colons between them; none for no text. A group without digits, as a colon too many makes, is wrong.
    private static func groups(_ text: ArraySlice<UInt8>, mayEndWithQuad: Bool) -> [UInt16]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: 0x3a, omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndWithQuad, index == parts.count - 1, let quad = ipv4(part) {
                groups.append(UInt16(truncatingIfNeeded: quad >> 16))
                groups.append(UInt16(truncatingIfNeeded: quad))
            } else {
                guard let group = group(part) else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    /// One to four hexadecimal digits.
    private static func group(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(digits.count) else { return nil }
        var group: UInt16 = 0
        for digit in digits {
            guard let value = Hexadecimal.value(of: digit) else { return nil }
            group = group << 4 | UInt16(value)
        }
        return group
    }

    private static func joined(_ groups: ArraySlice<UInt16>) -> UInt64 {
        groups.reduce(0) { $0 << 16 | UInt64($1) }
    }
}
