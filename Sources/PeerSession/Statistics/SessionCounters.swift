import PeerWire

/// What has passed between this node and a peer.
struct SessionCounters {
    var receivedByteCount: UInt64 = 0
    var sentByteCount: UInt64 = 0
    var receivedMessageCount: UInt64 = 0
    var sentMessageCount: UInt64 = 0
    var connectedAt: Timestamp?
    var lastReceivedAt: Timestamp?
    var lastSentAt: Timestamp?
    /// Messages that were not delivered although they were valid.
    var droppedMessageCount: UInt32 = 0
    /// Addresses over the rate.
    var rateLimitedAddressCount: UInt64 = 0
    /// By command, where the peer's are counted.
    var traffic: TrafficBox?
}

/// The counts by command of one peer, on the heap for those peers that want them.
final class TrafficBox {
    var traffic = CommandTraffic()
}
