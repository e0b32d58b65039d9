import PeerWire

/// Room for 256 items and the counts of references to them: 36 bytes an item and 4 more where any is of a rare kind.
struct InventoryChunk {
    static let capacity = 256

    /// Where an id leads.
    struct Place {
        var chunk: Int
        var offset: Int

        @inline(__always)
        init(chunk: Int, offset: Int) {
            self.chunk = chunk
            self.offset = offset
        }

        @inline(__always)
        init(_ id: ItemID) {
            chunk = Int(id &>> 8)
            offset = Int(id & 0xff)
        }

        var id: ItemID { ItemID(chunk << 8 | offset) }
    }

    /// Nothing while the chunk has no memory.
    private var hashes: [Hash256] = []
    /// The kind, as a number of this file's, in the upper 8 bits; the references in the others, which the sessions of a
    /// loop cannot overflow, as each has at most one.
    private var marks: [UInt32] = []
    /// The kinds of all items, where any has none of this file's numbers.
    private var kinds: [InventoryKind] = []
    private var free = InlineArray<4, UInt64>(repeating: .max)
    private(set) var count = 0
    /// Whether the table has it among those with room.
    var isOpen = true

    private static let referenceMask: UInt32 = 0xff_ffff
    private static let rareKind: UInt32 = 3

    var isFull: Bool { count == Self.capacity }
    var byteCount: Int { hashes.heapByteCount + marks.heapByteCount + kinds.heapByteCount }

    @inline(__always)
    subscript(offset: Int) -> InventoryVector {
        InventoryVector(kind: kind(offset), hash: hashes[offset])
    }

    @inline(__always)
    func holds(_ item: InventoryVector, at offset: Int) -> Bool {
        hashes[offset] == item.hash && kind(offset) == item.kind
    }

    @inline(__always)
    func referenceCount(_ offset: Int) -> Int { Int(marks[offset] & Self.referenceMask) }

    @inline(__always)
    mutating func retain(_ offset: Int) { marks[offset] &+= 1 }

    /// True when it was the last reference.
    @inline(__always)
    mutating func release(_ offset: Int) -> Bool {
        assert(referenceCount(offset) > 0, "an item that nobody refers to was released")
        let mark = marks[offset] &- 1
        marks[offset] = mark
        return mark & Self.referenceMask == 0
    }

    /// Puts an item, with one reference, at the first free place. There must be one.
    mutating func insert(_ item: InventoryVector) -> Int {
        if hashes.isEmpty {
            hashes = [Hash256](repeating: .zero, count: Self.capacity)
            marks = [UInt32](repeating: 0, count: Self.capacity)
        }
        var offset = 0
        for word in free.indices where free[word] != 0 {
            offset = word << 6 | free[word].trailingZeroBitCount
            free[word] &= free[word] &- 1
            break
        }
        let number = Self.number(of: item.kind)
        if number == Self.rareKind, kinds.isEmpty { kinds = (0..<Self.capacity).map(kind) }
        if !kinds.isEmpty { kinds[offset] = item.kind }
        hashes[offset] = item.hash
        marks[offset] = number << 24 | 1
        count += 1
        return offset
    }

    mutating func remove(_ offset: Int) {
        marks[offset] = 0
        free[offset >> 6] |= 1 << UInt64(offset & 63)
        count -= 1
        if count == 0 { kinds = [] }
    }

    /// For a chunk without items.
    mutating func giveMemoryBack() {
        hashes = []
        marks = []
    }

    @inline(__always)
    func forEach(_ body: (Int, InventoryVector) -> Void) {
        for offset in marks.indices where marks[offset] & Self.referenceMask != 0 { body(offset, self[offset]) }
    }

    @inline(__always)
    private func kind(_ offset: Int) -> InventoryKind {
        switch marks[offset] >> 24 {
        case 0: .transaction
        case 1: .block
        case 2: .doubleSpendProof
        default: kinds[offset]
        }
    }

    private static func number(of kind: InventoryKind) -> UInt32 {
        switch kind {
        case .transaction: 0
        case .block: 1
        case .doubleSpendProof: 2
        default: rareKind
        }
    }
}
