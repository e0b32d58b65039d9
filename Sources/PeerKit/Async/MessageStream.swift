internal import DequeModule
internal import PeerLoop
internal import PeerWire

/// The messages of one peer on their way from its lane to whoever reads its ``PeerMessages``. What waits here is not
/// handled yet by the lane's count, so that the lane's limits pause the peer's reading.
final class MessageStream: Sendable {
    typealias Reader = Answer<Message?>

    enum Step {
        /// The next message; `resumes` when the peer's reading has to be resumed.
        case message(Message, resumes: Bool)
        /// There will be one, or the end.
        case wait(Reader)
        case end
    }

    private enum Phase {
        case open
        /// No more will come.
        case finished
        /// Nobody reads any more.
        case closed
    }

    private struct State {
        var phase = Phase.open
        var entries: Deque<(message: Message, byteCount: Int)> = []
        /// Waiting for the next message; then `entries` is empty.
        var readers: Deque<Reader> = []
        /// Of the lane that the entries came from.
        var meter: LaneMeter?
    }

    /// What takes the place of ``PeerConfiguration/laneMessageLimit`` for this peer.
    let bound: Int?
    private let state = Lock(State())

    init(bound: Int? = nil) {
        self.bound = bound
    }

    /// Adds a message. True when it waits here, to be counted as handled when it is read.
    func append(_ message: Message, byteCount: Int, meter: LaneMeter) -> Bool {
        while true {
            let (reader, isKept) = state.withLock { state -> (Reader?, Bool) in
                guard case .open = state.phase else { return (nil, false) }
                if let reader = state.readers.popFirst() { return (reader, false) }
                state.meter = meter
                state.entries.append((message, byteCount))
                return (nil, true)
            }
            guard let reader else { return isKept }
            // One that was cancelled meanwhile does not take it.
            if reader.give(message) { return false }
        }
    }

    /// No more messages will come.
    func finish() {
        let readers = state.withLock { state in
            if case .open = state.phase { state.phase = .finished }
            let readers = state.readers
            state.readers = []
            return readers
        }
        for reader in readers { reader.give(nil) }
    }

    func next() -> Step {
        let (step, meter, byteCount) = state.withLock { state -> (Step, LaneMeter?, Int) in
            if let entry = state.entries.popFirst() {
                return (.message(entry.message, resumes: false), state.meter, entry.byteCount)
            }
            guard case .open = state.phase else { return (.end, nil, 0) }
            let reader = Reader()
            state.readers.append(reader)
            return (.wait(reader), nil, 0)
        }
        guard case .message(let message, _) = step, let meter else { return step }
        return .message(message, resumes: meter.handled(byteCount))
    }

    /// Forgets a reader that was cancelled.
    func forget(_ reader: Reader) {
        state.withLock { $0.readers.removeAll { $0.isSame(as: reader) } }
    }

    /// Discards what waits and what comes. True when the peer's reading has to be resumed.
    func close() -> Bool {
        state.withLock { $0.phase = .closed }
        return discard()
    }

    /// Discards what waits. True when the peer's reading has to be resumed.
    @discardableResult
    func discard() -> Bool {
        let (entries, meter) = state.withLock { state in
            let entries = state.entries
            state.entries = []
            return (entries, state.meter)
        }
        guard let meter, !entries.isEmpty else { return false }
        return meter.handled(entries.reduce(0) { $0 + $1.byteCount }, messageCount: entries.count)
    }
}
