import PeerWire

/// A hash table of ids: open addressing, linear probing.
///
/// A slot of 32 bits holds an id plus 1, or 0 when it is free. Bits that the highest id leaves unused are bits of the
/// item's hash, so that few other items are looked at.
struct IDSlots {
    private var slots: [UInt32] = []
    private var idMask: UInt32 = 0

    /// No slots, and no memory.
    init() {}

    /// Free slots for so many ids and a quarter more.
    init(count: Int, highestID: ItemID) {
        slots = [UInt32](repeating: 0, count: max(8, count * 25 / 16))
        // Twice as many, so that ids grow for a while before the table has to be made anew for them.
        idMask = UInt32.max >> UInt32(max(1, highestID.leadingZeroBitCount) - 1)
    }

    var byteCount: Int { slots.heapByteCount }

    /// True when four of five slots are enough for so many ids, and the highest fits.
    func hasRoom(for count: Int, highestID: ItemID) -> Bool {
        count * 5 <= slots.count * 4 && highestID < idMask
    }

    /// True when not even one of four slots is needed.
    func isOversized(for count: Int) -> Bool { slots.count > 64 && count * 4 < slots.count }

    /// The id of an item with this hash.
    @inline(__always)
    func find(_ item: InventoryVector, _ hash: UInt64, in chunks: [InventoryChunk]) -> ItemID? {
        let tag = UInt32(truncatingIfNeeded: hash) & ~idMask
        var slot = hash.place(of: slots.count)
        while true {
            let code = slots[slot]
            if code == 0 { return nil }
            if code & ~idMask == tag {
                let id = (code & idMask) &- 1
                let place = InventoryChunk.Place(id)
                if chunks[place.chunk].holds(item, at: place.offset) { return id }
            }
            slot = next(slot)
        }
    }

    /// Adds an id that is not there.
    mutating func insert(_ id: ItemID, _ hash: UInt64) {
        var slot = hash.place(of: slots.count)
        while slots[slot] != 0 { slot = next(slot) }
        slots[slot] = code(id, hash)
    }

    /// Removes an id that is there and moves those after it that are farther from where they belong than need be. The
    /// items of all must still be in the chunks.
    mutating func remove(_ id: ItemID, _ key: InventoryHash, in chunks: [InventoryChunk]) {
        let hash = key.hash(id, in: chunks)
        let code = code(id, hash)
        var free = hash.place(of: slots.count)
        while slots[free] != code { free = next(free) }
        var slot = next(free)
        while slots[slot] != 0 {
            let home = key.hash((slots[slot] & idMask) &- 1, in: chunks).place(of: slots.count)
            if distance(home, slot) >= distance(free, slot) {
                slots[free] = slots[slot]
                free = slot
            }
            slot = next(slot)
        }
        slots[free] = 0
    }

    @inline(__always)
    private func code(_ id: ItemID, _ hash: UInt64) -> UInt32 {
        (id &+ 1) | UInt32(truncatingIfNeeded: hash) & ~idMask
    }

    @inline(__always)
    private func next(_ slot: Int) -> Int {
        slot &+ 1 == slots.count ? 0 : slot &+ 1
    }

    @inline(__always)
    private func distance(_ from: Int, _ to: Int) -> Int {
        to >= from ? to &- from : to &- from &+ slots.count
    }
}

extension InventoryHash {
    /// The hash of the item of an id.
    fileprivate func hash(_ id: ItemID, in chunks: [InventoryChunk]) -> UInt64 {
        let place = InventoryChunk.Place(id)
        return hash(chunks[place.chunk][place.offset])
    }
}
