internal import Glibc

/// An IPv4 or IPv6 address with a port, as plain bytes: cheap to copy, compare and hash.
public struct SocketAddress: Hashable, Sendable, BitwiseCopyable {
    /// The address family.
    public enum Family: UInt8, Sendable, Hashable, BitwiseCopyable {
        /// Four bytes of address.
        case ipv4
        /// Sixteen bytes of address.
        case ipv6
    }

    /// The address family.
    public let family: Family
    /// The port, 0...65535.
    public let port: UInt16
    /// The interface of a link-local IPv6 address, 0 for any other.
    public let scope: UInt32
    /// Bytes 0...7 of the IPv6 form, most significant first.
    let high: UInt64
    /// Bytes 8...15 of the IPv6 form, most significant first.
    let low: UInt64

    init(family: Family, high: UInt64, low: UInt64, port: UInt16, scope: UInt32 = 0) {
        self.family = family
        self.high = high
        self.low = low
        self.port = port
        self.scope = scope
    }

    /// An IPv4 address from its four bytes in the order they are written.
    public init(ipv4 a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16) {
        let value = UInt64(a) << 24 | UInt64(b) << 16 | UInt64(c) << 8 | UInt64(d)
        self.init(family: .ipv4, high: 0, low: 0xffff_0000_0000 | value, port: port)
    }

    /// `0.0.0.0:0`: no address in particular, said where none is known.
    public static let unspecified = SocketAddress(ipv4: 0, 0, 0, 0, port: 0)

    /// The address as sixteen bytes, an IPv4 address in its mapped form (`::ffff:a.b.c.d`).
    public var mappedBytes: [UInt8] {
        (0..<16).map { index in
            let word = index < 8 ? high : low
            return UInt8(truncatingIfNeeded: word >> (8 * UInt64(7 - index % 8)))
        }
    }

    /// The same address with another port.
    public func with(port: UInt16) -> SocketAddress {
        SocketAddress(family: family, high: high, low: low, port: port, scope: scope)
    }

    /// The IPv4 address that an IPv6 one embeds as `::ffff:a.b.c.d`, which is how a socket for both families tells IPv4
    /// addresses; any other address as it is.
    public var unmapped: SocketAddress {
        guard family == .ipv6, high == 0, low >> 32 == 0xffff else { return self }
        return SocketAddress(family: .ipv4, high: high, low: low, port: port)
    }

    /// True for an address of this machine (127.0.0.0/8, ::1).
    public var isLoopback: Bool {
        switch family {
        case .ipv4: low >> 24 & 0xff == 127
        case .ipv6: high == 0 && low == 1
        }
    }

    /// The same address with port 0: what a limit by address counts.
    public var hostOnly: SocketAddress { with(port: 0) }
}

extension SocketAddress: CustomStringConvertible {
    /// `203.0.113.7:8333` or `[2001:db8::1]:8333`.
    public var description: String {
        switch family {
        case .ipv4:
            let value = UInt32(truncatingIfNeeded: low)
            return "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255):\(port)"
        case .ipv6:
            return "[\(ipv6Text)]:\(port)"
        }
    }

    /// The address without its port.
    public var hostDescription: String {
        switch family {
        case .ipv4: String(description.prefix { $0 != ":" })
        case .ipv6: ipv6Text
        }
    }

    private var ipv6Text: String {
        var bytes = mappedBytes
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
