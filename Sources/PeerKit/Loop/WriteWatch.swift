internal import DequeModule
internal import PeerWire
internal import Synchronization

/// The frames of one peer that the kernel does not have yet. Made only where somebody listens to
/// ``MessageListeners/onWrite``.
final class WriteWatch {
    struct Waiting {
        let command: Command
        let byteCount: Int
        /// Where in the stream of bytes to the peer it ends.
        let endOffset: UInt64
    }

    private var waiting = Deque<Waiting>()
    private var writtenByteCount: UInt64
    private var missedCount = 0
    /// The latest of those missed: the peer's end tells of it, and with it of the others.
    private var lastMissed: (command: Command, byteCount: Int, outcome: WriteEvent.Outcome)?
    private let meter: WriteMeter

    /// - Parameter writtenByteCount: bytes given to the connection so far.
    init(limit: Int, writtenByteCount: UInt64) {
        meter = WriteMeter(limit: limit)
        self.writtenByteCount = writtenByteCount
    }

    /// A frame was given to the connection.
    func add(_ command: Command, byteCount: Int) {
        writtenByteCount += UInt64(byteCount)
        waiting.append(Waiting(command: command, byteCount: byteCount, endOffset: writtenByteCount))
    }

    /// A frame came when nothing more is sent: it is told of behind those that wait. False when none does.
    func addUnsent(_ command: Command, byteCount: Int) -> Bool {
        if waiting.isEmpty { return false }
        waiting.append(Waiting(command: command, byteCount: byteCount, endOffset: .max))
        return true
    }

    /// The oldest frame of which the kernel has every byte.
    func popSent(upTo sentByteCount: UInt64) -> Waiting? {
        guard let first = waiting.first, first.endOffset <= sentByteCount else { return nil }
        return waiting.removeFirst()
    }

    /// What will never be sent.
    func popUnsent() -> Waiting? { waiting.popFirst() }

    /// The event that tells of a message; `nil` when too many wait for the listener.
    func event(_ command: Command, _ byteCount: Int, _ outcome: WriteEvent.Outcome) -> PeerEvent? {
        guard meter.reserve() else {
            missedCount += 1
            lastMissed = (command, byteCount, outcome)
            return nil
        }
        return make(command, byteCount, outcome)
    }

    /// The last event of a peer, where the latest writes were missed. Nobody counts what waits from then on.
    func lastEvent() -> PeerEvent? {
        guard let missed = lastMissed else { return nil }
        missedCount -= 1
        return make(missed.command, missed.byteCount, missed.outcome)
    }

    private func make(_ command: Command, _ byteCount: Int, _ outcome: WriteEvent.Outcome) -> PeerEvent {
        let event = WriteEvent(
            command: command, byteCount: byteCount, outcome: outcome, missedCount: missedCount)
        missedCount = 0
        lastMissed = nil
        return .traffic(.written(event, of: meter))
    }
}

/// News of writes that wait for one peer's listener.
final class WriteMeter: Sendable {
    private let limit: Int
    private let waiting = Atomic<Int>(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// On the loop.
    func reserve() -> Bool {
        if waiting.load(ordering: .relaxed) >= limit { return false }
        waiting.wrappingAdd(1, ordering: .relaxed)
        return true
    }

    /// On a worker, when the listener has heard.
    func told() {
        waiting.wrappingSubtract(1, ordering: .relaxed)
    }
}
