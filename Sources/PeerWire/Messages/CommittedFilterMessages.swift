/// The payload of `cfilter`: the committed filter of a block.
///
/// On the wire: filter type (1 byte), block hash (32), filter (length, bytes). At most 4,194,304 bytes of filter, which
/// ``GolombCodedSet`` reads. Source: `PROTOCOL` 2.13, 3, BIP 157.
public struct CommittedFilterMessage: Hashable, Sendable {
    /// The kind of filter.
    public var filterType: CommittedFilterType
    /// Hash of the block; zero when the filter is of the transactions that are in no block yet.
    public var blockHash: Hash256
    /// The filter: the number of its elements and the coded elements.
    public var filter: WireBytes
    /// Bytes after ``filter``, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// The filter of a block.
    public init(filterType: CommittedFilterType = .basic, blockHash: Hash256, filter: WireBytes) {
        self.filterType = filterType
        self.blockHash = blockHash
        self.filter = filter
    }
}

extension CommittedFilterMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> CommittedFilterMessage {
        let type = try CommittedFilterType.decode(from: span, at: &offset)
        let block = try span.readHash(at: &offset, "block hash")
        let limit = limits.maxCommittedFilterLength
        let filter = WireBytes(try span.readBytes(at: &offset, maximum: limit, "filter"))
        var message = CommittedFilterMessage(filterType: type, blockHash: block, filter: filter)
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        CommittedFilterType.byteCount + Hash256.byteCount + ByteWriter.encodedLength(byteCount: filter.count)
            + trailingBytes.count
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(filter.count, atMost: limits.maxCommittedFilterLength, "filter")
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        filterType.encode(into: &writer, version)
        writer.writeHash(blockHash)
        writer.writeCount(filter.count)
        writer.writeBytes(filter)
        writer.writeBytes(trailingBytes)
    }
}

/// The payload of `cfheaders`: the hashes of the filters of some blocks in a row.
///
/// On the wire: filter type (1 byte), stop hash (32), previous filter header (32), filter hashes (count, 32 bytes
/// each). At most 2,000 hashes. Source: `PROTOCOL` 2.13, 3, BIP 157.
public struct CommittedFilterHeadersMessage: Hashable, Sendable {
    /// The kind of filter.
    public var filterType: CommittedFilterType
    /// Hash of the block that the last filter hash is of.
    public var stopHash: Hash256
    /// The filter header of the block before the first one; zero before the genesis block.
    public var previousFilterHeader: Hash256
    /// The hash of each block's filter, lowest block first.
    public var filterHashes: [Hash256]
    /// Bytes after the last hash, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// The hashes of some filters.
    public init(
        filterType: CommittedFilterType = .basic, stopHash: Hash256, previousFilterHeader: Hash256,
        filterHashes: [Hash256]
    ) {
        self.filterType = filterType
        self.stopHash = stopHash
        self.previousFilterHeader = previousFilterHeader
        self.filterHashes = filterHashes
    }
}

extension CommittedFilterHeadersMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> CommittedFilterHeadersMessage {
        var message = CommittedFilterHeadersMessage(
            filterType: try CommittedFilterType.decode(from: span, at: &offset),
            stopHash: try span.readHash(at: &offset, "stop hash"),
            previousFilterHeader: try span.readHash(at: &offset, "previous filter header"),
            filterHashes: try span.readHashes(
                at: &offset, maximum: limits.maxCommittedFilterHeaderCount, "filter hash count"))
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        CommittedFilterType.byteCount + 2 * Hash256.byteCount + ByteWriter.encodedLength(filterHashes)
            + trailingBytes.count
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(
            filterHashes.count, atMost: limits.maxCommittedFilterHeaderCount, "filter hash count")
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        filterType.encode(into: &writer, version)
        writer.writeHash(stopHash)
        writer.writeHash(previousFilterHeader)
        writer.writeHashes(filterHashes)
        writer.writeBytes(trailingBytes)
    }
}

/// The payload of `cfcheckpt`: the filter header of every thousandth block.
///
/// On the wire: filter type (1 byte), stop hash (32), filter headers (count, 32 bytes each). At most 100,000 headers.
/// Source: `PROTOCOL` 2.13, 3, BIP 157.
public struct CommittedFilterCheckpointsMessage: Hashable, Sendable {
    /// The kind of filter.
    public var filterType: CommittedFilterType
    /// Hash of the block that the request named.
    public var stopHash: Hash256
    /// The filter headers of the blocks 1,000, 2,000 and so on.
    public var filterHeaders: [Hash256]
    /// Bytes after the last header, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// The checkpoints up to a block.
    public init(filterType: CommittedFilterType = .basic, stopHash: Hash256, filterHeaders: [Hash256]) {
        self.filterType = filterType
        self.stopHash = stopHash
        self.filterHeaders = filterHeaders
    }
}

extension CommittedFilterCheckpointsMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> CommittedFilterCheckpointsMessage {
        var message = CommittedFilterCheckpointsMessage(
            filterType: try CommittedFilterType.decode(from: span, at: &offset),
            stopHash: try span.readHash(at: &offset, "stop hash"),
            filterHeaders: try span.readHashes(
                at: &offset, maximum: limits.maxCommittedFilterCheckpointCount, "filter header count"))
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        CommittedFilterType.byteCount + Hash256.byteCount + ByteWriter.encodedLength(filterHeaders)
            + trailingBytes.count
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(
            filterHeaders.count, atMost: limits.maxCommittedFilterCheckpointCount, "filter header count")
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        filterType.encode(into: &writer, version)
        writer.writeHash(stopHash)
        writer.writeHashes(filterHeaders)
        writer.writeBytes(trailingBytes)
    }
}
