import PeerWire

/// The state of an ``InventoryAnnouncer``. Each id here has one reference in the table, which goes along when the id
/// goes from one set to another.
///
/// The table's items are passed to each call, so that loops over a batch hold both once and not for each item.
struct AnnouncementQueue {

    let configuration: InventoryConfiguration
    private var inventory: KnownInventory
    private var waiting: OrderedIDs
    private var blocks: OrderedIDs
    /// When `waiting` is due, while there is any.
    private var due = Timestamp.zero
    /// Since when there are `blocks`, while there are any.
    private var blocksSince = Timestamp.zero
    private(set) var droppedCount: UInt64 = 0

    init(_ configuration: InventoryConfiguration) {
        self.configuration = configuration
        inventory = KnownInventory(maxCount: configuration.maxKnownItems)
        // What is too much is dropped once it is there.
        let maxWaitingCount = min(configuration.maxWaitingItems, 1 << 29) + IDBatch.capacity
        waiting = OrderedIDs(maxCount: maxWaitingCount)
        blocks = OrderedIDs(maxCount: maxWaitingCount)
    }

    var knownCount: Int { inventory.count }
    var waitingCount: Int { waiting.count + blocks.count }
    var byteCount: Int { inventory.byteCount + waiting.byteCount + blocks.byteCount }

    var deadline: Timestamp? {
        if !blocks.isEmpty { return blocksSince }
        return waiting.isEmpty ? nil : due
    }

    mutating func releaseAll(_ items: inout InventoryItems) {
        inventory.forEach { items.release($0) }
        waiting.forEach { items.release($0) }
        blocks.forEach { items.release($0) }
    }
}

// MARK: - Queueing

extension AnnouncementQueue {
    mutating func announce(
        _ announced: Span<InventoryVector>, wantsTransactions: Bool, at now: Timestamp, _ items: inout InventoryItems
    ) {
        var start = 0
        while start < announced.count {
            let end = min(announced.count, start + IDBatch.capacity)
            var batch = IDBatch()
            for index in start..<end {
                let item = announced[index].normal
                if !wantsTransactions, item.isTransactionLike { continue }
                if item.kind == .block {
                    announce(block: item, at: now, &items)
                } else if let id = unknownID(of: item, &items) {
                    batch.append(id)
                }
            }
            append(&batch, at: now, &items)
            dropExcess(&items)
            start = end
        }
    }

    /// The id of an item; `nil` when the peer knows it.
    @inline(__always)
    private mutating func unknownID(of item: InventoryVector, _ items: inout InventoryItems) -> ItemID? {
        guard let id = items.find(item) else { return items.insert(item) }
        return inventory.use(id, items.hash) ? nil : id
    }

    private mutating func append(_ batch: inout IDBatch, at now: Timestamp, _ items: inout InventoryItems) {
        if batch.count == 0 { return }
        if waiting.isEmpty { due = now + configuration.trickleInterval }
        waiting.appendMissing(&batch, items.hash)
        items.retain(batch)
    }

    private mutating func announce(block: InventoryVector, at now: Timestamp, _ items: inout InventoryItems) {
        guard let id = unknownID(of: block, &items), !blocks.contains(id, items.hash) else { return }
        if blocks.isEmpty { blocksSince = now }
        blocks.append(id, items.hash)
        items.retain(id)
        dropExcess(&items)
    }

    /// Drops the oldest waiting item while there are too many. It is a block only where nothing else waits.
    private mutating func dropExcess(_ items: inout InventoryItems) {
        while waitingCount > configuration.maxWaitingItems, let id = waiting.popFirst() ?? blocks.popFirst() {
            items.release(id)
            droppedCount &+= 1
        }
    }
}

// MARK: - Sending

extension AnnouncementQueue {
    /// Where in `output` the items that are no blocks begin.
    mutating func takeDue(
        at now: Timestamp, wantsTransactions: Bool, isHeldBack: Bool, into output: inout [InventoryVector],
        _ items: inout InventoryItems
    ) -> Int {
        var room = configuration.maxItemsPerMessage
        while room > 0, let id = blocks.popFirst() {
            output.append(items[id])
            noteKnown(id, &items)
            room -= 1
        }
        if blocks.isEmpty { blocks.removeAll(keepingCapacityUpTo: 0) }
        let start = output.count
        guard !waiting.isEmpty, !isHeldBack, due <= now, room > 0 else { return start }
        while room > 0, !waiting.isEmpty {
            room -= send(room, wantsTransactions, into: &output, &items)
        }
        if waiting.isEmpty {
            waiting.removeAll(keepingCapacityUpTo: IDBatch.capacity)
        } else {
            due = now + configuration.trickleInterval
        }
        return start
    }

    /// Takes items out of the queue, at most so many. How many of them are sent.
    private mutating func send(
        _ maxCount: Int, _ wantsTransactions: Bool, into output: inout [InventoryVector], _ items: inout InventoryItems
    ) -> Int {
        var batch = waiting.popFirst(maxCount)
        var sentCount = 0
        for index in batch.indices {
            let id = batch[index]
            let item = items[id]
            if wantsTransactions || !item.isTransactionLike {
                output.append(item)
                batch[sentCount] = id
                sentCount += 1
            } else {
                items.release(id)
            }
        }
        batch.keepFirst(sentCount)
        inventory.insert(&batch, items.hash)
        items.release(batch)
        return sentCount
    }

    private mutating func noteKnown(_ id: ItemID, _ items: inout InventoryItems) {
        if let evicted = inventory.insert(id, items.hash) { items.release(evicted) }
    }
}

// MARK: - Knowing

extension AnnouncementQueue {
    mutating func remember(_ item: InventoryVector, _ items: inout InventoryItems) {
        guard configuration.maxKnownItems > 0 else { return }
        guard let id = unknownID(of: item, &items) else { return }
        if !waiting.remove(id, items.hash), !blocks.remove(id, items.hash) { items.retain(id) }
        noteKnown(id, &items)
    }

    func knows(_ item: InventoryVector, _ items: InventoryItems) -> Bool {
        guard let id = items.find(item) else { return false }
        return inventory.contains(id, items.hash)
    }

    mutating func forget(_ item: InventoryVector, _ items: inout InventoryItems) -> Bool {
        guard let id = items.find(item), inventory.remove(id, items.hash) else { return false }
        items.release(id)
        return true
    }

    func known(_ items: InventoryItems) -> [InventoryVector] {
        var all: [InventoryVector] = []
        all.reserveCapacity(inventory.count)
        inventory.forEach { all.append(items[$0]) }
        return all
    }
}

extension InventoryVector {
    /// True for what a peer does not want that wants no transactions.
    @inline(__always)
    var isTransactionLike: Bool { kind == .transaction || kind == .doubleSpendProof }
}
