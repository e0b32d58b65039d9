/// A hash table from ids to their places in a ring, which holds the ids themselves: open addressing, linear probing.
///
/// A slot holds a place plus 1, or 0 when it is free. Bits that the highest place leaves unused are bits of the id's
/// hash, so that few places of other ids are looked at. A slot has 16 bits as long as places fit.
///
/// There is no removing: when an id leaves its place, what the slot leads to is no longer the id looked for. Such slots
/// are freed all at once, when the table is full of them. Freeing each would take a look at the ids that come after it,
/// all over the ring, and was a third of the time that an announcement takes.
struct PositionSlots {
    /// The most places that a slot of 16 bits can tell apart.
    static let maxNarrowCapacity = Int(UInt16.max)

    private var narrow: [UInt16] = []
    private var wide: [UInt32] = []
    private var isWide = false
    private var slotCount = 0
    /// How many more may be taken.
    private(set) var room = 0
    private var positionMask: UInt32 = 0
    private var tagMask: UInt32 = 0

    var byteCount: Int { narrow.heapByteCount + wide.heapByteCount }

    /// Frees all slots.
    mutating func removeAll() {
        for slot in narrow.indices { narrow[slot] = 0 }
        for slot in wide.indices { wide[slot] = 0 }
        // A search ends at a free slot. With three of four taken it looks at eight slots, mostly in one line of memory.
        room = slotCount * 3 / 4
    }

    /// Frees all slots and has enough of them for a ring of so many places.
    mutating func removeAll(for capacity: Int) {
        if slotCount != capacity * 7 / 4 {
            slotCount = capacity * 7 / 4
            isWide = capacity > Self.maxNarrowCapacity
            narrow = isWide ? [] : [UInt16](repeating: 0, count: slotCount)
            wide = isWide ? [UInt32](repeating: 0, count: slotCount) : []
            positionMask = UInt32.max >> UInt32(UInt32(capacity).leadingZeroBitCount)
            tagMask = isWide ? ~positionMask : 0xffff & ~positionMask
        }
        removeAll()
    }

    /// The place of an id.
    @inline(__always)
    func find(_ id: ItemID, _ hash: UInt64, in ring: [ItemID]) -> Int? {
        let tag = tag(hash)
        var slot = hash.place(of: slotCount)
        while true {
            let code = self[slot]
            if code == 0 { return nil }
            if code & tagMask == tag {
                let position = Int(code & positionMask) &- 1
                if ring[position] == id { return position }
            }
            slot = slot &+ 1 == slotCount ? 0 : slot &+ 1
        }
    }

    /// Inserts what lies in some places of a ring next to each other. Nothing of it may be in the table; holes are left
    /// out. There must be room.
    @inline(__always)
    mutating func insert(_ ring: [ItemID], _ positions: Range<Int>, _ hash: InventoryHash) {
        let mask = tagMask
        let count: Int
        if isWide {
            var slots = wide.mutableSpan
            count = slots.insert(ring, positions, mask, hash)
        } else {
            var slots = narrow.mutableSpan
            count = slots.insert(ring, positions, mask, hash)
        }
        room -= count
    }

    /// Writes those of some ids of a batch that are not in the table to the ring from a place on, and inserts them. They
    /// are moved to the front of the batch, behind the `kept` first. How many it were. There must be room in both.
    mutating func insertMissing(
        _ batch: inout IDBatch, _ indices: Range<Int>, kept: Int, into ring: inout [ItemID],
        at position: Int, _ hash: InventoryHash
    ) -> Int {
        let masks = (position: positionMask, tag: tagMask)
        let count: Int
        var ring = ring.mutableSpan
        if isWide {
            var slots = wide.mutableSpan
            count = slots.insertMissing(&batch, indices, kept, &ring, position, masks, hash)
        } else {
            var slots = narrow.mutableSpan
            count = slots.insertMissing(&batch, indices, kept, &ring, position, masks, hash)
        }
        room -= count
        return count
    }

    @inline(__always)
    private func tag(_ hash: UInt64) -> UInt32 { hash.tag(tagMask) }

    @inline(__always)
    private subscript(slot: Int) -> UInt32 { isWide ? wide[slot] : UInt32(narrow[slot]) }
}

extension UInt64 {
    @inline(__always)
    fileprivate func tag(_ mask: UInt32) -> UInt32 { UInt32(truncatingIfNeeded: self &>> 16) & mask }
}

extension MutableSpan where Element: FixedWidthInteger & UnsignedInteger & BitwiseCopyable {
    @inline(__always)
    fileprivate func next(_ slot: Int) -> Int { slot &+ 1 == count ? 0 : slot &+ 1 }

    @inline(__always)
    fileprivate mutating func insert(
        _ ring: [ItemID], _ positions: Range<Int>, _ tagMask: UInt32, _ hash: InventoryHash
    ) -> Int {
        var count = 0
        for position in positions {
            let id = ring[position]
            if id == OrderedIDs.hole { continue }
            let mixed = hash.hash(id)
            var slot = mixed.place(of: self.count)
            while self[slot] != 0 { slot = next(slot) }
            self[slot] = Element(truncatingIfNeeded: UInt32(truncatingIfNeeded: position &+ 1) | mixed.tag(tagMask))
            count &+= 1
        }
        return count
    }

    @inline(__always)
    fileprivate mutating func insertMissing(
        _ batch: inout IDBatch, _ indices: Range<Int>, _ kept: Int, _ ring: inout MutableSpan<ItemID>,
        _ position: Int, _ masks: (position: UInt32, tag: UInt32), _ hash: InventoryHash
    ) -> Int {
        var count = 0
        next: for index in indices {
            let id = batch[index]
            let mixed = hash.hash(id)
            let tag = mixed.tag(masks.tag)
            var slot = mixed.place(of: self.count)
            while self[slot] != 0 {
                let code = UInt32(truncatingIfNeeded: self[slot])
                if code & masks.tag == tag, ring[Int(code & masks.position) &- 1] == id { continue next }
                slot = self.next(slot)
            }
            self[slot] = Element(truncatingIfNeeded: UInt32(truncatingIfNeeded: position &+ count &+ 1) | tag)
            ring[position &+ count] = id
            batch[kept &+ count] = id
            count &+= 1
        }
        return count
    }
}
