/// Watches what waits to be sent to a peer: whether it is too much for requests that make more, and whether the peer
/// reads it.
struct SendQueueWatch: Sendable, BitwiseCopyable {
    /// Since when the peer has been watched, and what it had taken by then.
    private var watchedSince = Timestamp.zero
    private var sentBefore: UInt64 = 0
    private var sentByteCount: UInt64 = 0
    /// Bytes that wait, as last told.
    private(set) var pendingByteCount = 0
    /// True from more than the high mark until no more than half of it.
    private(set) var isOverHighMark = false

    @inline(__always)
    mutating func update(pending: Int, sent: UInt64, at now: Timestamp, _ configuration: SessionConfiguration) {
        pendingByteCount = pending
        sentByteCount = sent
        if isOverHighMark {
            isOverHighMark = pending > configuration.sendQueueHighMark / 2
        } else if pending > configuration.sendQueueHighMark {
            isOverHighMark = true
            watchedSince = now
            sentBefore = sent
        }
    }

    /// How long what is sent now may take to reach a peer that reads as slowly as it may: its clock begins only then.
    @inline(__always)
    func delay(_ configuration: SessionConfiguration) -> Duration {
        isOverHighMark ? Duration.seconds(pendingByteCount) / configuration.slowestByteRate : .zero
    }

    /// When the peer's progress is looked at next; `nil` while not much waits.
    @inline(__always)
    func deadline(_ configuration: SessionConfiguration) -> Timestamp? {
        isOverHighMark ? watchedSince + configuration.sendProgressTimeout : nil
    }

    /// At the deadline: true when the peer took too little. Otherwise it is watched on.
    @inline(__always)
    mutating func isStalled(at now: Timestamp, _ configuration: SessionConfiguration) -> Bool {
        guard let deadline = deadline(configuration), now >= deadline else { return false }
        // Compared as times, which neither overflow nor round a wait of less than a second up.
        let taken = Int64(clamping: sentByteCount - sentBefore)
        if Duration.seconds(taken) / configuration.slowestByteRate < now - watchedSince { return true }
        watchedSince = now
        sentBefore = sentByteCount
        return false
    }
}
