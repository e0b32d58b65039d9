/// Stub.
struct MisbehaviourScore: Sendable, BitwiseCopyable {
    /// True when the threshold is reached.
    mutating func add(_ offence: Offence, at now: Timestamp, _ policy: MisbehaviourPolicy) -> Bool { false }
    func value(at now: Timestamp, _ policy: MisbehaviourPolicy) -> Int { 0 }
}
