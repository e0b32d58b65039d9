internal import CEpollShim
internal import DequeModule
internal import Glibc

/// What became of bytes whose writer asked to be told.
public enum WriteOutcome: Hashable, Sendable, BitwiseCopyable {
    /// The kernel has taken every byte.
    case sent
    /// The connection ended before the kernel had taken every byte, or was not open yet and took none.
    case connectionClosed
}

/// The bytes that wait to be written to one connection: small ones gathered in an arena, large ones shared.
///
/// A connection holds one only while something waits; empty ones go back to the loop's pool, so that an idle
/// connection has no buffer. A large chunk is a reference to bytes that other connections may be sending too.
final class OutputQueue {
    private struct Segment {
        /// `nil`: the next `count` bytes of the arena.
        var shared: [UInt8]?
        var offset: Int
        var count: Int
    }

    struct Notice {
        let endOffset: UInt64
        let tell: @Sendable (WriteOutcome) -> Void
    }

    /// Chunks up to this many bytes are copied into the arena: cheaper than an entry of their own.
    static let copiedByteCount = 1024
    /// Entries of one gathered write; the kernel takes at most 1,024.
    static let gatheredSegments = 32

    // Appended to for every message: that these accesses do not overlap is seen here, and not checked each time.
    @exclusivity(unchecked) private var arena = ByteArena()  // allowed: lent to system calls and transports only
    /// Bytes at the start of the arena that go out before any segment: all of them while nothing shared waits.
    private var leadingByteCount = 0
    @exclusivity(unchecked) private var segments = Deque<Segment>()  // allowed: changed between writes only
    @exclusivity(unchecked) private var notices = Deque<Notice>()  // allowed: handed out before they are told
    private(set) var byteCount = 0
    private var enqueued: UInt64 = 0
    private var flushed: UInt64 = 0

    var limits = WriteLimits.unlimited
    /// More than the high mark waited, and more than the low mark still does.
    private(set) var isOverMark = false
    /// That it is over the high mark was told, and its progress is looked at since.
    private(set) var isOverMarkTold = false
    /// Nanoseconds at which the connection's progress was last looked at, or came to be.
    private(set) var windowBegan: Int64 = 0
    private var flushedBefore: UInt64 = 0

    var isEmpty: Bool { byteCount == 0 }
    var hasNotices: Bool { !notices.isEmpty }

    /// A connection begins to use this queue.
    func begin(_ limits: WriteLimits) { self.limits = limits }

    /// Whether `count` bytes more may wait.
    @inline(__always)
    func admits(_ count: Int) -> Bool { count <= limits.cap - byteCount }

    @inline(__always)
    func append(_ bytes: RawSpan) {
        arena.append(bytes)
        if segments.isEmpty {
            leadingByteCount += bytes.byteCount
            count(bytes.byteCount)
        } else {
            noteBehindSegments(bytes.byteCount)
        }
    }

    /// Appends what `fill` does, at most `capacity` bytes, and answers how many that were; none when it throws.
    func append<Failure: Error>(
        capacity: Int, _ fill: (inout OutputRawSpan) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        let added = try arena.append(capacity: capacity, fill)
        if added == 0 { return 0 }
        if segments.isEmpty {
            leadingByteCount += added
            count(added)
        } else {
            noteBehindSegments(added)
        }
        return added
    }

    /// `added` bytes of the arena come after a large chunk.
    @inline(never)
    private func noteBehindSegments(_ added: Int) {
        count(added)
        if segments[segments.count - 1].shared == nil {
            segments[segments.count - 1].count += added
        } else {
            segments.append(Segment(shared: nil, offset: 0, count: added))
        }
    }

    func append(_ chunk: [UInt8]) {
        if chunk.isEmpty { return }
        if chunk.count <= Self.copiedByteCount {
            append(chunk.span.bytes)
        } else {
            segments.append(Segment(shared: chunk, offset: 0, count: chunk.count))
            count(chunk.count)
        }
    }

    /// Has `tell` called once everything appended so far is with the kernel, or never will be.
    func notify(_ tell: @escaping @Sendable (WriteOutcome) -> Void) {
        notices.append(Notice(endOffset: enqueued, tell: tell))
    }

    /// One gathered write of at most `limit` bytes. `moved` counts what the kernel took.
    func write(to descriptor: borrowing FileDescriptor, limit: Int) -> TransferOutcome {
        let number = descriptor.number
        let status: Int
        if segments.isEmpty {
            status = arena.withBytes(offset: 0, length: min(byteCount, limit)) { bytes in
                cepoll_write(number, bytes.baseAddress, bytes.count)
            }
        } else {
            status = withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.gatheredSegments) { parts in
                gather(into: parts, filled: 0, arenaOffset: 0, limit: limit) { filled in
                    cepoll_send(number, parts.baseAddress, filled)
                }
            }
        }
        if status >= 0 {
            consume(status)
            return .moved(status)
        }
        if status == Int(SystemError.wouldBlock) { return .wouldBlock }
        return .failed(SystemError(.write, code: Int32(-status)))
    }

    /// Has `write` take bytes of the first piece, at most `limit` of them. `moved` counts what it took.
    func writeFront(limit: Int, _ write: (RawSpan) -> TransferOutcome) -> TransferOutcome {
        let outcome: TransferOutcome
        if leadingByteCount == 0, let segment = segments.first, let chunk = segment.shared {
            let end = segment.offset + min(limit, segment.count)
            outcome = write(chunk.span.bytes.extracting(segment.offset..<end))
        } else {
            let piece = leadingByteCount > 0 ? leadingByteCount : segments.first?.count ?? byteCount
            outcome = arena.withBytes(offset: 0, length: min(limit, piece)) { write($0.bytes) }
        }
        if case .moved(let count) = outcome { consume(count) }
        return outcome
    }

    /// The notices that are due now; the caller tells them once it no longer touches this queue.
    func takeDueNotices() -> [Notice] {
        if notices.isEmpty { return [] }
        var due: [Notice] = []
        while let first = notices.first, first.endOffset <= flushed { due.append(notices.removeFirst()) }
        return due
    }

    /// Forgets everything, for the pool; the notices that nothing will fulfil are returned.
    func abandon() -> [Notice] {
        let left = notices.isEmpty ? [] : Array(notices)
        notices.removeAll()
        reset()
        return left
    }

    /// Forgets everything, for the pool, where nobody waits to be told.
    func reset() {
        if !segments.isEmpty { segments.removeAll() }
        arena.reset()
        leadingByteCount = 0
        byteCount = 0
        enqueued = 0
        flushed = 0
        flushedBefore = 0
        isOverMark = false
        isOverMarkTold = false
    }

    // MARK: - Marks and progress

    enum Edge {
        case overHighMark, underLowMark
    }

    /// What has to be told about the marks after a write; each edge once.
    func markEdge() -> Edge? {
        guard isOverMark else { return nil }
        if byteCount <= limits.lowMark {
            isOverMark = false
            isOverMarkTold = false
            return .underLowMark
        }
        if isOverMarkTold { return nil }
        isOverMarkTold = true
        return .overHighMark
    }

    func beginWindow(at now: Int64) {
        windowBegan = now
        flushedBefore = flushed
    }

    /// Takes `time` nanoseconds, in which nothing could be written, out of the window.
    func delayWindow(by time: Int64, now: Int64) {
        windowBegan = min(windowBegan + time, now)
    }

    var flushedInWindow: UInt64 { flushed - flushedBefore }

    /// Bytes that wait, of which those of large chunks count as `weigh` says, given the chunk and what is left of it.
    func byteCount(_ weigh: ([UInt8], Int) -> Int) -> Int {
        segments.reduce(leadingByteCount) { count, segment in
            count + (segment.shared.map { weigh($0, segment.count) } ?? segment.count)
        }
    }

    @inline(__always)
    private func count(_ added: Int) {
        byteCount += added
        enqueued += UInt64(added)
        if byteCount > limits.highMark { isOverMark = true }
    }

    /// Fills `parts` with one segment a level, so that every pointer is used only while its bytes are lent.
    private func gather(
        into parts: UnsafeMutableBufferPointer<iovec>, filled: Int, arenaOffset: Int, limit: Int,
        send: (Int) -> Int
    ) -> Int {
        let leading = leadingByteCount > 0 ? 1 : 0
        guard filled < min(parts.count, leading + segments.count), limit > 0 else { return send(filled) }
        let segment = filled < leading ? nil : segments[filled - leading]
        let length = min(limit, segment?.count ?? leadingByteCount)
        func lend(_ bytes: UnsafeRawBufferPointer, fromArena: Int) -> Int {
            parts[filled] = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
            return gather(
                into: parts, filled: filled + 1, arenaOffset: arenaOffset + fromArena, limit: limit - length,
                send: send)
        }
        guard let segment, let chunk = segment.shared else {
            return arena.withBytes(offset: arenaOffset, length: length) { lend($0, fromArena: length) }
        }
        return chunk.withUnsafeBytes { bytes in
            lend(UnsafeRawBufferPointer(rebasing: bytes[segment.offset..<(segment.offset + length)]), fromArena: 0)
        }
    }

    private func consume(_ taken: Int) {
        var left = taken
        byteCount -= taken
        flushed += UInt64(taken)
        let fromLeading = min(left, leadingByteCount)
        if fromLeading > 0 {
            arena.consume(fromLeading)
            leadingByteCount -= fromLeading
            left -= fromLeading
        }
        while left > 0 {
            let step = min(left, segments[0].count)
            if segments[0].shared == nil { arena.consume(step) }
            segments[0].offset += step
            segments[0].count -= step
            left -= step
            if segments[0].count == 0 { segments.removeFirst() }
        }
    }
}
