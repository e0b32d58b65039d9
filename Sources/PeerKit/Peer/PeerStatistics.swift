internal import Synchronization

/// What has passed between this node and one peer. A snapshot; the parts may be a tick apart.
public struct PeerStatistics: Sendable, Hashable {
    /// Number of the peer in its node.
    public var id: UInt64
    /// The address of the other side.
    public var address: SocketAddress
    /// Who made the connection.
    public var direction: Peer.Direction
    /// When the connection was made.
    public var connectedAt: ContinuousClock.Instant
    /// When the last bytes came, `nil` when none did.
    public var lastReceivedAt: ContinuousClock.Instant?
    /// When the kernel last took bytes for the peer, `nil` when it never did.
    public var lastSentAt: ContinuousClock.Instant?
    /// Bytes received.
    public var receivedByteCount: UInt64
    /// Bytes the kernel has taken.
    public var sentByteCount: UInt64
    /// Whole valid messages received.
    public var receivedMessageCount: UInt64
    /// Messages queued for sending by this node.
    public var sentMessageCount: UInt64
    /// Bytes that wait to be sent.
    public var pendingByteCount: Int
    /// Round trip of the last answered ping of this node's own schedule, in microseconds; `nil` before the first.
    public var lastPingMicroseconds: UInt32?
    /// The shortest such round trip, in microseconds.
    public var minimumPingMicroseconds: UInt32?
    /// The protocol version spoken, `nil` until the handshake is done.
    public var protocolVersion: ProtocolVersion?
    /// The services the peer offers, `nil` until its `version` came.
    public var services: Services?
    /// The name the peer gave, `nil` until its `version` came.
    public var userAgent: UserAgent?
    /// The height the peer gave, `nil` until its `version` came.
    public var startHeight: Int32?
}

/// Counters that one loop writes and any thread reads. Times are nanoseconds since the connection was made.
final class PeerCounters: Sendable {
    let connectedAt = ContinuousClock.now
    let receivedBytes = Atomic<UInt64>(0)
    let sentBytes = Atomic<UInt64>(0)
    let receivedMessages = Atomic<UInt64>(0)
    let sentMessages = Atomic<UInt64>(0)
    let lastReceived = Atomic<Int64>(-1)
    let lastSent = Atomic<Int64>(-1)
    let lastPing = Atomic<UInt32>(.max)
    let minimumPing = Atomic<UInt32>(.max)
}

extension Peer {
    /// What has passed so far. Any thread; never waits for the loop.
    public var statistics: PeerStatistics {
        let remote = version
        return PeerStatistics(
            id: id, address: address, direction: direction,
            connectedAt: counters.connectedAt,
            lastReceivedAt: instant(counters.lastReceived.load(ordering: .relaxed)),
            lastSentAt: instant(counters.lastSent.load(ordering: .relaxed)),
            receivedByteCount: counters.receivedBytes.load(ordering: .relaxed),
            sentByteCount: counters.sentBytes.load(ordering: .relaxed),
            receivedMessageCount: counters.receivedMessages.load(ordering: .relaxed),
            sentMessageCount: counters.sentMessages.load(ordering: .relaxed),
            pendingByteCount: pendingByteCount,
            lastPingMicroseconds: microseconds(counters.lastPing.load(ordering: .acquiring)),
            minimumPingMicroseconds: microseconds(counters.minimumPing.load(ordering: .acquiring)),
            protocolVersion: protocolVersion,
            services: remote?.services,
            userAgent: remote?.userAgent,
            startHeight: remote?.startHeight)
    }

    private func instant(_ nanoseconds: Int64) -> ContinuousClock.Instant? {
        nanoseconds < 0 ? nil : counters.connectedAt.advanced(by: .nanoseconds(nanoseconds))
    }

    private func microseconds(_ value: UInt32) -> UInt32? {
        value == .max ? nil : value
    }
}
