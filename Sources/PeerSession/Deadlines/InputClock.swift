/// The clock that judges a peer's silence: it stands still while this node does not listen.
///
/// Time in which reading is paused, or a frame of the peer waits in its lane, is no fault of the peer: what it sent
/// meanwhile is seen only later. Deadlines for something to come from the peer are kept in this clock's time, so that
/// all of them shift together and no path can forget one.
struct InputClock: Sendable, BitwiseCopyable {
    /// While it runs: how far it is behind. While it stands still: the time it shows, since ``Timestamp/zero``.
    private var shift: Duration = .zero
    /// While reading goes on: for how long it was paused in all. While it is paused: the same, less the time since
    /// ``Timestamp/zero`` of the last pause.
    private var paused: Duration = .zero
    private var framesInLane: Int32 = 0
    private var isReadingPaused = false

    /// False while this node does not listen.
    var isRunning: Bool { !isReadingPaused && framesInLane == 0 }

    /// This clock's time when it is `now` outside.
    func time(at now: Timestamp) -> Timestamp {
        isRunning ? now - shift : .zero + shift
    }

    /// When this clock will show `time`; `nil` while it stands still.
    func instant(of time: Timestamp) -> Timestamp? {
        isRunning ? time + shift : nil
    }

    mutating func pauseReading(at now: Timestamp) {
        precondition(!isReadingPaused, "reading was paused twice")
        stop(at: now)
        isReadingPaused = true
        paused -= now - .zero
    }

    mutating func resumeReading(at now: Timestamp) {
        precondition(isReadingPaused, "reading was resumed that was not paused")
        isReadingPaused = false
        paused += now - .zero
        start(at: now)
    }

    mutating func enterLane(at now: Timestamp) {
        stop(at: now)
        framesInLane += 1
    }

    mutating func leaveLane(at now: Timestamp) {
        precondition(framesInLane > 0, "more frames left the lane than entered it")
        framesInLane -= 1
        start(at: now)
    }

    /// For how long reading was paused, in all.
    func pausedTime(at now: Timestamp) -> Duration {
        isReadingPaused ? paused + (now - .zero) : paused
    }

    /// Before anything stops the clock.
    private mutating func stop(at now: Timestamp) {
        if isRunning { shift = time(at: now) - .zero }
    }

    /// After something that stopped the clock is over.
    private mutating func start(at now: Timestamp) {
        if isRunning { shift = now - (.zero + shift) }
    }
}
