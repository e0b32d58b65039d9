/// A run of the random scenario: what is made of a seed.
public struct SimulationOptions: Sendable {
    /// Decides everything.
    public var seed: UInt64
    /// How many nodes there are. Up to 32 are joined at random; more are the peers of one node. Default 8.
    public var peers = 8
    /// How many events happen before the scripts stop; what they began goes on to its end. Default 4,000.
    public var steps = 4_000
    /// How long the network is left to itself after that, in virtual time: long enough for every deadline by default.
    public var calmDuration: Duration = .seconds(1_500)
    /// What may go wrong. Each seed has some of it, and how much differs from seed to seed. Default everything.
    public var faults: Faults = .all
    /// What goes wrong in every seed, without a draw. Default nothing.
    public var alwaysFaults: Faults = []
    /// Which adversaries may come; each seed has some of them. Default all.
    public var adversaries: [AdversaryKind] = AdversaryKind.allCases
    /// With a number of bytes, another scenario is played: two nodes that send each other two blocks of this size at
    /// the same time. Default `nil`.
    public var crossingByteCount: Int?

    /// The defaults.
    public init(seed: UInt64) {
        self.seed = seed
    }

    /// The command that plays the same run.
    var command: String {
        var text = "peerctl sim --seed \(seed) --peers \(peers) --steps \(steps)"
        let seconds = calmDuration.components.seconds
        if calmDuration != SimulationOptions(seed: 0).calmDuration { text += " --duration \(seconds)" }
        if let crossingByteCount { text += " --crossing \(crossingByteCount)" }
        return text
    }
}

/// What can go wrong in a random scenario.
public struct Faults: OptionSet, Sendable, Hashable {
    /// One bit for each.
    public let rawValue: UInt32

    /// A set from its bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Segments cut down to one byte.
    public static var cutSegments: Faults { Faults(rawValue: 1 << 0) }
    /// Readers that wait, so that much comes at once, and segments that take longer than others.
    public static var jitter: Faults { Faults(rawValue: 1 << 1) }
    /// Kernel buffers of a few kilobytes.
    public static var smallBuffers: Faults { Faults(rawValue: 1 << 2) }
    /// Ways that carry little.
    public static var slowLinks: Faults { Faults(rawValue: 1 << 3) }
    /// Listeners that take their time.
    public static var slowListeners: Faults { Faults(rawValue: 1 << 4) }
    /// Connections that break.
    public static var resets: Faults { Faults(rawValue: 1 << 5) }
    /// Dials that are refused, and dials that nobody answers.
    public static var failedConnects: Faults { Faults(rawValue: 1 << 6) }
    /// Bits turned over on the way.
    public static var corruption: Faults { Faults(rawValue: 1 << 7) }
    /// Wall clocks that jump.
    public static var clockJumps: Faults { Faults(rawValue: 1 << 8) }
    /// Applications that leave, and nodes that dial themselves.
    public static var departures: Faults { Faults(rawValue: 1 << 9) }
    /// Hosts that have to be asked, and some that refuse.
    public static var questions: Faults { Faults(rawValue: 1 << 10) }
    /// Nodes of older protocol versions, and of services that others lack.
    public static var versions: Faults { Faults(rawValue: 1 << 11) }
    /// Queues and limits so small that they are reached.
    public static var smallLimits: Faults { Faults(rawValue: 1 << 12) }
    /// Large messages that go through lanes and cross each other.
    public static var largeMessages: Faults { Faults(rawValue: 1 << 13) }
    /// Ends that are no nodes.
    public static var adversaries: Faults { Faults(rawValue: 1 << 14) }
    /// Floods at full size, in a few seeds: they take long.
    public static var fullFloods: Faults { Faults(rawValue: 1 << 15) }

    /// Everything.
    public static var all: Faults { Faults(rawValue: 0xffff) }

    /// Of these, a seed's own: each is on in two seeds of five.
    func drawn(_ random: inout SimulationRandom) -> Faults {
        var drawn: Faults = []
        for bit in 0..<16 {
            let fault = Faults(rawValue: 1 << UInt32(bit))
            let isOn = random.chance(perMille: fault == .fullFloods ? 15 : 400)
            if isOn, contains(fault) { drawn.insert(fault) }
        }
        return drawn
    }

    /// True when nothing of this set gives honest nodes a reason to close on each other.
    var isPeaceful: Bool {
        isDisjoint(with: [
            .smallBuffers, .slowLinks, .slowListeners, .resets, .corruption, .smallLimits, .questions, .versions,
        ])
    }
}
