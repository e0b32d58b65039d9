internal import DequeModule
internal import PeerLoop
internal import PeerSession
internal import PeerWire

/// Frames of one peer that are whole and whose turn has not come: behind a large one that a worker hashes and decodes,
/// or behind an answer of the host. A peer has one only while something waits.
///
/// What waits here counts as waiting in the peer's lane.
final class FrameBacklog {
    enum Item {
        /// Without a view of the input, which is gone by then. A worker has to verify it first if it is not verified.
        case frame(Frame)
        /// What the decoder refused behind the frames, of which so many bytes were read. Nothing follows it.
        case refused(FrameError, byteCount: Int)
    }

    var items = Deque<Item>()
    /// Whether a worker has the frame before all of these.
    var isAtWork = false
    /// Whether the host was asked something and has not answered yet.
    var awaitsHost = false
    /// How the connection ended while frames waited, which the session hears behind them.
    var end: CloseCause?

    var isBlocked: Bool { isAtWork || awaitsHost }

    var isRefused: Bool {
        if case .refused? = items.last { true } else { false }
    }
}

/// One large frame, hashed and decoded by a worker.
final class FrameWork: WorkerPool.Work {
    /// What became of it.
    enum Outcome: Sendable {
        case message(Message?, MessageFacts)
        case refused(WireError)
    }

    private let peer: Peer
    private let frame: Lock<Frame?>
    private let decodes: Bool
    private let protocolVersion: ProtocolVersion

    /// - Parameter decodes: false when the checksum is all that matters.
    init(_ frame: Frame, of peer: Peer, decodes: Bool, protocolVersion: ProtocolVersion) {
        self.peer = peer
        self.frame = Lock(frame)
        self.decodes = decodes
        self.protocolVersion = protocolVersion
    }

    func runOnWorker() -> Bool {
        if work() { peer.core.mailbox.wake() }
        return false
    }

    /// True when the loop is to be woken. Out of line, so that nothing here holds the payload by then: the loop takes
    /// this thread's processor, and the next large payload would be received while this one is still in memory.
    @inline(never)
    private func work() -> Bool {
        guard let frame = frame.withLock({ $0.take() }) else { return false }
        // Nobody waits for it when the loop has stopped.
        return peer.core.mailbox.add(.worked(peer, frame, outcome(of: frame)))
    }

    private func outcome(of frame: Frame) -> Outcome {
        do throws(FrameError) {
            try frame.verifyCollected()
        } catch {
            return .refused(.frame(error))
        }
        guard decodes else { return .message(nil, MessageFacts(undecoded: frame.kind, command: frame.command)) }
        do throws(DecodeError) {
            let nothing: [UInt8] = []
            let message = try Message.decode(
                frame, input: nothing.span.bytes, protocolVersion: protocolVersion, limits: peer.core.limits,
                registry: peer.core.registry)
            return .message(
                message, MessageFacts(message, checksum: frame.checksum, hashes: peer.core.remembersWhatPeersSend))
        } catch {
            return .refused(.payload(frame.command, error))
        }
    }
}
