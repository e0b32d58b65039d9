import Testing

@testable import PeerLoop

@Suite(.timeLimit(.minutes(2))) struct HistogramTests {
    @Test func anEmptyOneHasNoQuantile() {
        #expect(DurationHistogram().quantile(0.5) == .zero)
        #expect(DurationHistogram().count == 0)
    }

    /// Every duration lies in a bucket whose upper end is at most an eighth above it, and not below.
    @Test func bucketsHoldWhatTheySay() {
        var values: [Int64] = Array(0..<2000)
        for shift in 11..<40 { values += [1 << shift - 1, 1 << shift, 1 << shift + 1, 3 << (shift - 1)] }
        var last = 0
        for value in values.sorted() {
            let bucket = DurationHistogram.bucket(of: value)
            #expect(bucket >= last)
            last = bucket
            var histogram = DurationHistogram()
            histogram.counts[bucket] = 1
            let upper = histogram.quantile(0.5)
            #expect(upper >= .nanoseconds(value))
            #expect(upper <= .nanoseconds(value + value / 8 + 1))
        }
    }

    @Test func whatIsTooLongCountsAsTheLongest() {
        #expect(DurationHistogram.bucket(of: .max) == DurationHistogram.bucketCount - 1)
        #expect(DurationHistogram.bucket(of: -1) == 0)
    }

    @Test func aFractionThatIsNoneIsTakenAsTheNearest() {
        var histogram = DurationHistogram()
        histogram.counts[1] = 1
        histogram.counts[2] = 1
        #expect([-1, .nan, -.infinity].map { histogram.quantile($0) } == Array(repeating: .nanoseconds(1), count: 3))
        #expect([2, .infinity].map { histogram.quantile($0) } == Array(repeating: .nanoseconds(2), count: 2))
    }

    @Test func quantilesSumsAndDifferences() {
        var early = DurationHistogram()
        for value in 1...100 { early.counts[DurationHistogram.bucket(of: Int64(value) * 1000)] += 1 }
        var late = early
        for _ in 0..<300 { late.counts[DurationHistogram.bucket(of: 1_000_000)] += 1 }
        #expect(early.count == 100)
        #expect(early.quantile(0) <= .nanoseconds(1125))
        #expect(early.quantile(0.5) >= .nanoseconds(50_000) && early.quantile(0.5) <= .nanoseconds(56_250))
        #expect(early.quantile(1) >= .nanoseconds(100_000) && early.quantile(1) <= .nanoseconds(112_500))
        #expect(late.since(early).count == 300)
        #expect(late.since(early).quantile(0.01) >= .nanoseconds(1_000_000))
        #expect((early + late).count == 500)
    }
}
