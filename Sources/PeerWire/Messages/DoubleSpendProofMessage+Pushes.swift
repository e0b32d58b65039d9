extension DoubleSpendProofMessage {
    /// The pushes of a spender, in order, each made when it is asked for: views of one array.
    ///
    /// Any number is read, and kept in the form of the wire, so that memory is that of the bytes received.
    public struct Pushes: Collection, Hashable, Sendable {
        /// The place of a push.
        public struct Index: Comparable, Hashable, Sendable {
            /// Where the push begins in the list.
            let offset: Int

            /// Orders by place.
            public static func < (left: Index, right: Index) -> Bool { left.offset < right.offset }
        }

        /// The pushes as on the wire, from their count on: always well formed.
        let list: [UInt8]
        /// Number of pushes.
        public let count: Int

        /// Some pushes, in this order.
        public init(_ pushes: [WireBytes]) {
            var writer = ByteWriter(
                capacity: pushes.reduce(CompactSize.encodedLength(pushes.count)) {
                    $0 + CompactSize.encodedLength($1.count) + $1.count
                })
            writer.writeCount(pushes.count)
            for push in pushes {
                writer.writeCount(push.count)
                writer.writeBytes(push)
            }
            self.init(trusting: writer.finish(), count: pushes.count)
        }

        /// For callers that have just read or written the list.
        private init(trusting list: [UInt8], count: Int) {
            self.list = list
            self.count = count
        }

        /// The first push.
        public var startIndex: Index { Index(offset: CompactSize.encodedLength(count)) }
        /// Past the last push.
        public var endIndex: Index { Index(offset: list.count) }

        /// The next place.
        public func index(after index: Index) -> Index {
            Index(offset: list.span.bytes.knownByteRange(at: index.offset).upperBound)
        }

        /// The push at a place.
        public subscript(index: Index) -> WireBytes {
            WireBytes(trusting: list, list.span.bytes.knownByteRange(at: index.offset))
        }

        static func decode(
            from span: RawSpan, at offset: inout Int, maximumLength: Int
        ) throws(DecodeError) -> Pushes {
            let start = offset
            let count = try span.readCount(
                at: &offset, maximum: Int(CompactSize.maximumLength), itemSize: 1, "push count")
            for _ in 0..<count { _ = try span.readByteRange(at: &offset, maximum: UInt64(maximumLength), "push") }
            return Pushes(trusting: [UInt8](copying: span.extracting(start..<offset)), count: count)
        }
    }
}
