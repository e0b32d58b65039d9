/// The short ids of a compact block, six bytes each, as they lie on the wire.
///
/// Those of a received message are a view of its payload: none is copied, and each is made when it is asked for.
public struct ShortTransactionIDs: Sendable {
    /// The ids one after the other.
    let bytes: WireBytes

    /// The number of bytes must be a multiple of six.
    init(trusting bytes: WireBytes) {
        self.bytes = bytes
    }

    /// A list of ids.
    public init(_ ids: some Collection<ShortTransactionID>) {
        var writer = ByteWriter(capacity: ids.count * ShortTransactionID.byteCount)
        for id in ids { writer.writeShortID(id) }
        bytes = WireBytes(writer.finish())
    }
}

extension ShortTransactionIDs: RandomAccessCollection {
    /// Always 0.
    public var startIndex: Int { 0 }
    /// Number of ids.
    public var endIndex: Int { bytes.count / ShortTransactionID.byteCount }

    /// The id at a place from 0.
    @inline(__always)
    public subscript(position: Int) -> ShortTransactionID {
        precondition(position >= 0 && position < endIndex, "short id out of range")
        let offset = bytes.range.lowerBound + position * ShortTransactionID.byteCount
        return bytes.storage.span.bytes.loadShortID(offset)
    }
}

extension ShortTransactionIDs: Hashable {}

extension ShortTransactionIDs: ExpressibleByArrayLiteral {
    /// A list of ids.
    public init(arrayLiteral elements: ShortTransactionID...) { self.init(elements) }
}

extension RawSpan {
    /// The six bytes at an offset, which must be there.
    @inline(__always)
    func loadShortID(_ offset: Int) -> ShortTransactionID {
        ShortTransactionID(truncating: UInt64(loadUInt32(offset)) | UInt64(loadUInt16(offset + 4)) << 32)
    }
}

extension ByteWriter {
    /// Writes six bytes.
    mutating func writeShortID(_ id: ShortTransactionID) {
        writeUInt32(UInt32(truncatingIfNeeded: id.rawValue))
        writeUInt16(UInt16(truncatingIfNeeded: id.rawValue >> 32))
    }
}
