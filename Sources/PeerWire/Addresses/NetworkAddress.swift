/// Where a node can be reached, in the form of the first address messages: services, sixteen bytes of IPv6, port.
///
/// 26 bytes on the wire. An IPv4 address is the IPv6 address `::ffff:a.b.c.d`. Every sixteen bytes are kept, whatever
/// they embed. Source: `PROTOCOL` 2.3.
public struct NetworkAddress: Hashable, Sendable, BitwiseCopyable {
    /// Number of bytes on the wire, without a time.
    public static let byteCount = 26

    /// What the node offers, as its advertiser says.
    public var services: Services
    /// Bytes 0...7 of the IPv6 address as a big-endian number: the network half.
    public var high: UInt64
    /// Bytes 8...15 of the IPv6 address as a big-endian number: the host half.
    public var low: UInt64
    /// The port, 0 where unknown.
    public var port: UInt16

    /// An address from the two halves of its IPv6 address.
    public init(services: Services = [], high: UInt64, low: UInt64, port: UInt16) {
        self.services = services
        self.high = high
        self.low = low
        self.port = port
    }

    /// An IPv4 address from its four octets.
    public init(services: Services = [], ipv4 a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16) {
        let octets = UInt64(a) << 24 | UInt64(b) << 16 | UInt64(c) << 8 | UInt64(d)
        self.init(services: services, high: 0, low: 0xffff_0000_0000 | octets, port: port)
    }

    /// An address from sixteen bytes in wire order; `nil` for another number of bytes.
    public init?(services: Services = [], bytes: [UInt8], port: UInt16) {
        guard bytes.count == 16 else { return nil }
        let span = bytes.span.bytes
        self.init(
            services: services, high: span.loadUInt64(0).byteSwapped, low: span.loadUInt64(8).byteSwapped, port: port)
    }

    /// All zero: the sender does not know, or does not tell.
    public static var unspecified: NetworkAddress { NetworkAddress(high: 0, low: 0, port: 0) }

    /// The sixteen bytes of the IPv6 address in wire order.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 16)
        writer.writeUInt64(high.byteSwapped)
        writer.writeUInt64(low.byteSwapped)
        return writer.finish()
    }

    /// The IPv4 address as a big-endian number, or `nil` when this is no IPv4 address.
    public var ipv4: UInt32? {
        high == 0 && low >> 32 == 0xffff ? UInt32(truncatingIfNeeded: low) : nil
    }

    /// True when all sixteen bytes of the address are zero, whatever services and port say.
    public var isUnspecified: Bool { high == 0 && low == 0 }
}

extension NetworkAddress {
    /// Reads 26 bytes, which must be there.
    @inline(__always)
    init(loading span: RawSpan, at offset: Int) {
        let (high, low) = span.loadUInt64Pair(offset + 8)
        self.init(
            services: Services(rawValue: span.loadUInt64(offset)), high: high.byteSwapped, low: low.byteSwapped,
            port: span.loadUInt16(offset + 24).byteSwapped)
    }

    static func decode(
        from span: RawSpan, at offset: inout Int, _ field: FieldName
    ) throws(DecodeError) -> NetworkAddress {
        try span.require(byteCount, at: offset, field)
        defer { offset += byteCount }
        return NetworkAddress(loading: span, at: offset)
    }

    @inline(__always)
    func store(into bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(services.rawValue, at: offset)
        bytes.store(high.byteSwapped, at: offset + 8)
        bytes.store(low.byteSwapped, at: offset + 16)
        bytes.storeBytes(of: port.bigEndian, toByteOffset: offset + 24, as: UInt16.self)
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeBlock(Self.byteCount) { bytes, base in store(into: &bytes, at: base) }
    }
}
