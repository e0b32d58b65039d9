import DequeModule

/// One direction of a connection: the sender's kernel, the way, the receiver's kernel.
struct Pipe {
    /// Something on its way: bytes, the end of the stream, or a reset.
    struct Segment: BitwiseCopyable {
        let arrival: VirtualTime
        let byteCount: Int
        let mark: Mark
    }

    enum Mark: UInt8, BitwiseCopyable {
        case bytes
        case end
        case reset
    }

    /// All of it, oldest first: unread at the receiver, then on the way, then unsent.
    private var bytes = ByteQueue()
    private(set) var unreadByteCount = 0
    private var flyingByteCount = 0
    private var unsentByteCount = 0
    private var segments = Deque<Segment>()
    private var lastDeparture = VirtualTime.zero
    private var lastArrival = VirtualTime.zero
    private var cutSegmentsLeft: Int
    private let latency: Int64
    private var isEndSent = false
    private var isResetSent = false

    /// The application has shut down this direction: nothing is written after it.
    private(set) var isShut = false
    /// All bytes have arrived, and the end behind them.
    private(set) var isEndArrived = false
    private(set) var isResetArrived = false
    /// The receiver has gone: whatever still comes is thrown away and answered with a reset.
    private(set) var isReceiverGone = false
    /// Taken by the sender's kernel so far.
    private(set) var writtenByteCount: UInt64 = 0
    /// Read by the receiver so far.
    private(set) var readByteCount: UInt64 = 0

    init(_ profile: LinkProfile) {
        cutSegmentsLeft = profile.cutSegmentCount
        latency = profile.latency.wholeNanoseconds
    }

    /// True when the receiver has something to do: bytes, the end or a reset.
    var isReadable: Bool { unreadByteCount > 0 || isEndArrived || isResetArrived }
    var isEmpty: Bool { bytes.count == 0 && segments.isEmpty }

    func writableByteCount(_ profile: LinkProfile) -> Int {
        isShut ? 0 : max(0, profile.sendBufferByteCount - unsentByteCount - flyingByteCount)
    }

    // MARK: Sender

    /// Takes what fits of the bytes from `start` on; how many.
    mutating func write(_ piece: [UInt8], from start: Int, _ profile: LinkProfile) -> Int {
        let taken = min(piece.count - start, writableByteCount(profile))
        bytes.append(piece, start..<(start + taken))
        unsentByteCount += taken
        writtenByteCount += UInt64(taken)
        return taken
    }

    mutating func shut() { isShut = true }

    /// Puts on the way what the receiver's window has room for. True when something that had an empty way before it
    /// is now to arrive at ``nextArrival``.
    mutating func transmit(_ profile: LinkProfile, at now: VirtualTime, random: inout SimulationRandom) -> Bool {
        let wasIdle = segments.isEmpty
        while unsentByteCount > 0 {
            let window = profile.receiveWindowByteCount - unreadByteCount - flyingByteCount
            var length = min(unsentByteCount, profile.segmentByteCount)
            if !isReceiverGone {
                // As TCP does, no small piece is sent just because a little room has come up.
                if window < min(length, profile.receiveWindowByteCount / 2) || window <= 0 { break }
                length = min(length, window)
            }
            if cutSegmentsLeft > 0 {
                cutSegmentsLeft -= 1
                length = min(length, 1 + random.below(profile.cutSegmentByteCount))
            }
            unsentByteCount -= length
            flyingByteCount += length
            append(.bytes, length, profile, at: now, random: &random)
        }
        if isShut, !isEndSent, unsentByteCount == 0 {
            isEndSent = true
            append(.end, 0, profile, at: now, random: &random)
        }
        return wasIdle && !segments.isEmpty
    }

    /// Sends a reset behind what is on the way; what was not sent is lost. True as for ``transmit(_:at:random:)``.
    mutating func reset(_ profile: LinkProfile, at now: VirtualTime, random: inout SimulationRandom) -> Bool {
        if isResetSent { return false }
        let wasIdle = segments.isEmpty
        isResetSent = true
        isShut = true
        isEndSent = true
        // The bytes stay in the queue, where nobody reads that far.
        unsentByteCount = 0
        append(.reset, 0, profile, at: now, random: &random)
        return wasIdle
    }

    private mutating func append(
        _ mark: Mark, _ length: Int, _ profile: LinkProfile, at now: VirtualTime, random: inout SimulationRandom
    ) {
        let transfer = Int64(length) * 1_000_000_000 / Int64(profile.bytesPerSecond)
        lastDeparture = VirtualTime(nanoseconds: max(now, lastDeparture).nanoseconds + transfer)
        var arrival = VirtualTime(nanoseconds: lastDeparture.nanoseconds + latency)
        if profile.jitter > .zero { arrival = arrival + random.duration(upTo: profile.jitter) }
        lastArrival = max(arrival, lastArrival)
        segments.append(Segment(arrival: lastArrival, byteCount: length, mark: mark))
    }

    // MARK: Way

    var nextArrival: VirtualTime? { segments.first?.arrival }

    /// The first segment arrives.
    mutating func arrive() -> Segment? {
        guard let segment = segments.popFirst() else { return nil }
        flyingByteCount -= segment.byteCount
        switch segment.mark {
        case .bytes: unreadByteCount += segment.byteCount
        case .end: isEndArrived = true
        case .reset: isResetArrived = true
        }
        return segment
    }

    // MARK: Receiver

    /// Moves up to `limit` bytes that have arrived to the end of `output`; how many.
    mutating func read(upTo limit: Int, into output: inout [UInt8]) -> Int {
        let count = min(limit, unreadByteCount)
        bytes.read(count, into: &output)
        unreadByteCount -= count
        readByteCount += UInt64(count)
        return count
    }

    /// What has arrived and was not read is lost, as a reset may do.
    mutating func discardUnread() {
        var lost: [UInt8] = []
        bytes.read(unreadByteCount, into: &lost)
        unreadByteCount = 0
    }

    mutating func receiverGoes() {
        isReceiverGone = true
        discardUnread()
    }

    /// Both ends are gone.
    mutating func removeAll() {
        bytes.removeAll()
        segments.removeAll()
        unreadByteCount = 0
        flyingByteCount = 0
        unsentByteCount = 0
    }
}
