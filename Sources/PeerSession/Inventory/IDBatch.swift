/// A few ids on their way from one place to another, without an allocation.
struct IDBatch {
    static let capacity = 256

    private var ids = InlineArray<256, ItemID>(repeating: 0)
    private(set) var count = 0

    var indices: Range<Int> { 0..<count }

    @inline(__always)
    subscript(index: Int) -> ItemID {
        get { ids[index] }
        set { ids[index] = newValue }
    }

    @inline(__always)
    mutating func append(_ id: ItemID) {
        ids[count] = id
        count &+= 1
    }

    /// Leaves only so many of the first.
    mutating func keepFirst(_ count: Int) {
        precondition(count <= self.count, "a batch cannot keep more than it has")
        self.count = count
    }
}
