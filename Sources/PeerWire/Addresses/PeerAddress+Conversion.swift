extension PeerAddress {
    /// The same address as `addr` and `version` have it. What it embeds goes by its own network: IPv4, or Tor with
    /// short names; anything else is IPv6.
    public init(_ address: NetworkAddress, time: UInt32 = 0) {
        let bytes = address.bytes
        let (network, host): (AddressNetwork, HostBytes) =
            if address.ipv4 != nil {
                (.ipv4, HostBytes(copying: bytes.span.bytes, 12..<16))
            } else if address.isOnion {
                (.torV2, HostBytes(copying: bytes.span.bytes, 6..<16))
            } else {
                (.ipv6, HostBytes(copying: bytes.span.bytes, 0..<16))
            }
        self.init(time: time, services: address.services, trusting: network, host, port: address.port)
    }

    /// The same entry of an `addr`.
    public init(_ entry: TimestampedAddress) {
        self.init(entry.address, time: entry.time)
    }

    /// The address in the form of `version` and `addr`; `nil` for networks that form cannot hold, and for an IPv6
    /// address that would turn into one of another network (``isMisembedded``).
    public var networkAddress: NetworkAddress? {
        switch network {
        case .ipv4:
            NetworkAddress(services: services, high: 0, low: 0xffff_0000_0000 | host.high >> 32, port: port)
        case .ipv6 where !isMisembedded:
            NetworkAddress(services: services, high: host.high, low: host.low, port: port)
        case .torV2:
            NetworkAddress(services: services, bytes: NetworkAddress.onionPrefixBytes + hostBytes, port: port)
        default: nil
        }
    }

    /// The entry in the form of `addr`; `nil` as for ``networkAddress``.
    public var timestampedAddress: TimestampedAddress? {
        networkAddress.map { TimestampedAddress(time: time, address: $0) }
    }
}

extension NetworkAddress {
    static let onionPrefixBytes: [UInt8] = [0xfd, 0x87, 0xd8, 0x7e, 0xeb, 0x43]

    /// True for an address that embeds a short Tor name: `fd87:d87e:eb43::/48`.
    public var isOnion: Bool { high >> 16 == Self.onionPrefix }
}
