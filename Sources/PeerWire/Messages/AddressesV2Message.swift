/// The payload of `addrv2`: nodes the sender knows of, on any kind of network. At most 1,000 entries.
///
/// Sent to peers that sent `sendaddrv2` before their `verack`, instead of `addr`. Source: `PROTOCOL` 2.4, 3, BIP 155.
public struct AddressesV2Message: Hashable, Sendable {
    /// The entries, in the order of the wire.
    public var addresses: [PeerAddress]
    /// Bytes after the last entry, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// A list of entries.
    public init(_ addresses: [PeerAddress]) {
        self.addresses = addresses
    }
}

extension AddressesV2Message: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> AddressesV2Message {
        let count = try span.readCount(
            at: &offset, maximum: limits.maxAddressCount, itemSize: PeerAddress.minimumByteCount,
            "address count")
        let maximumHostLength = UInt64(max(0, limits.maxAddressV2Length))
        var message = AddressesV2Message([])
        message.addresses.reserveCapacity(count)
        for _ in 0..<count {
            message.addresses.append(
                try PeerAddress.decode(from: span, at: &offset, maximumHostLength: maximumHostLength))
        }
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        addresses.reduce(CompactSize.encodedLength(addresses.count) + trailingBytes.count) { $0 + $1.encodedLength }
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(addresses.count, atMost: limits.maxAddressCount, "address count")
        for address in addresses {
            try EncodeError.require(address.hostByteCount, atMost: limits.maxAddressV2Length, "address host")
        }
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeCount(addresses.count)
        for address in addresses { address.encode(into: &writer) }
        writer.writeBytes(trailingBytes)
    }
}
