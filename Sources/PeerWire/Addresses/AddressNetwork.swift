/// The kind of network an entry of `addrv2` belongs to. Unknown kinds are kept. Source: `PROTOCOL` 2.4, BIP 155.
public struct AddressNetwork: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    /// The number on the wire.
    public let rawValue: UInt8

    /// A kind from its number; none is refused.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// 1: IPv4, hosts of 4 bytes.
    @inlinable public static var ipv4: AddressNetwork { AddressNetwork(rawValue: 1) }
    /// 2: IPv6, hosts of 16 bytes.
    @inlinable public static var ipv6: AddressNetwork { AddressNetwork(rawValue: 2) }
    /// 3: Tor with short names, hosts of 10 bytes. Obsolete, and still passed on by common nodes.
    @inlinable public static var torV2: AddressNetwork { AddressNetwork(rawValue: 3) }
    /// 4: Tor, hosts of 32 bytes: the public key alone.
    @inlinable public static var torV3: AddressNetwork { AddressNetwork(rawValue: 4) }
    /// 5: I2P, hosts of 32 bytes.
    @inlinable public static var i2p: AddressNetwork { AddressNetwork(rawValue: 5) }
    /// 6: CJDNS, hosts of 16 bytes: an IPv6 address out of `fc00::/8`.
    @inlinable public static var cjdns: AddressNetwork { AddressNetwork(rawValue: 6) }

    /// Number of bytes of every host of this network; `nil` for an unknown network, whose hosts may have any.
    public var hostByteCount: Int? {
        switch self {
        case .ipv4: 4
        case .ipv6, .cjdns: 16
        case .torV2: 10
        case .torV3, .i2p: 32
        default: nil
        }
    }

    /// True for the networks named here.
    public var isKnown: Bool { hostByteCount != nil }
}

extension AddressNetwork: CustomStringConvertible {
    /// The name of the network, or its number.
    public var description: String {
        switch self {
        case .ipv4: "IPv4"
        case .ipv6: "IPv6"
        case .torV2: "Tor v2"
        case .torV3: "Tor v3"
        case .i2p: "I2P"
        case .cjdns: "CJDNS"
        default: "network \(rawValue)"
        }
    }
}
