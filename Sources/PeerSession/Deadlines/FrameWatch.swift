import PeerWire

/// Watches a frame that has begun and is not whole, so that a peer cannot hold memory by sending ever so slowly.
struct FrameWatch: Sendable, BitwiseCopyable {
    /// When its first byte came, in the input clock's time.
    private(set) var startedAt = Timestamp.zero
    /// The command, once the header is whole; empty until then.
    private(set) var command = Command(low: 0, high: 0)
    /// As headers have it, in 32 bits.
    private var payloadByteCount: UInt32 = 0
    private var isUnderWay = false
    private var isFromLane = false

    mutating func partlyReceived(_ command: Command?, payloadByteCount: Int, at time: Timestamp) {
        if !isUnderWay {
            isUnderWay = true
            startedAt = time
        }
        self.command = command ?? Command(low: 0, high: 0)
        self.payloadByteCount = UInt32(clamping: payloadByteCount)
    }

    /// A frame went to the lane, and so is whole.
    mutating func enteredLane() {
        isUnderWay = false
    }

    /// The frame that is finished next comes from the lane.
    mutating func leftLane() {
        isFromLane = true
    }

    /// A frame became a message or was refused. One from the lane was whole before: what is under way now began behind
    /// it and goes on.
    mutating func finished() {
        if isFromLane { isFromLane = false } else { isUnderWay = false }
    }

    /// When the frame has to be whole, in the input clock's time; `nil` between frames.
    @inline(__always)
    func deadline(_ configuration: SessionConfiguration) -> Timestamp? {
        guard isUnderWay else { return nil }
        let transfer = Duration.seconds(payloadByteCount) / configuration.slowestByteRate
        return startedAt + configuration.frameTimeout + transfer
    }
}
