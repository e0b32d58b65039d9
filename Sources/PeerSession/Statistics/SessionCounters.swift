import PeerWire

/// What has passed between this node and a peer.
///
/// Times are kept beside whether they are known: an optional one takes twice the room.
struct SessionCounters {
    private var connectedTime = Timestamp.zero
    private var lastReceivedTime = Timestamp.zero
    private var lastSentTime = Timestamp.zero
    var receivedByteCount: UInt64 = 0
    var sentByteCount: UInt64 = 0
    var receivedMessageCount: UInt64 = 0
    var sentMessageCount: UInt64 = 0
    /// Addresses over the rate.
    var rateLimitedAddressCount: UInt64 = 0
    /// By command, where the peer's are counted.
    var traffic: TrafficBox?
    /// Messages that were not delivered although they were valid.
    var droppedMessageCount: UInt32 = 0
    private var hasConnected = false
    private var hasReceived = false
    private var hasSent = false

    /// When the transport came up; `nil` until then.
    var connectedAt: Timestamp? {
        get { hasConnected ? connectedTime : nil }
        set { (hasConnected, connectedTime) = (newValue != nil, newValue ?? .zero) }
    }

    /// When the last bytes came; `nil` before the first.
    var lastReceivedAt: Timestamp? {
        get { hasReceived ? lastReceivedTime : nil }
        set { (hasReceived, lastReceivedTime) = (newValue != nil, newValue ?? .zero) }
    }

    /// When the transport last took bytes; `nil` before the first.
    var lastSentAt: Timestamp? {
        get { hasSent ? lastSentTime : nil }
        set { (hasSent, lastSentTime) = (newValue != nil, newValue ?? .zero) }
    }
}

/// The counts by command of one peer, on the heap for those peers that want them.
final class TrafficBox {
    var traffic = CommandTraffic()
}
