/// Where a node can be reached, on any kind of network: an entry of `addrv2`.
///
/// On the wire: time, services as CompactSize, network, host with its length, port. Hosts of unknown networks are kept
/// as received, and receivers pass over them. Source: `PROTOCOL` 2.4, BIP 155.
public struct PeerAddress: Hashable, Sendable {
    /// When the node was last seen, in seconds since 1970.
    public var time: UInt32
    /// The port; 0 where unknown, and for I2P by convention.
    public var port: UInt16
    /// The kind of network.
    public let network: AddressNetwork
    /// What the node offers, as its advertiser says.
    public var services: Services
    let host: HostBytes

    /// An address from the bytes of its host, in wire order; `nil` when the network is known and its hosts have another
    /// number of bytes.
    ///
    /// Any number will do for an unknown network, but receivers refuse a message with more than 512.
    public init?(
        time: UInt32 = 0, services: Services = [], network: AddressNetwork, hostBytes: [UInt8], port: UInt16
    ) {
        if let needed = network.hostByteCount, needed != hostBytes.count { return nil }
        self.init(time: time, services: services, trusting: network, HostBytes(hostBytes), port: port)
    }

    /// For callers that have looked at the length.
    @inline(__always)
    init(time: UInt32, services: Services, trusting network: AddressNetwork, _ host: HostBytes, port: UInt16) {
        self.time = time
        self.services = services
        self.network = network
        self.host = host
        self.port = port
    }

    /// The bytes of the host in wire order.
    public var hostBytes: [UInt8] { host.array }

    /// Number of bytes of the host.
    public var hostByteCount: Int { host.count }

    /// True for an IPv6 address that embeds IPv4 (`::ffff:0:0/96`) or a short Tor name (`fd87:d87e:eb43::/48`): those
    /// have networks of their own here, and receivers ignore such an entry.
    public var isMisembedded: Bool {
        network == .ipv6
            && (host.high == 0 && host.low >> 32 == 0xffff || host.high >> 16 == NetworkAddress.onionPrefix)
    }
}

extension NetworkAddress {
    /// The first six bytes of an IPv6 address that embeds a short Tor name, as a number.
    static let onionPrefix: UInt64 = 0xfd87_d87e_eb43
}

extension PeerAddress {
    /// Time, the shortest services, network, the length of no host, port.
    static let minimumByteCount = 4 + 1 + 1 + 1 + 2

    @inline(__always)
    static func decode(
        from span: RawSpan, at offset: inout Int, maximumHostLength: UInt64
    ) throws(DecodeError) -> PeerAddress {
        let time = try span.readUInt32(at: &offset, "address time")
        let services = try CompactSize.decode(from: span, at: &offset, maximum: .max, "address services")
        let network = AddressNetwork(rawValue: try span.readUInt8(at: &offset, "address network"))
        let start = offset
        let range = try span.readByteRange(at: &offset, maximum: maximumHostLength, "address host")
        if let needed = network.hostByteCount, needed != range.count {
            throw DecodeError(
                field: "address host", offset: start, reason: .malformed("as many bytes as hosts of its network have"))
        }
        let port = try span.readUInt16BigEndian(at: &offset, "address port")
        return PeerAddress(
            time: time, services: Services(rawValue: services), trusting: network, HostBytes(copying: span, range),
            port: port)
    }

    var encodedLength: Int {
        4 + CompactSize.encodedLength(services.rawValue) + 1 + CompactSize.encodedLength(host.count) + host.count + 2
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeUInt32(time)
        writer.writeCompactSize(services.rawValue)
        writer.writeUInt8(network.rawValue)
        writer.writeCount(host.count)
        host.encode(into: &writer)
        writer.writeUInt16BigEndian(port)
    }
}
