import PeerWire

/// Watches a frame that has begun and is not whole, so that a peer cannot hold memory by sending ever so slowly.
struct FrameWatch: Sendable, BitwiseCopyable {
    /// When its first byte came, in the input clock's time; `nil` between frames.
    private(set) var startedAt: Timestamp?
    /// The command, once the header is whole.
    private(set) var command: Command?
    private var payloadByteCount = 0

    mutating func partlyReceived(_ command: Command?, payloadByteCount: Int, at time: Timestamp) {
        if startedAt == nil { startedAt = time }
        self.command = command
        self.payloadByteCount = payloadByteCount
    }

    mutating func finished() {
        startedAt = nil
    }

    /// When the frame has to be whole, in the input clock's time; `nil` between frames.
    func deadline(_ configuration: SessionConfiguration) -> Timestamp? {
        guard let startedAt else { return nil }
        let transfer = Duration.seconds(payloadByteCount) / configuration.slowestByteRate
        return startedAt + configuration.frameTimeout + transfer
    }
}
