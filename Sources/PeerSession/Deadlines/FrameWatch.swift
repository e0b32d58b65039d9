import PeerWire

/// Watches a frame that has begun and is not whole, so that a peer cannot hold memory by sending ever so slowly.
struct FrameWatch: Sendable, BitwiseCopyable {
    /// When its first byte came, in the input clock's time; `nil` between frames.
    private(set) var startedAt: Timestamp?
    /// The command, once the header is whole.
    private(set) var command: Command?
    private var payloadByteCount = 0
    private var isFromLane = false

    mutating func partlyReceived(_ command: Command?, payloadByteCount: Int, at time: Timestamp) {
        if startedAt == nil { startedAt = time }
        self.command = command
        self.payloadByteCount = payloadByteCount
    }

    /// A frame went to the lane, and so is whole.
    mutating func enteredLane() {
        startedAt = nil
    }

    /// The frame that is finished next comes from the lane.
    mutating func leftLane() {
        isFromLane = true
    }

    /// A frame became a message or was refused. One from the lane was whole before: what is under way now began behind
    /// it and goes on.
    mutating func finished() {
        if isFromLane { isFromLane = false } else { startedAt = nil }
    }

    /// When the frame has to be whole, in the input clock's time; `nil` between frames.
    func deadline(_ configuration: SessionConfiguration) -> Timestamp? {
        guard let startedAt else { return nil }
        let transfer = Duration.seconds(payloadByteCount) / configuration.slowestByteRate
        return startedAt + configuration.frameTimeout + transfer
    }
}
