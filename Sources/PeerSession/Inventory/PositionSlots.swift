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
    private var room = 0
    private var positionMask: UInt32 = 0
    private var tagMask: UInt32 = 0

    var byteCount: Int { narrow.heapByteCount + wide.heapByteCount }

    var isFull: Bool { room == 0 }

    /// Frees all slots.
    mutating func removeAll() {
        for slot in narrow.indices { narrow[slot] = 0 }
        for slot in wide.indices { wide[slot] = 0 }
        // A search ends at a free slot. With seven of ten taken it looks at six slots on average.
        room = slotCount * 7 / 10
    }

    /// Frees all slots and has enough of them for a ring of so many places.
    mutating func removeAll(for capacity: Int) {
        if slotCount != capacity * 2 {
            slotCount = capacity * 2
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

    @inline(__always)
    mutating func insert(_ position: Int, _ hash: UInt64) {
        var slot = hash.place(of: slotCount)
        while self[slot] != 0 { slot = slot &+ 1 == slotCount ? 0 : slot &+ 1 }
        self[slot] = UInt32(truncatingIfNeeded: position &+ 1) | tag(hash)
        room &-= 1
    }

    @inline(__always)
    private func tag(_ hash: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: hash &>> 16) & tagMask
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
