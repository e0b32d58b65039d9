/// Counts of durations in buckets an eighth of a power of two wide: a quantile is exact to 12.5 %.
public struct DurationHistogram: Sendable, Hashable {
    var counts: [UInt64]

    /// Nothing counted.
    public init() {
        counts = Array(repeating: 0, count: Self.bucketCount)
    }

    /// Durations counted.
    public var count: UInt64 { counts.reduce(0, &+) }

    /// The upper end of the bucket in which `fraction` (0...1) of the durations are reached; zero when there are none.
    public func quantile(_ fraction: Double) -> Duration {
        let total = count
        if total == 0 { return .zero }
        let wanted = max(1, UInt64((Double(total) * (fraction > 0 ? min(fraction, 1) : 0)).rounded(.up)))
        var seen: UInt64 = 0
        for (index, count) in counts.enumerated() {
            seen &+= count
            if seen >= wanted { return .nanoseconds(Self.upperBound(of: index)) }
        }
        return .nanoseconds(Self.upperBound(of: Self.bucketCount - 1))
    }

    /// What was counted since `earlier`, a copy of the same histogram.
    public func since(_ earlier: DurationHistogram) -> DurationHistogram {
        var difference = self
        for index in counts.indices { difference.counts[index] &-= earlier.counts[index] }
        return difference
    }

    /// What was counted in both.
    public static func + (one: DurationHistogram, other: DurationHistogram) -> DurationHistogram {
        var sum = one
        for index in sum.counts.indices { sum.counts[index] &+= other.counts[index] }
        return sum
    }

    private static let subdivisionBits = 3
    /// Up to 2^40 ns, 18 minutes; what is longer counts as that.
    static let bucketCount = (40 - subdivisionBits + 1) << subdivisionBits

    static func bucket(of nanoseconds: Int64) -> Int {
        let value = UInt64(max(0, nanoseconds))
        if value < 1 << subdivisionBits { return Int(value) }
        let shift = UInt64.bitWidth - 1 - value.leadingZeroBitCount - subdivisionBits
        let index = (shift + 1) << subdivisionBits + Int(value >> UInt64(shift)) - 1 << subdivisionBits
        return min(index, bucketCount - 1)
    }

    private static func upperBound(of index: Int) -> Int64 {
        if index < 1 << subdivisionBits { return Int64(index) }
        let shift = index >> subdivisionBits - 1
        let leading = index & (1 << subdivisionBits - 1) + 1 << subdivisionBits
        return Int64(leading + 1) << Int64(shift) - 1
    }
}
