import PeerWire

/// What has passed between this node and a peer.
struct SessionCounters {
    private var lastReceived = CompactTimestamp(.zero)
    private var lastSent = CompactTimestamp(.zero)
    private(set) var receivedByteCount: UInt64 = 0
    private(set) var sentByteCount: UInt64 = 0
    var receivedMessageCount: UInt64 = 0
    var sentMessageCount: UInt64 = 0
    /// Addresses over the rate.
    var rateLimitedAddressCount: UInt64 = 0
    /// By command, where the peer's are counted.
    var traffic: TrafficBox?
    /// Messages that were not delivered although they were valid.
    var droppedMessageCount: UInt32 = 0
    /// Items of inventory that were dropped because too many waited; kept here from the close on.
    var droppedInventoryCount: UInt64 = 0
    /// Whether the transport came up.
    var hasConnected = false
    private var hasReceived = false
    private var hasSent = false

    /// When the last bytes came; `nil` before the first.
    var lastReceivedAt: Timestamp? { hasReceived ? lastReceived.timestamp : nil }
    /// When the transport last took bytes; `nil` before the first.
    var lastSentAt: Timestamp? { hasSent ? lastSent.timestamp : nil }

    mutating func received(byteCount: Int, at now: Timestamp) {
        receivedByteCount &+= UInt64(clamping: byteCount)
        lastReceived = CompactTimestamp(now)
        hasReceived = true
    }

    mutating func sent(byteCount: Int, at now: Timestamp) {
        sentByteCount &+= UInt64(clamping: byteCount)
        lastSent = CompactTimestamp(now)
        hasSent = true
    }
}

/// The counts by command of one peer, on the heap for those peers that want them.
final class TrafficBox {
    var traffic = CommandTraffic()
}
