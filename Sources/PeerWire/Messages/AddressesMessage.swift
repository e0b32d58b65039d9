/// The payload of `addr`: nodes the sender knows of. At most 1,000 entries. Source: `PROTOCOL` 2.3, 3.
public struct AddressesMessage: Hashable, Sendable {
    /// The entries, in the order of the wire.
    public var addresses: [TimestampedAddress]
    /// Bytes after the last entry, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// A list of entries.
    public init(_ addresses: [TimestampedAddress]) {
        self.addresses = addresses
    }
}

extension AddressesMessage: WirePayload {
    private static func entrySize(_ version: ProtocolVersion) -> Int {
        version >= .addressTime ? TimestampedAddress.byteCount : NetworkAddress.byteCount
    }

    /// Below protocol version 209 an `addr` has one entry.
    private static func maximumCount(_ version: ProtocolVersion, _ limits: borrowing WireLimits) -> Int {
        version >= .multipleAddresses ? limits.maxAddressCount : min(1, limits.maxAddressCount)
    }

    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> AddressesMessage {
        let size = entrySize(version)
        let timeSize = size - NetworkAddress.byteCount
        let count = try span.readCount(
            at: &offset, maximum: maximumCount(version, limits), itemSize: size, "address count")
        let start = offset
        let addresses = [TimestampedAddress](room: count) { output in
            var place = start
            for _ in 0..<count {
                output.append(
                    TimestampedAddress(
                        time: timeSize == 0 ? 0 : span.loadUInt32(place),
                        address: NetworkAddress(loading: span, at: place + timeSize)))
                place += size
            }
        }
        offset += count * size
        var message = AddressesMessage(addresses)
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        CompactSize.encodedLength(addresses.count) + addresses.count * Self.entrySize(version) + trailingBytes.count
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(
            addresses.count, atMost: Self.maximumCount(version, limits), "address count")
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        let size = Self.entrySize(version)
        let timeSize = size - NetworkAddress.byteCount
        writer.writeCount(addresses.count)
        writer.writeBlock(addresses.count * size) { bytes, base in
            var place = base
            for entry in addresses {
                if timeSize != 0 { bytes.store(entry.time, at: place) }
                entry.address.store(into: &bytes, at: place + timeSize)
                place += size
            }
        }
        writer.writeBytes(trailingBytes)
    }
}
