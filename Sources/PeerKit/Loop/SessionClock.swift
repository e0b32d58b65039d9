/// The time as one session sees it: it stands still while its peer is not read.
///
/// Silence is the peer's fault only while somebody listens: what it sent in the meantime, pongs among it, is heard once
/// reading goes on.
struct SessionClock {
    private var stoppedAt: ContinuousClock.Instant?
    private var lag: Duration = .zero
    private var isBehind = false

    var isStopped: Bool { stoppedAt != nil }

    mutating func stop(at now: ContinuousClock.Instant) {
        if stoppedAt == nil { stoppedAt = now }
        isBehind = true
    }

    mutating func start(at now: ContinuousClock.Instant) {
        guard let stoppedAt else { return }
        lag += stoppedAt.duration(to: now)
        self.stoppedAt = nil
    }

    /// What the session is told when it is `now`.
    func time(at now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        isBehind ? (stoppedAt ?? now) - lag : now
    }

    /// When it is `time` for the session, unless the clock is stopped before.
    func instant(of time: ContinuousClock.Instant) -> ContinuousClock.Instant {
        isBehind ? time + lag : time
    }
}
