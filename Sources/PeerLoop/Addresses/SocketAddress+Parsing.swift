internal import Glibc

/// A text that is not `HOST:PORT`, or a host that has no address.
public enum AddressError: Error, Hashable, Sendable {
    /// The text has no port, or one outside 0...65535, or an unbalanced bracket, or a zero in its host.
    case malformed(String)
    /// The host is a name, where only a numeric address is taken.
    case notNumeric(String)
    /// The name has no address, or the resolver failed; `reason` is the resolver's own words.
    case unresolvable(host: String, reason: String)
}

extension AddressError: CustomStringConvertible {
    /// One line that names the text and says what was expected.
    public var description: String {
        switch self {
        case .malformed(let text): "'\(text)' is not HOST:PORT (IPv6 as [ADDRESS]:PORT, port 0 to 65535)"
        case .notNumeric(let host): "'\(host)' is not a numeric IPv4 or IPv6 address"
        case .unresolvable(let host, let reason): "cannot resolve '\(host)': \(reason)"
        }
    }
}

/// A host, by name or number, and a port.
public struct HostAndPort: Hashable, Sendable {
    /// The host without brackets.
    public let host: String
    /// The port, 0...65535.
    public let port: UInt16

    /// A host without brackets, and a port.
    ///
    /// Throws ``AddressError/malformed(_:)`` when the host is empty or has a zero byte.
    public init(host: String, port: UInt16) throws(AddressError) {
        if host.isEmpty || host.utf8.contains(0) { throw .malformed(host) }
        self.host = host
        self.port = port
    }

    /// Splits `host:port` or `[ipv6]:port`. With `defaultPort` the port may be left out.
    ///
    /// Throws ``AddressError/malformed(_:)``.
    public init(_ text: String, defaultPort: UInt16? = nil) throws(AddressError) {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { throw .malformed(text) }
            host = text[text.index(after: text.startIndex)..<close]
            rest = text[text.index(after: close)...]
        } else if let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon {
            host = text[..<colon]
            rest = text[colon...]
        } else if !text.contains(":") {
            host = text[...]
            rest = ""
        } else {
            throw .malformed(text)
        }
        // The system's resolver would stop at a zero, and look up another name than the one that was given.
        guard !host.isEmpty, !host.utf8.contains(0) else { throw .malformed(text) }
        self.host = String(host)
        if rest.isEmpty, let defaultPort {
            port = defaultPort
        } else if rest.hasPrefix(":"), rest.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = UInt16(rest.dropFirst())
        {
            port = number
        } else {
            throw .malformed(text)
        }
    }
}

extension HostAndPort: CustomStringConvertible {
    /// `host:port`, or `[host]:port` where the host has a colon.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension SocketAddress {
    /// Reads `203.0.113.7:8333` or `[2001:db8::1]:8333`; names are refused, nothing is looked up.
    ///
    /// Throws ``AddressError``.
    public init(_ text: String, defaultPort: UInt16? = nil) throws(AddressError) {
        let parts = try HostAndPort(text, defaultPort: defaultPort)
        guard let address = SocketAddress(numericHost: parts.host, port: parts.port) else {
            throw .notNumeric(parts.host)
        }
        self = address
    }

    /// An address from a numeric host, `nil` for anything else.
    public init?(numericHost host: String, port: UInt16) {
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            let value = UInt64(UInt32(bigEndian: four.s_addr))
            self.init(family: .ipv4, high: 0, low: 0xffff_0000_0000 | value, port: port)
            return
        }
        var six = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, host, &six) == 1 else { return nil }
        self.init(family: .ipv6, bytes: six, port: port)
    }

    init(family: Family, bytes: [UInt8], port: UInt16, scope: UInt32 = 0) {
        let high = bytes[0..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let low = bytes[8..<16].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.init(family: family, high: high, low: low, port: port, scope: scope)
    }

    /// All addresses of a host, by number or by name. **Blocks** while the system's resolver works, so it is called on
    /// a worker, never on a loop.
    ///
    /// Throws ``AddressError/unresolvable(host:reason:)``.
    public static func resolve(_ target: HostAndPort) throws(AddressError) -> [SocketAddress] {
        if let numeric = SocketAddress(numericHost: target.host, port: target.port) { return [numeric] }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(target.host, nil, &hints, &list)
        guard status == 0 else {
            throw .unresolvable(host: target.host, reason: String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let address = SocketAddress(entry.pointee.ai_addr), !found.contains(address.with(port: target.port)) {
                found.append(address.with(port: target.port))
            }
            next = entry.pointee.ai_next
        }
        if found.isEmpty { throw .unresolvable(host: target.host, reason: "no address") }
        return found
    }
}
