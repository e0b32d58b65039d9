/// The payload of `getheaders` and `getblocks`: from where on the sender wants headers, or hashes of blocks.
///
/// Layout: version (4 bytes), locator (CompactSize count, 32 bytes each, at most 500), stop hash (32).
/// Source: `PROTOCOL` 3.
public struct GetHeadersMessage: Hashable, Sendable {
    /// A version number that no receiver looks at; common nodes send their own or 0.
    public var version: UInt32
    /// Hashes the sender has, newest first. Send at most 101; up to 500 are accepted.
    public var locator: [Hash256]
    /// The last block wanted, or zero for as many as allowed.
    public var stop: Hash256
    /// Bytes after ``stop``, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// A request for headers, or for hashes of blocks.
    public init(version: UInt32 = 70016, locator: [Hash256], stop: Hash256 = .zero) {
        self.version = version
        self.locator = locator
        self.stop = stop
    }
}

/// The payload of `getblocks`, which has the same fields.
public typealias GetBlocksMessage = GetHeadersMessage

extension GetHeadersMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> GetHeadersMessage {
        let version = try span.readUInt32(at: &offset, "version")
        let locator = try span.readHashes(at: &offset, maximum: limits.maxLocatorCount, "locator count")
        let stop = try span.readHash(at: &offset, "stop hash")
        var message = GetHeadersMessage(version: version, locator: locator, stop: stop)
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        4 + ByteWriter.encodedLength(locator) + Hash256.byteCount + trailingBytes.count
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(locator.count, atMost: limits.maxLocatorCount, "locator count")
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeUInt32(self.version)
        writer.writeHashes(locator)
        writer.writeHash(stop)
        writer.writeBytes(trailingBytes)
    }
}
