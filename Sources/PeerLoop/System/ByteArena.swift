/// A growing run of bytes that is appended to at its end and consumed from its start: where small writes gather.
///
/// Memory is raw so that appending costs one copy and no initialisation. Consumed space is used again by moving the
/// rest down once more than half is consumed, so that a slow reader cannot make it grow beyond twice what waits.
struct ByteArena: ~Copyable {
    private var storage: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0

    /// Capacity above which an emptied arena gives its memory back.
    static let retainedByteCount = 16 << 10

    init() {
        storage = .init(start: nil, count: 0)
    }

    deinit {
        storage.deallocate()
    }

    var count: Int { end - start }
    var capacity: Int { storage.count }

    @inline(__always)
    mutating func append(_ bytes: RawSpan) {
        let count = bytes.byteCount
        if storage.count - end < count { reserve(count) }
        bytes.withUnsafeBytes { source in
            guard count > 0, let from = source.baseAddress, let to = storage.baseAddress else { return }
            (to + end).copyMemory(from: from, byteCount: count)
        }
        end += count
    }

    /// Has `fill` append to the free memory behind what was appended, at most `capacity` bytes, and answers how many
    /// that were; none when it throws.
    mutating func append<Failure: Error>(
        capacity: Int, _ fill: (inout OutputRawSpan) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        if storage.count - end < capacity { reserve(capacity) }
        let room = UnsafeMutableRawBufferPointer(rebasing: storage[end..<(end + capacity)])
        var output = OutputRawSpan(buffer: room, initializedCount: 0)
        // Bytes, which nobody has to take down when it throws.
        try fill(&output)
        let count = output.finalize(for: room)
        end += count
        return count
    }

    mutating func consume(_ byteCount: Int) {
        precondition(byteCount <= count, "consumed more than was appended")
        start += byteCount
        if start == end { reset() }
    }

    mutating func reset() {
        start = 0
        end = 0
        if storage.count > Self.retainedByteCount {
            storage.deallocate()
            storage = .init(start: nil, count: 0)
        }
    }

    /// Lends `length` bytes that begin `offset` bytes behind the first unconsumed one.
    func withBytes<Result>(offset: Int, length: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        precondition(offset + length <= count, "read beyond what was appended")
        return body(UnsafeRawBufferPointer(rebasing: storage[(start + offset)..<(start + offset + length)]))
    }

    /// Makes room for `byteCount` bytes where there is not enough behind the last one.
    @inline(never)
    private mutating func reserve(_ byteCount: Int) {
        let waiting = count
        if storage.count - waiting >= byteCount, start > storage.count / 2 {
            storage.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[start..<end]))
        } else {
            let grown = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(512, (waiting + byteCount) * 2), alignment: 16)
            if waiting > 0 { grown.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[start..<end])) }
            storage.deallocate()
            storage = grown
        }
        start = 0
        end = waiting
    }
}
