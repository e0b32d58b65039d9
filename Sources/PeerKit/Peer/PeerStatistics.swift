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
    /// The nonce of the ping of that schedule that is not answered yet; `nil` when none is.
    public var awaitedPingNonce: UInt64?
    /// When the last ping of that schedule was sent; `nil` before the first.
    public var lastPingSentAt: ContinuousClock.Instant?
    /// The protocol version spoken, `nil` until the handshake is done.
    public var protocolVersion: ProtocolVersion?
    /// The protocol version the peer offers, `nil` until its `version` came.
    public var remoteVersion: ProtocolVersion?
    /// The services the peer offers, `nil` until its `version` came.
    public var services: Services?
    /// The name the peer gave, `nil` until its `version` came.
    public var userAgent: UserAgent?
    /// The height the peer gave, `nil` until its `version` came.
    public var startHeight: Int32?
    /// The height of the newest block the peer is known to have, `nil` until its `version` came.
    public var lastBlockHeight: Int32?
    /// The last block the peer announced, `nil` before the first.
    public var lastAnnouncedBlock: Hash256?
    /// How far the peer's clock was ahead of this node's, in seconds; `nil` until its `version` came.
    public var timeOffsetSeconds: Int64?
    /// Whether the application syncs its chain from this peer.
    public var isSyncPeer: Bool
}

extension Peer {
    /// What has passed so far. Any thread; never waits for the loop.
    public var statistics: PeerStatistics {
        // In this order: the minimum is one that counts the last.
        let lastPing = lastPingMicroseconds
        return PeerStatistics(
            id: id, address: address, direction: direction,
            connectedAt: connectedAt, lastReceivedAt: lastReceivedAt, lastSentAt: lastSentAt,
            receivedByteCount: receivedByteCount, sentByteCount: sentByteCount,
            receivedMessageCount: receivedMessageCount, sentMessageCount: sentMessageCount,
            pendingByteCount: pendingByteCount,
            lastPingMicroseconds: lastPing, minimumPingMicroseconds: minimumPingMicroseconds,
            awaitedPingNonce: awaitedPingNonce, lastPingSentAt: lastPingSentAt,
            protocolVersion: protocolVersion, remoteVersion: version?.protocolVersion,
            services: services, userAgent: userAgent, startHeight: startHeight,
            lastBlockHeight: lastBlockHeight, lastAnnouncedBlock: lastAnnouncedBlock,
            timeOffsetSeconds: timeOffsetSeconds, isSyncPeer: isSyncPeer)
    }
}
