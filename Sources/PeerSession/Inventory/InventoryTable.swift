import PeerWire

/// The inventory that any session of a loop knows of, each item once: a session keeps ids of 4 bytes.
///
/// An item is there as long as a session refers to it. The memory is given back when items are gone.
final class InventoryTable {
    var items: InventoryItems

    /// An empty table, which takes no memory. The key must be random and secret.
    init(key0: UInt64, key1: UInt64) {
        items = InventoryItems(hash: InventoryHash(key0: key0, key1: key1))
    }

    /// The number of items.
    var count: Int { items.count }
    /// Bytes of memory besides the object itself.
    var byteCount: Int { items.byteCount }
}

/// Items by id and ids by item, with counts of references.
///
/// Items lie in chunks, which never move: the table grows without copying them. A hash table over all holds ids only.
struct InventoryItems {
    let hash: InventoryHash
    private var chunks: [InventoryChunk] = []
    /// Chunks with room: the one to fill next is the last. Full ones leave when they come to be the last.
    private var open: [UInt32] = []
    /// A chunk without items whose memory is kept, so that a few items coming and going cost no allocation.
    private var spare: Int?
    private var slots = IDSlots()
    /// The number of items.
    private(set) var count = 0

    init(hash: InventoryHash) {
        self.hash = hash
    }

    /// Bytes of memory besides the value itself.
    var byteCount: Int {
        chunks.reduce(chunks.heapByteCount + open.heapByteCount + slots.byteCount) { $0 + $1.byteCount }
    }

    /// The item of an id that is in use.
    @inline(__always)
    subscript(id: ItemID) -> InventoryVector {
        let place = InventoryChunk.Place(id)
        return chunks[place.chunk][place.offset]
    }

    /// How many references there are to an id that is in use.
    func referenceCount(_ id: ItemID) -> Int {
        let place = InventoryChunk.Place(id)
        return chunks[place.chunk].referenceCount(place.offset)
    }

    /// The id of an item; `nil` when no session refers to it. The item must be normal (``InventoryVector/normal``).
    @inline(__always)
    func find(_ item: InventoryVector) -> ItemID? {
        guard count > 0 else { return nil }
        return slots.find(item, hash.hash(item), in: chunks)
    }

    /// Adds a reference to an id that is in use.
    @inline(__always)
    mutating func retain(_ id: ItemID) {
        let place = InventoryChunk.Place(id)
        chunks[place.chunk].retain(place.offset)
    }

    /// Takes one reference away; with the last one the item goes and its id is free.
    @inline(__always)
    mutating func release(_ id: ItemID) {
        let place = InventoryChunk.Place(id)
        if chunks[place.chunk].release(place.offset) { remove(id, place) }
    }

    /// Gives an item that is not there an id, with one reference.
    mutating func insert(_ item: InventoryVector) -> ItemID {
        let chunk = chunkWithRoom()
        let offset = chunks[chunk].insert(item)
        let id = InventoryChunk.Place(chunk: chunk, offset: offset).id
        count += 1
        if slots.hasRoom(for: count, highestID: highestID) {
            slots.insert(id, hash.hash(item))
        } else {
            rebuildSlots()
        }
        return id
    }

    private var highestID: ItemID {
        InventoryChunk.Place(chunk: chunks.count - 1, offset: InventoryChunk.capacity - 1).id
    }

    private mutating func chunkWithRoom() -> Int {
        while let last = open.last {
            let chunk = Int(last)
            if !chunks[chunk].isFull {
                if spare == chunk { spare = nil }
                return chunk
            }
            chunks[chunk].isOpen = false
            open.removeLast()
        }
        chunks.append(InventoryChunk())
        open.append(UInt32(chunks.count - 1))
        return chunks.count - 1
    }

    private mutating func remove(_ id: ItemID, _ place: InventoryChunk.Place) {
        if count == 1 {
            self = InventoryItems(hash: hash)
            return
        }
        slots.remove(id, hash, in: chunks)
        chunks[place.chunk].remove(place.offset)
        count -= 1
        if !chunks[place.chunk].isOpen {
            chunks[place.chunk].isOpen = true
            open.append(UInt32(place.chunk))
        }
        if chunks[place.chunk].count == 0 {
            if let spare { chunks[spare].giveMemoryBack() }
            spare = place.chunk
        }
        if slots.isOversized(for: count) { rebuildSlots() }
    }

    private mutating func rebuildSlots() {
        slots = IDSlots(count: count, highestID: highestID)
        for chunk in chunks.indices {
            chunks[chunk].forEach { offset, item in
                slots.insert(
                    InventoryChunk.Place(chunk: chunk, offset: offset).id, hash.hash(item))
            }
        }
    }
}

extension InventoryVector {
    /// What is known of a peer that has the item: a block is the same thing however it is sent.
    @inline(__always)
    var normal: InventoryVector {
        kind == .filteredBlock || kind == .compactBlock ? .block(hash) : self
    }
}
