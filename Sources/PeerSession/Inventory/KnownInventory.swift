/// What a peer is known to know: at most so many ids, the least recently used of which makes way for the next.
struct KnownInventory {
    /// The most ids.
    let maxCount: Int
    private var ids: OrderedIDs

    /// Nothing known, which takes no memory.
    init(maxCount: Int) {
        self.maxCount = maxCount
        ids = OrderedIDs(maxCount: maxCount)
    }

    var count: Int { ids.count }
    /// Bytes of memory besides the value itself.
    var byteCount: Int { ids.byteCount }

    /// True when the id is known. This is no use of it.
    @inline(__always)
    func contains(_ id: ItemID, _ hash: InventoryHash) -> Bool { ids.contains(id, hash) }

    /// True when the id is known; it is then the most recently used.
    mutating func use(_ id: ItemID, _ hash: InventoryHash) -> Bool { ids.moveToEnd(id, hash) }

    /// Adds an id that is not known, and returns the one that made way for it. Where nothing is remembered, that is the
    /// id itself.
    @inline(__always)
    mutating func insert(_ id: ItemID, _ hash: InventoryHash) -> ItemID? {
        guard maxCount > 0 else { return id }
        let evicted = ids.count == maxCount ? ids.popFirst() : nil
        ids.append(id, hash)
        return evicted
    }

    /// Forgets an id. False when it was not known.
    mutating func remove(_ id: ItemID, _ hash: InventoryHash) -> Bool { ids.remove(id, hash) }

    /// Calls `body` with each id, the least recently used first.
    func forEach(_ body: (ItemID) -> Void) { ids.forEach(body) }
}
