/// How many addresses a peer may still tell of: a token bucket that starts nearly empty, fills with time, and takes a
/// large share at once when this node asks for addresses.
///
/// The fill is computed from the time since the bucket was last full, or this node asked, and never added up in small
/// steps: a bucket that is asked every nanosecond fills as fast as one that is asked once a year.
/// Source: `PROTOCOL` 6.5.
struct AddressRate: Sendable, BitwiseCopyable {
    /// Since when time fills the bucket.
    private var fillsSince: CompactTimestamp
    /// What would be in the bucket had no time passed since then. Below zero when more of what time gave was taken.
    private var balance: Double

    init(_ configuration: AddressRateConfiguration, at now: Timestamp) {
        fillsSince = CompactTimestamp(now)
        balance = configuration.initialAddresses
    }

    /// Takes what `count` addresses cost, as far as it goes: how many of them, from the front, are within the rate.
    mutating func received(_ count: Int, at now: Timestamp, _ configuration: AddressRateConfiguration) -> Int {
        guard count > 0 else { return 0 }
        let level = level(at: now, configuration)
        // Below `count` it fits in an Int, however much a configuration lets in.
        let taken = level >= Double(count) ? count : Int(max(0, level))
        // While the bucket is full time adds nothing, and is not made up for later.
        if level >= configuration.maxAddresses { settle(level, at: now) }
        balance -= Double(taken)
        return taken
    }

    /// Adds what this node's own `getaddr` lets the peer answer, over the most that time fills the bucket to as well.
    mutating func requested(at now: Timestamp, _ configuration: AddressRateConfiguration) {
        settle(level(at: now, configuration) + configuration.addressesPerRequest, at: now)
    }

    private mutating func settle(_ level: Double, at now: Timestamp) {
        balance = level
        fillsSince = CompactTimestamp(now)
    }

    /// What is in the bucket.
    private func level(at now: Timestamp, _ configuration: AddressRateConfiguration) -> Double {
        if balance >= configuration.maxAddresses { return balance }
        let (seconds, attoseconds) = max(.zero, now - fillsSince.timestamp).components
        let elapsed = Double(seconds) + Double(attoseconds) * 1e-18
        return min(configuration.maxAddresses, balance + configuration.addressesPerSecond * elapsed)
    }
}
