/// A hash table from ids to their places in a ring, which holds the ids themselves: open addressing, linear probing.
///
/// A slot holds a place plus 1, or 0 when it is free. Bits that the highest place leaves unused are bits of the id's
/// hash, so that few places of other ids are looked at. A slot has 16 bits as long as places fit.
struct PositionSlots {
    /// The most places that a slot of 16 bits can tell apart.
    static let maxNarrowCapacity = Int(UInt16.max)

    private var narrow: [UInt16] = []
    private var wide: [UInt32] = []
    private var isWide = false
    private var slotCount = 0
    private var positionMask: UInt32 = 0
    private var tagMask: UInt32 = 0

    var byteCount: Int { narrow.heapByteCount + wide.heapByteCount }

    /// Frees all slots.
    mutating func removeAll() {
        for slot in narrow.indices { narrow[slot] = 0 }
        for slot in wide.indices { wide[slot] = 0 }
    }

    /// Frees all slots and has enough of them for a ring of so many places.
    mutating func removeAll(for capacity: Int) {
        // At most four of seven slots are taken: then a search looks at few slots, also for what is not there.
        let needed = capacity * 7 / 4
        if needed == slotCount { return removeAll() }
        slotCount = needed
        isWide = capacity > Self.maxNarrowCapacity
        narrow = isWide ? [] : [UInt16](repeating: 0, count: needed)
        wide = isWide ? [UInt32](repeating: 0, count: needed) : []
        positionMask = UInt32.max >> UInt32(UInt32(capacity).leadingZeroBitCount)
        tagMask = isWide ? ~positionMask : 0xffff & ~positionMask
    }

    /// The slot and the place of an id.
    @inline(__always)
    func find(_ id: ItemID, _ hash: UInt64, in ring: [ItemID]) -> (slot: Int, position: Int)? {
        let tag = tag(hash)
        var slot = hash.place(of: slotCount)
        while true {
            let code = self[slot]
            if code == 0 { return nil }
            if code & tagMask == tag {
                let position = Int(code & positionMask) &- 1
                if ring[position] == id { return (slot, position) }
            }
            slot = next(slot)
        }
    }

    /// The slot of an id that is in the ring at this place.
    @inline(__always)
    func slot(of position: Int, _ hash: UInt64) -> Int {
        let code = code(position, hash)
        var slot = hash.place(of: slotCount)
        while self[slot] != code { slot = next(slot) }
        return slot
    }

    @inline(__always)
    mutating func insert(_ position: Int, _ hash: UInt64) {
        var slot = hash.place(of: slotCount)
        while self[slot] != 0 { slot = next(slot) }
        self[slot] = code(position, hash)
    }

    /// Frees a slot and moves those after it that are farther from where they belong than need be. The ids of all must
    /// still be in the ring.
    @inline(__always)
    mutating func remove(_ slot: Int, _ hash: InventoryHash, in ring: [ItemID]) {
        var free = slot
        var slot = next(slot)
        while true {
            let code = self[slot]
            if code == 0 { break }
            let home = hash.hash(ring[Int(code & positionMask) &- 1]).place(of: slotCount)
            if distance(home, slot) >= distance(free, slot) {
                self[free] = code
                free = slot
            }
            slot = next(slot)
        }
        self[free] = 0
    }

    @inline(__always)
    private func tag(_ hash: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: hash &>> 16) & tagMask
    }

    @inline(__always)
    private func code(_ position: Int, _ hash: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: position &+ 1) | tag(hash)
    }

    @inline(__always)
    private func next(_ slot: Int) -> Int {
        slot &+ 1 == slotCount ? 0 : slot &+ 1
    }

    @inline(__always)
    private func distance(_ from: Int, _ to: Int) -> Int {
        to >= from ? to &- from : to &- from &+ slotCount
    }

    @inline(__always)
    private subscript(slot: Int) -> UInt32 {
        get { isWide ? wide[slot] : UInt32(narrow[slot]) }
        set {
            if isWide {
                wide[slot] = newValue
            } else {
                narrow[slot] = UInt16(truncatingIfNeeded: newValue)
            }
        }
    }
}
