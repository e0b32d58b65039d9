/// A small deterministic generator for jitter, ping nonces and made-up data: eight bytes of state, no system call.
///
/// It is not a secret: whoever sees one output knows the next. Nothing that an attacker must not guess may come from
/// it. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
package struct SplitMix64: Sendable, BitwiseCopyable {
    @usableFromInline var state: UInt64

    @inlinable
    package init(seed: UInt64) {
        state = seed
    }

    @inlinable
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Any number but zero, which in this protocol often means "none".
    mutating func nextNonZero() -> UInt64 {
        let number = next()
        // Exactly one state gives zero, and the state after it does not.
        return number == 0 ? next() : number
    }

    /// A number from zero up to, but not including, `bound`, each as likely as every other. `bound` must be positive.
    ///
    /// Source: Lemire, "Fast random integer generation in an interval", 2019.
    mutating func next(below bound: Int) -> Int {
        precondition(bound > 0, "a number below nothing")
        let range = UInt64(bound)
        var product = next().multipliedFullWidth(by: range)
        if product.low < range {
            // So many of the lowest words stand for one number more often than for another.
            let excess = (0 &- range) % range
            while product.low < excess { product = next().multipliedFullWidth(by: range) }
        }
        return Int(product.high)
    }

    /// A time from zero up to, but not including, `bound`, in whole nanoseconds. `bound` must be positive.
    mutating func next(below bound: Duration) -> Duration {
        let nanoseconds = UInt64(bound.wholeNanoseconds)
        return .nanoseconds(Int64(next().multipliedFullWidth(by: nanoseconds).high))
    }
}

extension Duration {
    /// The nanoseconds of this duration, rounded towards zero. Good for 292 years, which configuration checks.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
