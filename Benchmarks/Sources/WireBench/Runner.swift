import CAllocationCount
import Glibc

/// What came out of measuring one case.
package struct Measurement {
    package let name: String
    package let byteCount: Int
    package let messageCount: Int
    package let target: Case.Target
    /// Median of the rounds, for one operation.
    package let nanoseconds: Double
    /// The best and the worst round.
    package let range: ClosedRange<Double>
    /// Heap blocks taken by one operation.
    package let allocations: Double
    /// Bytes asked of the heap by one operation.
    package let allocatedBytes: Double
    /// Median of the rounds' own ratios to hashing alone.
    package let hashRatio: Double?

    package var megabytesPerSecond: Double { Double(byteCount) / nanoseconds * 1_000 }
}

/// Measures cases: rounds of a fixed time, the operation and its hash in turn.
package struct Runner {
    package var rounds = 9
    package var secondsPerRound = 0.05

    package init() {}

    package func measure(_ item: Case) -> Measurement {
        let count = calibrate(item.body)
        let hashCount = item.hashOnly.map { calibrate($0) } ?? 0
        var times: [Double] = []
        var ratios: [Double] = []
        for _ in 0..<rounds {
            let time = run(item.body, count)
            times.append(time)
            if let hashOnly = item.hashOnly { ratios.append(time / run(hashOnly, hashCount)) }
        }
        let blocks = allocation_count()
        let bytes = allocation_bytes()
        let sample = min(count, 100)
        for _ in 0..<sample { item.body() }
        let blocksTaken = allocation_count() - blocks
        let bytesTaken = allocation_bytes() - bytes
        let share = item.isShownForOneMessage ? Double(item.messageCount) : 1
        times = times.map { $0 / share }
        return Measurement(
            name: item.name, byteCount: item.byteCount / Int(share), messageCount: item.messageCount,
            target: item.target,
            nanoseconds: Self.median(times), range: (times.min() ?? 0)...(times.max() ?? 0),
            allocations: Double(blocksTaken) / Double(sample),
            allocatedBytes: Double(bytesTaken) / Double(sample),
            hashRatio: ratios.isEmpty ? nil : Self.median(ratios))
    }

    /// How often an operation fits in a round.
    private func calibrate(_ body: () -> Void) -> Int {
        body()
        var count = 1
        while true {
            let time = run(body, count) * Double(count)
            if time >= secondsPerRound * 1e9 / 4 || count >= 1 << 30 {
                return max(1, Int(Double(count) * secondsPerRound * 1e9 / max(time, 1)))
            }
            count *= 4
        }
    }

    /// Nanoseconds for one operation.
    private func run(_ body: () -> Void, _ count: Int) -> Double {
        let start = Self.now()
        for _ in 0..<count { body() }
        return Double(Self.now() - start) / Double(count)
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}
