internal import Glibc

/// The clock of one loop: nanoseconds since it began, on the same system clock that `ContinuousClock` reads, without
/// the 128-bit arithmetic of its instants on every tick.
struct LoopClock {
    let origin = ContinuousClock.now
    private let originNanoseconds = LoopClock.read()

    private static func read() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// Nanoseconds since the loop began.
    func nanoseconds() -> Int64 {
        LoopClock.read() &- originNanoseconds
    }

    func instant(atNanoseconds nanoseconds: Int64) -> ContinuousClock.Instant {
        origin.advanced(by: .nanoseconds(nanoseconds))
    }

    /// Nanoseconds of an instant, clamped to what 64 bits hold (292 years).
    func nanoseconds(of instant: ContinuousClock.Instant) -> Int64 {
        let (seconds, attoseconds) = origin.duration(to: instant).components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (total, carried) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carried ? (seconds < 0 ? .min : .max) : total
    }
}
