/// In which order the addresses of a host are tried.
public enum AddressOrder: Hashable, Sendable, BitwiseCopyable {
    /// An IPv6 address, an IPv4 address, an IPv6 address and so on (RFC 8305, section 4).
    case ipv6First
    /// The same, beginning with an IPv4 address.
    case ipv4First
    /// As the resolver gave them, for one that knows better.
    case asGiven

    /// The addresses in this order, each of them once. Those of one family stay in the order they had.
    func sorted(_ addresses: [SocketAddress]) -> [SocketAddress] {
        var seen: Set<SocketAddress> = []
        let addresses = addresses.filter { seen.insert($0).inserted }
        let six = addresses.filter { $0.family == .ipv6 }
        let four = addresses.filter { $0.family == .ipv4 }
        switch self {
        case .ipv6First: return Self.alternate(six, four)
        case .ipv4First: return Self.alternate(four, six)
        case .asGiven: return addresses
        }
    }

    private static func alternate(_ first: [SocketAddress], _ second: [SocketAddress]) -> [SocketAddress] {
        let shared = min(first.count, second.count)
        return zip(first, second).flatMap { [$0, $1] } + first[shared...] + second[shared...]
    }
}
