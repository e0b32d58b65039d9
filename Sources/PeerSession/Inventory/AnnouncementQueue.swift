import PeerWire

/// The state of an ``InventoryAnnouncer``. Each id here has one reference in the table, which goes along when the id
/// goes from one set to another.
///
/// The table's items are passed to each call, so that loops over a batch hold both once and not for each item.
struct AnnouncementQueue {
    /// What waits takes no allocation up to so many items a batch.
    static let keptCapacity = 256

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
        waiting = OrderedIDs(maxCount: configuration.maxWaitingItems)
        blocks = OrderedIDs(maxCount: configuration.maxWaitingItems)
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
        for index in announced.indices {
            let item = announced[index].normal
            if !wantsTransactions, item.isTransactionLike { continue }
            if let id = items.find(item) {
                if inventory.use(id, items.hash) || isWaiting(id, items.hash) { continue }
                if makeRoom(isBlock: item.kind == .block, &items) {
                    items.retain(id)
                    append(id, isBlock: item.kind == .block, at: now, items.hash)
                }
            } else if makeRoom(isBlock: item.kind == .block, &items) {
                append(items.insert(item), isBlock: item.kind == .block, at: now, items.hash)
            }
        }
    }

    @inline(__always)
    private func isWaiting(_ id: ItemID, _ hash: InventoryHash) -> Bool {
        waiting.contains(id, hash) || blocks.contains(id, hash)
    }

    @inline(__always)
    private mutating func append(_ id: ItemID, isBlock: Bool, at now: Timestamp, _ hash: InventoryHash) {
        if isBlock {
            if blocks.isEmpty { blocksSince = now }
            blocks.append(id, hash)
        } else {
            if waiting.isEmpty { due = now + configuration.trickleInterval }
            waiting.append(id, hash)
        }
    }

    /// Drops the oldest waiting item when one more would be too many. It is a block only where nothing else waits.
    /// False when the one that was to come is what is dropped.
    @inline(__always)
    private mutating func makeRoom(isBlock: Bool, _ items: inout InventoryItems) -> Bool {
        waitingCount < configuration.maxWaitingItems || drop(isBlock: isBlock, &items)
    }

    private mutating func drop(isBlock: Bool, _ items: inout InventoryItems) -> Bool {
        droppedCount &+= 1
        if let id = waiting.popFirst() {
            items.release(id)
        } else if isBlock, let id = blocks.popFirst() {
            items.release(id)
        } else {
            return false
        }
        return true
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
        if waiting.count <= room {
            takeAll(wantsTransactions, into: &output, &items)
        } else {
            take(room, wantsTransactions, into: &output, &items)
            due = now + configuration.trickleInterval
        }
        return start
    }

    private mutating func takeAll(
        _ wantsTransactions: Bool, into output: inout [InventoryVector], _ items: inout InventoryItems
    ) {
        // Out of the queue one by one would mean a search for each.
        var all = OrderedIDs(maxCount: 0)
        swap(&all, &waiting)
        all.forEach { id in send(id, wantsTransactions, into: &output, &items) }
        all.removeAll(keepingCapacityUpTo: Self.keptCapacity)
        swap(&all, &waiting)
    }

    private mutating func take(
        _ room: Int, _ wantsTransactions: Bool, into output: inout [InventoryVector], _ items: inout InventoryItems
    ) {
        let end = output.count + room
        while output.count < end, let id = waiting.popFirst() {
            send(id, wantsTransactions, into: &output, &items)
        }
    }

    @inline(__always)
    private mutating func send(
        _ id: ItemID, _ wantsTransactions: Bool, into output: inout [InventoryVector], _ items: inout InventoryItems
    ) {
        let item = items[id]
        if wantsTransactions || !item.isTransactionLike {
            output.append(item)
            noteKnown(id, &items)
        } else {
            items.release(id)
        }
    }

    @inline(__always)
    private mutating func noteKnown(_ id: ItemID, _ items: inout InventoryItems) {
        if let evicted = inventory.insert(id, items.hash) { items.release(evicted) }
    }
}

// MARK: - Knowing

extension AnnouncementQueue {
    mutating func remember(_ item: InventoryVector, _ items: inout InventoryItems) {
        guard configuration.maxKnownItems > 0 else { return }
        guard let id = items.find(item) else {
            noteKnown(items.insert(item), &items)
            return
        }
        if inventory.use(id, items.hash) { return }
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
