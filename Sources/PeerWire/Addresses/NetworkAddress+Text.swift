extension NetworkAddress: CustomStringConvertible {
    /// `1.2.3.4:8333` for IPv4, `name.onion:8333` for an embedded Tor name, `[2a02::1]:8333` for anything else.
    /// Services are not shown.
    public var description: String { "\(hostText):\(port)" }

    /// The host with brackets around an IPv6 address, without the port.
    var hostText: String {
        if let ipv4 { return Self.quadText(ipv4) }
        return isOnion ? HiddenServiceName.torV2(Array(bytes.dropFirst(6))) : "[\(ipv6Text)]"
    }

    /// A dotted quad.
    static func quadText(_ address: UInt32) -> String {
        [24, 16, 8, 0].map { String(address >> UInt32($0) & 0xff) }.joined(separator: ".")
    }

    /// The eight groups, the longest run of two or more zero groups (the first of equals) shortened to `::`. RFC 5952.
    var ipv6Text: String {
        let groups = [high, low].flatMap { half in
            [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> UInt64($0)) }
        }
        let hole = Self.longestZeroRun(groups)
        if hole.count < 2 { return Self.join(groups[...]) }
        return Self.join(groups[..<hole.lowerBound]) + "::" + Self.join(groups[hole.upperBound...])
    }

    private static func join(_ groups: ArraySlice<UInt16>) -> String {
        groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 {
                start = index + 1
            } else if index + 1 - start > best.count {
                best = start..<(index + 1)
            }
        }
        return best
    }
}
