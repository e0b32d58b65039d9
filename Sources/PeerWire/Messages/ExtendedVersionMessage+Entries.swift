extension ExtendedVersionMessage {
    /// An entry of the map.
    public struct Entry: Hashable, Sendable {
        /// The key: the upper 32 bits tell who defined it, the lower ones which field it is.
        public var key: UInt64
        /// The value; empty means the same as no entry.
        public var value: WireBytes

        /// An entry from its parts.
        public init(key: UInt64, value: WireBytes) {
            self.key = key
            self.value = value
        }

        /// An entry whose value is a number, as CompactSize.
        public init(key: UInt64, number: UInt64) {
            self.init(key: key, value: WireBytes(CompactSize.encode(number)))
        }

        static let minimumByteCount = 2

        var encodedLength: Int {
            CompactSize.encodedLength(key) + CompactSize.encodedLength(value.count) + value.count
        }

        func encode(into writer: inout ByteWriter) {
            writer.writeCompactSize(key)
            writer.writeCount(value.count)
            writer.writeBytes(value)
        }
    }

    /// The entries in the order of the wire, each made when it is asked for.
    ///
    /// A value shares the storage of the message: holding one holds all of it.
    public struct Entries: Collection, Sendable {
        /// The place of an entry.
        public struct Index: Comparable, Hashable, Sendable {
            /// Where the entry begins in the map.
            let offset: Int

            /// Orders by place.
            public static func < (left: Index, right: Index) -> Bool { left.offset < right.offset }
        }

        let map: [UInt8]
        /// Number of entries, those with a key that comes again included.
        public let count: Int

        /// The first entry.
        public var startIndex: Index { Index(offset: CompactSize.encodedLength(count)) }
        /// Past the last entry.
        public var endIndex: Index { Index(offset: map.count) }

        /// The next place.
        public func index(after index: Index) -> Index {
            let span = map.span.bytes
            let value = span.knownByteRange(at: span.knownCompactSizeEnd(at: index.offset))
            return Index(offset: value.upperBound)
        }

        /// The entry at a place.
        public subscript(index: Index) -> Entry {
            let span = map.span.bytes
            let keyEnd = span.knownCompactSizeEnd(at: index.offset)
            return Entry(
                key: span.knownCompactSize(at: index.offset),
                value: WireBytes(trusting: map, span.knownByteRange(at: keyEnd)))
        }
    }

    /// The entries in the order of the wire, those with a key that comes again included.
    public var entries: Entries { Entries(map: map, count: entryCount) }
}

extension RawSpan {
    /// Where a CompactSize ends that was read and found good before.
    @inline(__always)
    func knownCompactSizeEnd(at offset: Int) -> Int {
        switch loadUInt8(offset) {
        case 0xfd: offset + 3
        case 0xfe: offset + 5
        case 0xff: offset + 9
        default: offset + 1
        }
    }

    /// A CompactSize that was read and found good before.
    @inline(__always)
    func knownCompactSize(at offset: Int) -> UInt64 {
        let first = loadUInt8(offset)
        return switch first {
        case 0xfd: UInt64(loadUInt16(offset + 1))
        case 0xfe: UInt64(loadUInt32(offset + 1))
        case 0xff: loadUInt64(offset + 1)
        default: UInt64(first)
        }
    }
}
