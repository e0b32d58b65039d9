extension PeerAddress {
    /// An address from its text, of any known network: `1.2.3.4:8333`, `[2a02::1]:8333`, `name.onion:8333`,
    /// `name.b32.i2p:0`.
    ///
    /// Names and hexadecimal digits may be in any case; the checksum of a Tor name must be right. What an IPv6 address
    /// embeds goes by its own network: `[::ffff:1.2.3.4]:1` is IPv4, an address out of `fc00::/8` is CJDNS.
    ///
    /// - Parameters:
    ///   - text: the text, without anything around it.
    ///   - time: when the node was last seen, in seconds since 1970.
    ///   - services: what the node offers.
    ///   - defaultPort: the port of a text without one; `nil` refuses such a text. An IPv6 address without a port needs
    ///     no brackets.
    public init?(_ text: String, time: UInt32 = 0, services: Services = [], defaultPort: UInt16?) {
        guard let parts = HostPort(text, defaultPort: defaultPort) else { return nil }
        if !parts.isBracketed, let name = HiddenServiceName.parse(parts.host) {
            self.init(
                time: time, services: services, trusting: name.network, HostBytes(name.host), port: parts.port)
            return
        }
        guard let address = NetworkAddress(address: parts, services: services) else { return nil }
        if address.high >> 56 == 0xfc {
            self.init(
                time: time, services: services, trusting: .cjdns, HostBytes(address.bytes), port: address.port)
        } else {
            self.init(address, time: time)
        }
    }

    /// The host without the port: a dotted quad, an IPv6 address without brackets, a Tor or I2P name; of an unknown
    /// network its number and the bytes in hexadecimal, which no parser reads.
    public var hostText: String {
        switch network {
        case .ipv4: NetworkAddress.quadText(UInt32(truncatingIfNeeded: host.high >> 32))
        case .ipv6, .cjdns: NetworkAddress(high: host.high, low: host.low, port: 0).ipv6Text
        case .torV2: HiddenServiceName.torV2(hostBytes)
        case .torV3: HiddenServiceName.torV3(hostBytes)
        case .i2p: HiddenServiceName.i2p(hostBytes)
        default: "network-\(network.rawValue)-\(Hexadecimal.text(hostBytes))"
        }
    }
}

extension PeerAddress: CustomStringConvertible, LosslessStringConvertible {
    /// An address from its text with a port, with time 0 and no services.
    public init?(_ description: String) {
        self.init(description, defaultPort: nil)
    }

    /// Host and port, such as `1.2.3.4:8333`, `[2a02::1]:8333` or `name.onion:8333`, in lower case. Time and services
    /// are not shown.
    public var description: String {
        network == .ipv6 || network == .cjdns ? "[\(hostText)]:\(port)" : "\(hostText):\(port)"
    }
}
