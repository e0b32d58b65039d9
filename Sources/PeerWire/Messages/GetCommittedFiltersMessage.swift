/// The payload of `getcfilters` and `getcfheaders`: asks for the filters, or the hashes of filters, of some blocks.
///
/// On the wire: filter type (1 byte), start height (4), stop hash (32). Nodes answer for at most 1,000 blocks of
/// filters and 2,000 of headers, and not at all when they cannot. To a node with ``Services/committedFilters``.
/// Source: `PROTOCOL` 2.13, 3, BIP 157.
public struct GetCommittedFiltersMessage: Hashable, Sendable, BitwiseCopyable {
    /// Number of bytes on the wire.
    public static let byteCount = 37

    /// The kind of filter.
    public var filterType: CommittedFilterType
    /// Height of the first block.
    public var startHeight: UInt32
    /// Hash of the last block, which must not be below ``startHeight``.
    public var stopHash: Hash256

    /// A request for the blocks from a height to a hash.
    public init(filterType: CommittedFilterType = .basic, startHeight: UInt32, stopHash: Hash256) {
        self.filterType = filterType
        self.startHeight = startHeight
        self.stopHash = stopHash
    }
}

extension GetCommittedFiltersMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> GetCommittedFiltersMessage {
        GetCommittedFiltersMessage(
            filterType: try CommittedFilterType.decode(from: span, at: &offset),
            startHeight: try span.readUInt32(at: &offset, "start height"),
            stopHash: try span.readHash(at: &offset, "stop hash"))
    }

    func encodedLength(_ version: ProtocolVersion) -> Int { Self.byteCount }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        filterType.encode(into: &writer, version)
        writer.writeUInt32(startHeight)
        writer.writeHash(stopHash)
    }
}

/// The payload of `getcfcheckpt`: asks for the filter header of every thousandth block up to one.
///
/// On the wire: filter type (1 byte), stop hash (32). To a node with ``Services/committedFilters``.
/// Source: `PROTOCOL` 2.13, 3, BIP 157.
public struct GetCommittedFilterCheckpointsMessage: Hashable, Sendable, BitwiseCopyable {
    /// Number of bytes on the wire.
    public static let byteCount = 33

    /// The kind of filter.
    public var filterType: CommittedFilterType
    /// Hash of the block to stop at.
    public var stopHash: Hash256

    /// A request for the checkpoints up to a block.
    public init(filterType: CommittedFilterType = .basic, stopHash: Hash256) {
        self.filterType = filterType
        self.stopHash = stopHash
    }
}

extension GetCommittedFilterCheckpointsMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> GetCommittedFilterCheckpointsMessage {
        GetCommittedFilterCheckpointsMessage(
            filterType: try CommittedFilterType.decode(from: span, at: &offset),
            stopHash: try span.readHash(at: &offset, "stop hash"))
    }

    func encodedLength(_ version: ProtocolVersion) -> Int { Self.byteCount }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        filterType.encode(into: &writer, version)
        writer.writeHash(stopHash)
    }
}
