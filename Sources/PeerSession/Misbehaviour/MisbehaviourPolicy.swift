/// What offences weigh, and when a peer's are too many.
///
/// A peer's score is the sum of what its offences weigh. The persistent part of a weight stays as long as the peer is
/// connected; the transient part halves every ``halfLife``. The score belongs to the connection: a peer that comes back
/// begins at zero, unless the host discourages its address, which is what ``SessionAction/discourage(_:)`` asks for.
public struct MisbehaviourPolicy: Sendable, BitwiseCopyable {
    /// What one offence weighs.
    public struct Weight: Sendable, Hashable, BitwiseCopyable {
        /// The part that stays.
        public var persistent: UInt16
        /// The part that halves every ``MisbehaviourPolicy/halfLife``.
        public var transient: UInt16

        /// A weight; by default none, for what is noted and does no harm.
        public init(persistent: UInt16 = 0, transient: UInt16 = 0) {
            self.persistent = persistent
            self.transient = transient
        }

        /// Noted, without harm to the peer.
        public static var none: Weight { Weight() }
    }

    /// Whether offences are weighed at all. When they are not, they are counted, a peer is never discouraged, and an
    /// offence that ends a connection still does. Default true.
    public var isEnabled = true
    /// The score at which a peer is too much, and is disconnected and discouraged; at least 1. Default 100.
    public var threshold = 100
    /// The time in which the transient part of a score halves; positive, at most 100 years. Default 60 s.
    public var halfLife: Duration = .seconds(60)
    /// One weight for each offence.
    private var weights = InlineArray<69, Weight>(repeating: .none)

    /// The defaults: see ``defaultWeight(of:)``.
    public init() {
        for offence in Offence.allCases { self[offence] = Self.defaultWeight(of: offence) }
    }

    /// What an offence weighs.
    public subscript(offence: Offence) -> Weight {
        get { weights[Int(offence.rawValue)] }
        set { weights[Int(offence.rawValue)] = newValue }
    }

    /// What is wrong with this policy, in a line; `nil` when it can be used.
    var problem: String? {
        if threshold < 1 { return "misbehaviour.threshold must be at least 1" }
        if !(.nanoseconds(1)...SessionConfiguration.longestDuration).contains(halfLife) {
            return "misbehaviour.halfLife must be at least a nanosecond and at most 100 years"
        }
        return nil
    }
}

extension MisbehaviourPolicy: Hashable {
    /// True when both weigh every offence alike.
    public static func == (left: MisbehaviourPolicy, right: MisbehaviourPolicy) -> Bool {
        guard left.isEnabled == right.isEnabled, left.threshold == right.threshold, left.halfLife == right.halfLife
        else { return false }
        return left.weights.indices.allSatisfy { left.weights[$0] == right.weights[$0] }
    }

    /// Hashes every weight.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(isEnabled)
        hasher.combine(threshold)
        hasher.combine(halfLife)
        for index in weights.indices { hasher.combine(weights[index]) }
    }
}
