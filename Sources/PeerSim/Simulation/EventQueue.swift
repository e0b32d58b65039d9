import HeapModule

/// What is going to happen in a simulation.
enum EventKind: UInt8, BitwiseCopyable {
    /// Bytes, or the end, of one direction of a connection arrive. Detail: the direction.
    case arrival
    /// A dialled connection is up, refused or given up.
    case connectEnds
    /// An endpoint's turn to read.
    case read
    /// A session's deadline.
    case timer
    /// The audit of an endpoint's deadlines.
    case audit
    /// A lane's worker is done.
    case work
    /// The host has the answer to a session's question.
    case answer
    /// A goodbye has taken long enough.
    case drainEnds
    /// A call back of the scenario. The target is its place in the table of calls.
    case call
    /// An adversary's next move.
    case move
}

/// One entry of the queue: plain words, so that a thousand idle peers cost little.
struct ScheduledEvent: Comparable, BitwiseCopyable {
    let time: VirtualTime
    /// Events of one moment happen in the order in which they were scheduled.
    let sequence: UInt64
    let target: Int32
    let detail: Int32
    let kind: EventKind

    static func < (left: ScheduledEvent, right: ScheduledEvent) -> Bool {
        left.time != right.time ? left.time < right.time : left.sequence < right.sequence
    }

    static func == (left: ScheduledEvent, right: ScheduledEvent) -> Bool { left.sequence == right.sequence }
}

/// All that is going to happen, earliest first.
struct EventQueue {
    private var heap = Heap<ScheduledEvent>()
    private var sequence: UInt64 = 0

    var count: Int { heap.count }
    var nextTime: VirtualTime? { heap.min?.time }

    mutating func schedule(_ kind: EventKind, of target: Int32, detail: Int32 = 0, at time: VirtualTime) {
        sequence += 1
        heap.insert(ScheduledEvent(time: time, sequence: sequence, target: target, detail: detail, kind: kind))
    }

    mutating func next(before end: VirtualTime) -> ScheduledEvent? {
        guard let first = heap.min, first.time <= end else { return nil }
        return heap.popMin()
    }
}
