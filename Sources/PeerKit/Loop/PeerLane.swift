internal import PeerLoop
internal import Synchronization

/// The events that wait for one peer's listeners, with the limits that pause its reading.
final class PeerLane: Sendable {
    let lane: Lane<PeerEvent>
    let meter: LaneMeter

    init(peer: Peer) {
        let meter = LaneMeter(
            messageLimit: peer.extras.load()?.laneMessageLimit ?? peer.core.configuration.laneMessageLimit,
            byteLimit: peer.core.configuration.laneByteLimit)
        self.meter = meter
        // The message is gone before the next may be received: two large ones would be in memory otherwise.
        lane = Lane { event in
            peer.dispatch(event, meter) ? nil : event.byteCount
        } whenLetGo: { byteCount in
            if meter.handled(byteCount) { peer.core.mailbox.post(.resume(peer)) }
        }
    }

    /// Adds an event. True when the lane has to be scheduled.
    func append(_ event: PeerEvent) -> Bool {
        meter.added(event.byteCount)
        return lane.append(event)
    }

    var isOverLimit: Bool { meter.isOverLimit }

    /// What may wait before the handshake is done, when the peer's own limits are lower: what a handshake takes must
    /// not be held up by them.
    static let handshakeMessageLimit = 16
    static let handshakeByteLimit = 256 << 10

    var isOverHandshakeLimit: Bool {
        meter.isOver(messageCount: Self.handshakeMessageLimit, byteCount: Self.handshakeByteLimit)
    }

    /// Counts something that waits elsewhere as waiting here.
    func reserve(_ byteCount: Int) { meter.added(byteCount) }

    /// The end of that. True when reading has to be resumed.
    func release(_ byteCount: Int) -> Bool { meter.handled(byteCount) }

    /// Drops the messages that wait: their peer was ended to free their memory.
    func discardMessages() { meter.discardMessages(of: lane) }

    /// Bytes of messages that wait.
    var byteCount: Int { meter.byteCount }

    /// Called on the loop after it paused reading. True when it has to resume by itself.
    func mayResumeAfterPausing() -> Bool { meter.pause() }
}

/// What waits in a lane, counted by the loop that adds and the worker that handles.
final class LaneMeter: Sendable {
    private let messageLimit: Int
    private let byteLimit: Int
    private let messages = Atomic<Int>(0)
    private let bytes = Atomic<Int>(0)
    private let isPaused = Atomic<Bool>(false)

    init(messageLimit: Int, byteLimit: Int) {
        self.messageLimit = messageLimit
        self.byteLimit = byteLimit
    }

    func added(_ byteCount: Int) {
        messages.wrappingAdd(1, ordering: .relaxed)
        bytes.wrappingAdd(byteCount, ordering: .relaxed)
    }

    /// True when the worker has to have reading resumed.
    func handled(_ byteCount: Int, messageCount: Int = 1) -> Bool {
        bytes.wrappingSubtract(byteCount, ordering: .sequentiallyConsistent)
        messages.wrappingSubtract(messageCount, ordering: .sequentiallyConsistent)
        return resumes
    }

    var isOverLimit: Bool {
        messages.load(ordering: .relaxed) >= messageLimit || bytes.load(ordering: .relaxed) >= byteLimit
    }

    func discardMessages(of lane: Lane<PeerEvent>) {
        let dropped = lane.remove {
            if case .message = $0 { true } else { false }
        }
        for event in dropped { _ = handled(event.byteCount) }
    }

    func isOver(messageCount: Int, byteCount: Int) -> Bool {
        messages.load(ordering: .relaxed) >= messageCount || bytes.load(ordering: .relaxed) >= byteCount
    }

    var byteCount: Int { bytes.load(ordering: .relaxed) }

    func pause() -> Bool {
        isPaused.store(true, ordering: .sequentiallyConsistent)
        return resumes
    }

    private var resumes: Bool {
        isPaused.load(ordering: .sequentiallyConsistent)
            && messages.load(ordering: .sequentiallyConsistent) <= messageLimit / 2
            && bytes.load(ordering: .sequentiallyConsistent) <= byteLimit / 2
            && isPaused.exchange(false, ordering: .sequentiallyConsistent)
    }
}

extension PeerEvent {
    var byteCount: Int {
        switch self {
        case .message(_, let byteCount, _): byteCount
        case .handshake, .question, .writable, .discouraged, .disconnected, .traffic: 0
        }
    }
}
