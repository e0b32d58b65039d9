/// A set of ids in the order in which they were appended: a ring of ids, and a hash table from an id to its place
/// there.
///
/// It serves as a queue without repetitions, and as a list by recent use, where a use removes an id and appends it
/// again. What is removed from the middle leaves a hole; the ring is packed when it is full of them. So an id takes 4
/// bytes of ring and 2 bytes for each slot of the table, and what is used in order is next to each other in memory.
struct OrderedIDs {
    /// Stands for what was removed. No id is as high.
    static let hole = ItemID.max

    private var ring: [ItemID] = []
    private var slots = PositionSlots()
    private let maxCapacity: Int
    /// The place of the oldest id. There is no hole while there is any id.
    private var first = 0
    /// Places from the oldest to the newest, holes included.
    private var span = 0
    /// The number of ids.
    private(set) var count = 0

    /// An empty set of at most `maxCount` ids, which takes no memory.
    init(maxCount: Int) {
        // Space for holes, so that packing is rare; but not so much that a place takes more than 16 bits.
        let count = min(maxCount, 1 << 30)
        let capacity = count + max(8, count / 8)
        maxCapacity = count <= 60_000 ? min(capacity, PositionSlots.maxNarrowCapacity) : capacity
    }

    var isEmpty: Bool { count == 0 }

    /// Bytes of memory besides the value itself.
    var byteCount: Int { ring.heapByteCount + slots.byteCount }

    @inline(__always)
    func contains(_ id: ItemID, _ hash: InventoryHash) -> Bool {
        count > 0 && slots.find(id, hash.hash(id), in: ring) != nil
    }

    /// Appends an id that is not in the set. There must be fewer than `maxCount`.
    @inline(__always)
    mutating func append(_ id: ItemID, _ hash: InventoryHash) {
        if span == ring.count || slots.isFull { makeRoom(hash) }
        let position = place(span)
        ring[position] = id
        slots.insert(position, hash.hash(id))
        span &+= 1
        count &+= 1
    }

    /// Removes an id. False when it was not in the set.
    @inline(__always)
    mutating func remove(_ id: ItemID, _ hash: InventoryHash) -> Bool {
        guard count > 0, let position = slots.find(id, hash.hash(id), in: ring) else { return false }
        ring[position] = Self.hole
        count &-= 1
        skipHoles()
        return true
    }

    /// Makes an id the newest. False when it was not in the set.
    @inline(__always)
    mutating func moveToEnd(_ id: ItemID, _ hash: InventoryHash) -> Bool {
        guard remove(id, hash) else { return false }
        append(id, hash)
        return true
    }

    /// Removes and returns the oldest id.
    @inline(__always)
    mutating func popFirst() -> ItemID? {
        guard count > 0 else { return nil }
        let id = ring[first]
        ring[first] = Self.hole
        count &-= 1
        skipHoles()
        return id
    }

    /// Calls `body` with each id, oldest first.
    @inline(__always)
    func forEach(_ body: (ItemID) -> Void) {
        for offset in 0..<span {
            let id = ring[place(offset)]
            if id != Self.hole { body(id) }
        }
    }

    /// Removes all. Memory for more than so many ids is given back.
    mutating func removeAll(keepingCapacityUpTo capacity: Int) {
        if ring.count <= capacity {
            slots.removeAll()
        } else {
            ring = []
            slots = PositionSlots()
        }
        first = 0
        span = 0
        count = 0
    }

    // MARK: - Places

    @inline(__always)
    private func place(_ offset: Int) -> Int {
        let place = first &+ offset
        return place < ring.count ? place : place &- ring.count
    }

    @inline(__always)
    private mutating func skipHoles() {
        while span > 0, ring[first] == Self.hole {
            first = place(1)
            span &-= 1
        }
    }

    /// Frees the slots of what was removed. Where the ring is full it is packed, if that gives at least a place for
    /// every eight ids, which makes up for the work; else it gets twice the places.
    private mutating func makeRoom(_ hash: InventoryHash) {
        if span == ring.count {
            var capacity = ring.count
            if capacity < maxCapacity, capacity < count + max(8, count / 8) {
                capacity = min(max(16, capacity * 2), maxCapacity)
            }
            precondition(capacity > count, "more ids than the set was made for")
            var packed = [ItemID](repeating: Self.hole, count: capacity)
            var end = 0
            forEach { id in
                packed[end] = id
                end &+= 1
            }
            ring = packed
            first = 0
            span = count
        }
        slots.removeAll(for: ring.count)
        for offset in 0..<span {
            let position = place(offset)
            if ring[position] != Self.hole { slots.insert(position, hash.hash(ring[position])) }
        }
    }
}

extension Array {
    /// Bytes that an array takes on the heap, its header included.
    var heapByteCount: Int { capacity == 0 ? 0 : 32 + capacity * MemoryLayout<Element>.stride }
}
