internal import Glibc

/// The clock of one loop: nanoseconds since it began, on the same system clock that `ContinuousClock` reads, without
/// the 128-bit arithmetic of its instants on every tick.
struct LoopClock {
    let origin: ContinuousClock.Instant
    private let originNanoseconds: Int64

    /// Both clocks are read at one time, as nearly as can be: a thread that is held up between the two readings reads
    /// them again, or every instant of the loop would be that much off.
    init() {
        var origin = ContinuousClock.now
        var nanoseconds = Self.read()
        for _ in 0..<100 {
            let later = ContinuousClock.now
            if origin.duration(to: later) < .microseconds(20) { break }
            origin = later
            nanoseconds = Self.read()
        }
        self.origin = origin
        originNanoseconds = nanoseconds
    }

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
        Self.nanoseconds(of: origin.duration(to: instant))
    }

    /// Nanoseconds of a duration, a part of one counted as a whole one, clamped to what 64 bits hold.
    static func nanoseconds(of duration: Duration) -> Int64 {
        let (whole, rest) = duration.attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Int64(clamping: rest > 0 ? whole + 1 : whole)
    }
}
