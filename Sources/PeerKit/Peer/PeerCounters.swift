internal import PeerLoop
internal import Synchronization

/// Counters that one loop writes and any thread reads. Times are nanoseconds since the node was started.
struct PeerCounters: ~Copyable, Sendable {
    /// When the peer was made, and from when the connection is, that.
    let connectedAt: Atomic<Int64>
    let receivedBytes = Atomic<UInt64>(0)
    let sentBytes = Atomic<UInt64>(0)
    let receivedMessages = Atomic<UInt64>(0)
    let sentMessages = Atomic<UInt64>(0)
    /// Below zero while nothing was received, sent or pinged.
    let lastReceived = Atomic<Int64>(-1)
    let lastSent = Atomic<Int64>(-1)
    let lastPingSent = Atomic<Int64>(-1)
    /// 0 when none is awaited.
    let awaitedPingNonce = Atomic<UInt64>(0)
    let lastPing = Atomic<UInt32>(.max)
    let minimumPing = Atomic<UInt32>(.max)

    init(connectedAt: Int64) {
        self.connectedAt = Atomic(connectedAt)
    }
}

/// Counts and times of one peer, each on its own; ``Peer/statistics`` has them all. Any thread; none of them waits. The
/// loop publishes them as it goes: what is asked of two may be a tick apart.
extension Peer {
    /// When the connection was made; until then, when this peer was.
    public var connectedAt: ContinuousClock.Instant {
        core.startedAt.advanced(by: .nanoseconds(counters.connectedAt.load(ordering: .relaxed)))
    }

    /// When the last bytes came, `nil` when none did.
    public var lastReceivedAt: ContinuousClock.Instant? { instant(counters.lastReceived) }

    /// When the kernel last took bytes for the peer, `nil` when it never did.
    public var lastSentAt: ContinuousClock.Instant? { instant(counters.lastSent) }

    /// Bytes received.
    public var receivedByteCount: UInt64 { counters.receivedBytes.load(ordering: .relaxed) }

    /// Bytes the kernel has taken.
    public var sentByteCount: UInt64 { counters.sentBytes.load(ordering: .relaxed) }

    /// Whole valid messages received.
    public var receivedMessageCount: UInt64 { counters.receivedMessages.load(ordering: .relaxed) }

    /// Messages queued for sending by this node.
    public var sentMessageCount: UInt64 { counters.sentMessages.load(ordering: .relaxed) }

    /// Round trip of the last answered ping of this node's own schedule, in microseconds; `nil` before the first.
    public var lastPingMicroseconds: UInt32? { microseconds(counters.lastPing) }

    /// The shortest such round trip, in microseconds.
    public var minimumPingMicroseconds: UInt32? { microseconds(counters.minimumPing) }

    /// When the last ping of that schedule was sent; `nil` before the first.
    public var lastPingSentAt: ContinuousClock.Instant? { instant(counters.lastPingSent) }

    /// The nonce of the ping of that schedule that is not answered yet; `nil` when none is, and for pings without one
    /// (protocol version 60000 and below).
    public var awaitedPingNonce: UInt64? {
        let nonce = counters.awaitedPingNonce.load(ordering: .relaxed)
        return nonce == 0 ? nil : nonce
    }

    private func instant(_ time: borrowing Atomic<Int64>) -> ContinuousClock.Instant? {
        let nanoseconds = time.load(ordering: .relaxed)
        return nanoseconds < 0 ? nil : core.startedAt.advanced(by: .nanoseconds(nanoseconds))
    }

    private func microseconds(_ duration: borrowing Atomic<UInt32>) -> UInt32? {
        let value = duration.load(ordering: .acquiring)
        return value == .max ? nil : value
    }
}
