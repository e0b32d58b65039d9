/// Deadlines of one loop in a four-ary heap that knows where each timer stands, so that cancelling is exact and
/// re-arming moves one entry.
///
/// The rival of the loop's timing wheel, kept to be measured beside it.
///
/// A timer is a small number that its owner keeps; it is either armed, with one entry in the heap, or idle.
struct HeapTimerQueue {
    typealias Identifier = UInt32

    private struct Entry {
        var deadline: Int64
        var identifier: Identifier
    }

    private var heap: [Entry] = []
    private var positions: [Int32] = []
    private var freeIdentifiers: [Identifier] = []

    private static let idle: Int32 = -1

    /// A new, idle timer.
    mutating func allocate() -> Identifier {
        if let identifier = freeIdentifiers.popLast() { return identifier }
        positions.append(Self.idle)
        return Identifier(positions.count - 1)
    }

    mutating func release(_ identifier: Identifier) {
        cancel(identifier)
        freeIdentifiers.append(identifier)
    }

    /// Nanoseconds at which the first timer is due.
    var earliest: Int64? { heap.first?.deadline }

    var armedCount: Int { heap.count }

    /// Nanoseconds at which a timer is due, `nil` while it is idle.
    func armedDeadline(of identifier: Identifier) -> Int64? {
        let position = Int(positions[Int(identifier)])
        return position >= 0 ? heap[position].deadline : nil
    }

    mutating func arm(_ identifier: Identifier, at deadline: Int64) {
        let position = Int(positions[Int(identifier)])
        if position >= 0 {
            let previous = heap[position].deadline
            heap[position].deadline = deadline
            if deadline < previous { siftUp(position) } else { siftDown(position) }
        } else {
            heap.append(Entry(deadline: deadline, identifier: identifier))
            positions[Int(identifier)] = Int32(heap.count - 1)
            siftUp(heap.count - 1)
        }
    }

    mutating func cancel(_ identifier: Identifier) {
        let position = Int(positions[Int(identifier)])
        if position >= 0 { remove(at: position) }
    }

    /// Takes the first timer that is due at `now`; it becomes idle.
    mutating func popDue(at now: Int64) -> Identifier? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        remove(at: 0)
        return first.identifier
    }

    private mutating func remove(at position: Int) {
        positions[Int(heap[position].identifier)] = Self.idle
        let last = heap.removeLast()
        if position == heap.count { return }
        let removed = heap[position].deadline
        place(last, at: position)
        if last.deadline < removed { siftUp(position) } else { siftDown(position) }
    }

    private mutating func place(_ entry: Entry, at position: Int) {
        heap[position] = entry
        positions[Int(entry.identifier)] = Int32(position)
    }

    private mutating func siftUp(_ start: Int) {
        let entry = heap[start]
        var position = start
        while position > 0 {
            let parent = (position - 1) / 4
            if heap[parent].deadline <= entry.deadline { break }
            place(heap[parent], at: position)
            position = parent
        }
        place(entry, at: position)
    }

    private mutating func siftDown(_ start: Int) {
        let entry = heap[start]
        var position = start
        while true {
            let firstChild = position * 4 + 1
            if firstChild >= heap.count { break }
            var smallest = firstChild
            for child in (firstChild + 1)..<max(firstChild + 1, min(firstChild + 4, heap.count))
            where heap[child].deadline < heap[smallest].deadline {
                smallest = child
            }
            if heap[smallest].deadline >= entry.deadline { break }
            place(heap[smallest], at: position)
            position = smallest
        }
        place(entry, at: position)
    }
}
