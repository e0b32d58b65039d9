public import PeerWire

/// Messages and bytes by command, both ways: a row for each ``/PeerWire/MessageKind``, one for all other commands.
///
/// Everything is in place, about 1.3 KB: counting allocates nothing and copies share nothing. Counts wrap around
/// at 2^64.
public struct CommandTraffic: Sendable, BitwiseCopyable {
    /// A number of messages and what their frames had in bytes, headers included.
    public struct Count: Sendable, Hashable, BitwiseCopyable {
        /// Messages.
        public var messages: UInt64 = 0
        /// Bytes of their frames.
        public var bytes: UInt64 = 0

        /// Nothing yet.
        public init() {}

        /// A count from its parts.
        public init(messages: UInt64, bytes: UInt64) {
            self.messages = messages
            self.bytes = bytes
        }

        mutating func add(byteCount: Int) {
            messages &+= 1
            bytes &+= UInt64(clamping: byteCount)
        }

        /// Adds another count.
        public static func += (left: inout Count, right: Count) {
            left.messages &+= right.messages
            left.bytes &+= right.bytes
        }
    }

    /// What came and what went.
    public struct Row: Sendable, Hashable, BitwiseCopyable {
        /// From the peer.
        public var received = Count()
        /// To the peer.
        public var sent = Count()

        /// Nothing yet.
        public init() {}

        /// A row from its parts.
        public init(received: Count, sent: Count) {
            self.received = received
            self.sent = sent
        }

        /// Adds another row.
        public static func += (left: inout Row, right: Row) {
            left.received += right.received
            left.sent += right.sent
        }
    }

    /// One row for each kind, at its number, and the last for the rest.
    private var rows = InlineArray<40, Row>(repeating: Row())

    /// Nothing yet.
    public init() {}

    /// The counts of a kind; of all commands without a kind for `nil`.
    public subscript(kind: MessageKind?) -> Row { rows[Self.index(of: kind)] }

    /// All kinds together.
    public var total: Row {
        var total = Row()
        for index in rows.indices { total += rows[index] }
        return total
    }

    /// Adds the counts of another: those of all loops of a node together, say.
    public mutating func merge(_ other: CommandTraffic) {
        for index in rows.indices { rows[index] += other.rows[index] }
    }

    /// Adds the counts of another.
    public static func += (left: inout CommandTraffic, right: CommandTraffic) {
        left.merge(right)
    }

    mutating func countReceived(_ kind: MessageKind?, byteCount: Int) {
        rows[Self.index(of: kind)].received.add(byteCount: byteCount)
    }

    mutating func countSent(_ kind: MessageKind?, byteCount: Int) {
        rows[Self.index(of: kind)].sent.add(byteCount: byteCount)
    }

    /// Where other commands have their row.
    private static let otherIndex = 39

    private static func index(of kind: MessageKind?) -> Int {
        guard let kind else { return otherIndex }
        return Int(kind.rawValue)
    }
}

extension CommandTraffic: Hashable {
    /// True when all counts are equal.
    public static func == (left: CommandTraffic, right: CommandTraffic) -> Bool {
        left.rows.indices.allSatisfy { left.rows[$0] == right.rows[$0] }
    }

    /// Hashes all counts.
    public func hash(into hasher: inout Hasher) {
        for index in rows.indices { hasher.combine(rows[index]) }
    }
}

extension CommandTraffic: Sequence {
    /// A kind, `nil` for all commands without one, and its counts.
    public typealias Element = (kind: MessageKind?, row: Row)

    /// Goes through the rows.
    public struct Iterator: IteratorProtocol {
        private let traffic: CommandTraffic
        private var place = 0

        init(_ traffic: CommandTraffic) {
            self.traffic = traffic
        }

        /// The next row, those without messages too.
        public mutating func next() -> Element? {
            guard place < traffic.rows.count else { return nil }
            defer { place += 1 }
            return (MessageKind(rawValue: UInt8(place)), traffic.rows[place])
        }
    }

    /// The rows in the order of `MessageKind.allCases`, and that of the other commands last.
    public func makeIterator() -> Iterator { Iterator(self) }
}
