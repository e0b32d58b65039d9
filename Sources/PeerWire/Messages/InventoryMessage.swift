/// The payload of `inv`, `getdata` and `notfound`: things announced, wanted or not to be had.
///
/// At most 50,000 entries. Source: `PROTOCOL` 3.
public struct InventoryMessage: Hashable, Sendable {
    /// The entries, in the order of the wire.
    public var items: [InventoryVector]
    /// Bytes after the last entry, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// A list of entries.
    public init(_ items: [InventoryVector]) {
        self.items = items
    }
}

extension InventoryMessage: ExpressibleByArrayLiteral {
    /// A list of entries.
    public init(arrayLiteral elements: InventoryVector...) { self.init(elements) }
}

extension InventoryMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> InventoryMessage {
        let size = InventoryVector.byteCount
        let count = try span.readCount(
            at: &offset, maximum: limits.maxInventoryCount, itemSize: size, "inventory count")
        let start = offset
        let items = [InventoryVector](room: count) { output in
            var place = start
            for _ in 0..<count {
                output.append(
                    InventoryVector(
                        kind: InventoryKind(rawValue: span.loadUInt32(place)), hash: span.loadHash(place + 4)))
                place += size
            }
        }
        offset += count * size
        var message = InventoryMessage(items)
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        CompactSize.encodedLength(items.count) + items.count * InventoryVector.byteCount + trailingBytes.count
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(items.count, atMost: limits.maxInventoryCount, "inventory count")
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeCount(items.count)
        writer.writeBlock(items.count * InventoryVector.byteCount) { bytes, base in
            var place = base
            for item in items {
                bytes.store(item.kind.rawValue, at: place)
                bytes.store(item.hash, at: place + 4)
                place += InventoryVector.byteCount
            }
        }
        writer.writeBytes(trailingBytes)
    }
}
