/// Repeatable pseudo-random numbers, so that a failure is the same on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

/// Every length of a few blocks, and both sides of later block edges, where padding and buffering change course.
let interestingLengths: [Int] =
    Array(0...300) + [6, 7, 8, 16, 31, 32, 64, 100].flatMap { ($0 * 64 - 9)...($0 * 64 + 9) }
