/// The clock that judges a peer's silence: it stands still while this node does not listen.
///
/// Time in which reading is paused, or a frame of the peer waits in its lane, is no fault of the peer: what it sent
/// meanwhile is seen only later. Deadlines for something to come from the peer are kept in this clock's time, so that
/// all of them shift together and no path can forget one.
struct InputClock: Sendable, BitwiseCopyable {
    private var stoppedAt: Timestamp?
    /// How far this clock is behind, of the times it stood still and went on again.
    private(set) var lag: Duration = .zero
    private var isReadingPaused = false
    private var framesInLane: Int32 = 0
    private var pausedAt = Timestamp.zero
    private var pausedBefore: Duration = .zero

    /// False while this node does not listen.
    var isRunning: Bool { stoppedAt == nil }
    /// True between pausing and resuming of reading.
    var isPaused: Bool { isReadingPaused }
    /// True while a frame is in the lane.
    var isLaneBusy: Bool { framesInLane > 0 }

    /// This clock's time when it is `now` outside.
    func time(at now: Timestamp) -> Timestamp {
        (stoppedAt ?? now) - lag
    }

    /// When this clock will show `time`; `nil` while it stands still.
    func instant(of time: Timestamp) -> Timestamp? {
        isRunning ? time + lag : nil
    }

    mutating func pauseReading(at now: Timestamp) {
        precondition(!isReadingPaused, "reading was paused twice")
        isReadingPaused = true
        pausedAt = now
        settle(at: now)
    }

    mutating func resumeReading(at now: Timestamp) {
        precondition(isReadingPaused, "reading was resumed that was not paused")
        isReadingPaused = false
        pausedBefore += now - pausedAt
        settle(at: now)
    }

    mutating func enterLane(at now: Timestamp) {
        framesInLane += 1
        settle(at: now)
    }

    mutating func leaveLane(at now: Timestamp) {
        precondition(framesInLane > 0, "more frames left the lane than entered it")
        framesInLane -= 1
        settle(at: now)
    }

    /// For how long reading was paused, in all.
    func pausedTime(at now: Timestamp) -> Duration {
        isReadingPaused ? pausedBefore + (now - pausedAt) : pausedBefore
    }

    private mutating func settle(at now: Timestamp) {
        let runs = !isReadingPaused && framesInLane == 0
        if runs, let stopped = stoppedAt {
            lag += now - stopped
            stoppedAt = nil
        } else if !runs, stoppedAt == nil {
            stoppedAt = now
        }
    }
}
