/// Which kind of committed filter a message is about. Kinds without a name are kept.
///
/// It is all of the payload of `getcfmempool`, which asks for a filter of the transactions that are in no block yet and
/// is answered by one `cfilter` with a zero block hash. Source: `PROTOCOL` 2.13, BIP 157.
public struct CommittedFilterType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    /// Number of bytes on the wire.
    public static let byteCount = 1

    /// The byte on the wire.
    public let rawValue: UInt8

    /// A kind from its byte; none is refused.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// 0: the only kind in use.
    public static var basic: CommittedFilterType { CommittedFilterType(rawValue: 0) }
}

extension CommittedFilterType: CustomStringConvertible {
    /// The name, or the number.
    public var description: String { self == .basic ? "basic" : String(rawValue) }
}

extension CommittedFilterType: WirePayload {
    @inline(__always)
    static func decode(from span: RawSpan, at offset: inout Int) throws(DecodeError) -> CommittedFilterType {
        CommittedFilterType(rawValue: try span.readUInt8(at: &offset, "filter type"))
    }

    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> CommittedFilterType {
        try decode(from: span, at: &offset)
    }

    func encodedLength(_ version: ProtocolVersion) -> Int { Self.byteCount }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeUInt8(rawValue)
    }
}
