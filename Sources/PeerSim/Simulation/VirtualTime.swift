/// A moment of virtual time: nanoseconds since the simulation began.
struct VirtualTime: Comparable, BitwiseCopyable {
    /// Where the virtual clock begins, on the scale of the sessions.
    static let epoch = ContinuousClock().systemEpoch + .seconds(1_000_000)

    let nanoseconds: Int64

    static let zero = VirtualTime(nanoseconds: 0)

    init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The first whole nanosecond that is not before the instant.
    init(_ instant: ContinuousClock.Instant) {
        let (seconds, attoseconds) = Self.epoch.duration(to: instant).components
        // What is over 285 years away never comes.
        guard seconds < 9_000_000_000 else {
            nanoseconds = .max
            return
        }
        let rest = attoseconds / 1_000_000_000
        nanoseconds = seconds * 1_000_000_000 + rest + (rest * 1_000_000_000 < attoseconds ? 1 : 0)
    }

    var instant: ContinuousClock.Instant { Self.epoch.advanced(by: .nanoseconds(nanoseconds)) }
    var elapsed: Duration { .nanoseconds(nanoseconds) }

    var afterAMillisecond: VirtualTime { VirtualTime(nanoseconds: nanoseconds + 1_000_000) }

    static func < (left: VirtualTime, right: VirtualTime) -> Bool { left.nanoseconds < right.nanoseconds }

    static func + (time: VirtualTime, duration: Duration) -> VirtualTime {
        VirtualTime(nanoseconds: time.nanoseconds + duration.wholeNanoseconds)
    }

    static func - (left: VirtualTime, right: VirtualTime) -> Duration {
        .nanoseconds(left.nanoseconds - right.nanoseconds)
    }
}

extension Duration {
    /// Nanoseconds, rounded towards zero.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// Seconds with six decimals, as traces show time.
    var secondsText: String {
        let nanoseconds = wholeNanoseconds
        let micros = String((nanoseconds % 1_000_000_000) / 1_000)
        let padding = String(repeating: "0", count: max(0, 6 - micros.count))
        return "\(nanoseconds / 1_000_000_000).\(padding)\(micros)"
    }
}
