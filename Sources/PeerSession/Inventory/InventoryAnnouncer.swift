import PeerWire

/// What one peer knows, and what waits to be announced to it.
///
/// Nothing waits that the peer is known to know, and nothing waits twice: it is looked up when it is queued, and taken
/// out of the queue when the peer turns out to know it. So what is due is sent as it is.
///
/// An object only because its end gives its items back to the table. It may be used as long as the table is not.
final class InventoryAnnouncer {
    private let table: InventoryTable
    private var queue: AnnouncementQueue

    /// Nothing known, nothing waiting, which takes no memory besides the object itself.
    init(table: InventoryTable, configuration: InventoryConfiguration) {
        self.table = table
        queue = AnnouncementQueue(configuration)
    }

    deinit {
        queue.releaseAll(&table.items)
    }

    /// Queues items: those that the peer does not know, and of transactions and double spend proofs only those that it
    /// wants. Blocks are due at once, others when the oldest of them has waited for the trickle interval.
    func announce(_ items: Span<InventoryVector>, wantsTransactions: Bool, at now: Timestamp) {
        queue.announce(items, wantsTransactions: wantsTransactions, at: now, &table.items)
    }

    /// When there is something to take next; `nil` while nothing waits.
    var deadline: Timestamp? { queue.deadline }

    /// Appends what is due to `items`, blocks first, and notes that the peer knows it. The number of items.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - wantsTransactions: Whether the peer wants transactions, which it may have said after they were queued.
    ///   - isHeldBack: The peer does not read: only blocks go.
    ///   - items: Where to append to.
    ///   - random: For the order.
    func takeDue(
        at now: Timestamp, wantsTransactions: Bool, isHeldBack: Bool, into items: inout [InventoryVector],
        random: inout SplitMix64
    ) -> Int {
        let start = items.count
        let shuffledFrom = queue.takeDue(
            at: now, wantsTransactions: wantsTransactions, isHeldBack: isHeldBack, into: &items, &table.items)
        // Blocks stay in their order, as a block is of no use before its parent.
        if queue.configuration.order == .shuffled { items.shuffle(from: shuffledFrom, &random) }
        return items.count - start
    }

    /// Notes that the peer knows an item; it is the most recently used then, and does not wait any more.
    func remember(_ item: InventoryVector) { queue.remember(item.normal, &table.items) }

    /// True when the peer is known to know an item. Being asked is no use of it.
    func knows(_ item: InventoryVector) -> Bool { queue.knows(item.normal, table.items) }

    /// Forgets that the peer knows an item. False when it did not.
    func forget(_ item: InventoryVector) -> Bool { queue.forget(item.normal, &table.items) }

    /// What the peer is known to know, the least recently used first.
    var known: [InventoryVector] { queue.known(table.items) }
    /// How many items the peer is known to know.
    var knownCount: Int { queue.knownCount }
    /// How many items wait.
    var waitingCount: Int { queue.waitingCount }
    /// How many items were dropped because too many waited.
    var droppedCount: UInt64 { queue.droppedCount }
    /// Bytes of memory besides the object itself and the table's.
    var byteCount: Int { queue.byteCount }
}

extension Array {
    /// Puts the elements from an index on in a random order, each order as likely as any other.
    /// Source: Durstenfeld, "Algorithm 235: Random permutation", 1964.
    mutating func shuffle(from start: Int, _ random: inout SplitMix64) {
        var last = count - 1
        while last > start {
            swapAt(last, start + random.next(below: last - start + 1))
            last -= 1
        }
    }
}
