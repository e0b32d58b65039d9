extension NetworkAddress: LosslessStringConvertible {
    /// An address from its text with a port, without services: `1.2.3.4:8333`, `[2a02::1]:8333`, or a short Tor name
    /// `name.onion:8333`, which is embedded.
    public init?(_ description: String) {
        self.init(description, defaultPort: nil)
    }

    /// An address from its text: `1.2.3.4:8333`, `[2a02::1]:8333`, or a short Tor name `name.onion:8333`, which is
    /// embedded. `nil` for names of other networks, and for host names: nothing is looked up.
    ///
    /// - Parameters:
    ///   - text: the text, without anything around it.
    ///   - services: what the node offers.
    ///   - defaultPort: the port of a text without one; `nil` refuses such a text. An IPv6 address without a port needs
    ///     no brackets.
    public init?(_ text: String, services: Services = [], defaultPort: UInt16?) {
        guard let parts = HostPort(text, defaultPort: defaultPort) else { return nil }
        if !parts.isBracketed, let name = HiddenServiceName.parse(parts.host) {
            guard name.network == .torV2 else { return nil }
            self.init(services: services, bytes: Self.onionPrefixBytes + name.host, port: parts.port)
        } else {
            self.init(address: parts, services: services)
        }
    }

    /// An IPv4 or IPv6 address.
    init?(address parts: HostPort, services: Services) {
        if !parts.isBracketed, let quad = IPAddressText.ipv4(parts.host) {
            self.init(services: services, high: 0, low: 0xffff_0000_0000 | UInt64(quad), port: parts.port)
        } else {
            guard let (high, low) = IPAddressText.ipv6(parts.host) else { return nil }
            self.init(services: services, high: high, low: low, port: parts.port)
        }
    }
}
