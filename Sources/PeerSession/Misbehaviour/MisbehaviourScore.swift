/// What a peer's offences add up to.
struct MisbehaviourScore: Sendable, BitwiseCopyable {
    /// When ``transient`` was as stored.
    private var updatedAt = CompactTimestamp(.zero)
    private var transient = 0.0
    private var persistent: UInt32 = 0
    /// How many offences there were, those of no weight too; costly requests are none until they are too many.
    private(set) var offenceCount: UInt32 = 0
    private var wasReached = false

    /// Weighs an offence. True when the threshold is reached by it, which happens once.
    ///
    /// - Parameter share: What part of the transient weight counts, for requests of many entries.
    mutating func add(
        _ offence: Offence, share: Double = 1, at now: Timestamp, _ policy: MisbehaviourPolicy
    ) -> Bool {
        if !offence.isRequest { countOffence() }
        guard policy.isEnabled else { return false }
        let weight = policy[offence]
        if weight.transient > 0 {
            transient = decayed(at: now, policy) + Double(weight.transient) * share
            updatedAt = CompactTimestamp(now)
        }
        persistent = Self.sum(persistent, UInt32(weight.persistent))
        guard !wasReached, total(at: now, policy) >= Double(policy.threshold) else { return false }
        wasReached = true
        if offence.isRequest { countOffence() }
        return true
    }

    /// The score at a time, rounded down.
    func value(at now: Timestamp, _ policy: MisbehaviourPolicy) -> Int {
        let total = total(at: now, policy)
        return total < 0x1p62 ? Int(total) : .max
    }

    private func total(at now: Timestamp, _ policy: MisbehaviourPolicy) -> Double {
        Double(persistent) + decayed(at: now, policy)
    }

    private func decayed(at now: Timestamp, _ policy: MisbehaviourPolicy) -> Double {
        transient == 0 ? 0 : transient * Decay.remaining(after: now - updatedAt.timestamp, halfLife: policy.halfLife)
    }

    private mutating func countOffence() {
        offenceCount = Self.sum(offenceCount, 1)
    }

    /// A sum that stays at the most there is, so that no number of offences makes a peer innocent.
    private static func sum(_ left: UInt32, _ right: UInt32) -> UInt32 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }
}

/// Exponential decay without the system's mathematics.
enum Decay {
    /// What part remains of something that halves every `halfLife`: 1 at first, 1/2 after one.
    ///
    /// The decay over some time is the product of the decays over its parts, so that it does not matter how often a
    /// score is looked at.
    static func remaining(after elapsed: Duration, halfLife: Duration) -> Double {
        guard elapsed > .zero else { return 1 }
        let halvings = seconds(elapsed) / seconds(halfLife)
        // A double has no numbers below 2^-1074.
        guard halvings < 1_100 else { return 0 }
        let whole = halvings.rounded(.down)
        return Double(
            sign: .plus, exponent: -Int(whole), significand: exponential(-0.693_147_180_559_945_3 * (halvings - whole)))
    }

    private static func seconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// e to a power in -0.7...0, by its series. Its eighteenth term is below the last bit.
    private static func exponential(_ power: Double) -> Double {
        var sum = 1.0
        for term in stride(from: 17.0, through: 1.0, by: -1.0) { sum = 1 + sum * power / term }
        return sum
    }
}
