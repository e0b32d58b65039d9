/// The only source of chance in a simulation: the same seed gives the same numbers everywhere and for ever.
///
/// Whoever builds a scenario draws from ``Simulation/random``, and from nothing else, so that a seed replays the run.
public struct SimulationRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator that begins at `seed`.
    public init(seed: UInt64) {
        // Neighbouring seeds must not give neighbouring runs.
        state = Self.mixed(seed &+ 0x6a09_e667_f3bc_c909)
    }

    /// The next 64 random bits. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mixed(state)
    }

    private static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = number
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A generator of its own for one part of a run, so that what others draw does not change what it draws.
    public mutating func fork() -> SimulationRandom { SimulationRandom(seed: next()) }

    /// True `perMille` times in a thousand.
    public mutating func chance(perMille: Int) -> Bool { below(1_000) < perMille }

    /// A number from 0 up to, but not including, `bound`, which must be positive.
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "no number is below this bound")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number in the range.
    public mutating func number(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// A number whose size class is drawn first: small and large numbers are as likely as each other.
    public mutating func size(upTo bound: Int) -> Int {
        let bits = Int.bitWidth - max(1, bound).leadingZeroBitCount
        return min(bound, 1 + below(1 << number(in: 1...max(1, bits))))
    }

    /// A time up to `bound`, in whole nanoseconds.
    public mutating func duration(upTo bound: Duration) -> Duration {
        .nanoseconds(Int64(below(Int(max(1, bound.wholeNanoseconds)))))
    }
}
