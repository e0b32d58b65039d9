/// The payload of `filterload`: send only transactions that match this bloom filter, until `filterclear`.
///
/// On the wire: filter (length, bytes), hash function count (4 bytes), tweak (4), flags (1). At most 36,000 bytes of
/// filter and 50 functions. From protocol version 70001 on, to a node with ``Services/bloom``; others disconnect.
/// ``BloomFilter`` is what it describes. Source: `PROTOCOL` 2.11, 3, BIP 37.
public struct FilterLoadMessage: Hashable, Sendable {
    /// The bits of the filter, the lowest of each byte first. Do not send an empty one: some nodes cannot handle it.
    public var filter: [UInt8]
    /// How many bits each element sets.
    public var hashFunctionCount: UInt32
    /// A number that goes into each hash, so that filters of the same elements differ.
    public var tweak: UInt32
    /// What the receiver adds by itself.
    public var flags: BloomUpdateFlags
    /// Bytes after ``flags``, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// A filter from its parts.
    public init(filter: [UInt8], hashFunctionCount: UInt32, tweak: UInt32, flags: BloomUpdateFlags) {
        self.filter = filter
        self.hashFunctionCount = hashFunctionCount
        self.tweak = tweak
        self.flags = flags
    }
}

extension FilterLoadMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> FilterLoadMessage {
        let filter = try span.readBytes(at: &offset, maximum: limits.maxBloomFilterLength, "filter")
        let place = offset
        let functions = try span.readUInt32(at: &offset, "hash function count")
        let limit = UInt64(max(0, limits.maxBloomFilterFunctions))
        if UInt64(functions) > limit {
            throw DecodeError(
                field: "hash function count", offset: place,
                reason: .limitExceeded(value: UInt64(functions), limit: limit))
        }
        let tweak = try span.readUInt32(at: &offset, "tweak")
        let flags = BloomUpdateFlags(rawValue: try span.readUInt8(at: &offset, "flags"))
        var message = FilterLoadMessage(filter: filter, hashFunctionCount: functions, tweak: tweak, flags: flags)
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        ByteWriter.encodedLength(byteCount: filter.count) + 9 + trailingBytes.count
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(filter.count, atMost: limits.maxBloomFilterLength, "filter")
        try EncodeError.require(
            Int(hashFunctionCount), atMost: limits.maxBloomFilterFunctions, "hash function count")
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeCount(filter.count)
        writer.writeBytes(filter)
        writer.writeUInt32(hashFunctionCount)
        writer.writeUInt32(tweak)
        writer.writeUInt8(flags.rawValue)
        writer.writeBytes(trailingBytes)
    }
}
