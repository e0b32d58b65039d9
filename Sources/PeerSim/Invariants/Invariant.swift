/// What must hold in every simulation, whatever the seed.
///
/// Each is checked from the outside, by books that the simulation keeps itself: none asks the session whether it is
/// right.
public enum Invariant: String, Sendable, Hashable, CaseIterable {
    /// Each queued message ends in exactly one outcome.
    case oneOutcome
    /// Frames arrive as they were sent: each once, in order, whole, and all of them when the end came in good order.
    case streamIntact
    /// What a session lets through reaches the application once and in order.
    case deliveredInOrder
    /// Before the handshake is done nothing is delivered but what belongs to it.
    case nothingBeforeHandshake
    /// Nothing that came behind a refused frame is delivered.
    case nothingAfterRefusal
    /// Every queue and buffer stays under its cap.
    case buffersWithinCaps
    /// A session has at most one ping outstanding.
    case onePingOutstanding
    /// A peer that is silent or slow is closed by its deadline.
    case silenceEndsInTime
    /// No peer is closed for a deadline that has not passed.
    case noDeadlineEarly
    /// What is known to be known is not announced.
    case knownNotAnnounced
    /// What a session counts is what the transport carried.
    case countsAgree
    /// Nothing stops for ever: what waits goes on, and what was asked between faultless nodes is answered.
    case progress
    /// An adversary meets the end, or the patience, that the protocol has for it.
    case adversaryAnswered
    /// Nodes that keep to the protocol are not closed by each other while nothing is wrong between them.
    case honestPeersStay
    /// Every peer that begins ends, and tells the application so exactly once.
    case endsOnce
    /// At the end nothing is left: no peer, event, byte or entry of a table.
    case nothingLeft

    /// One line that says what must hold.
    public var statement: String {
        switch self {
        case .oneOutcome: "each queued message ends in exactly one outcome"
        case .streamIntact: "frames arrive once, in order and whole, and all of them when the end came in good order"
        case .deliveredInOrder: "what a session lets through reaches the application once and in order"
        case .nothingBeforeHandshake: "before the handshake is done nothing is delivered but what belongs to it"
        case .nothingAfterRefusal: "nothing behind a refused frame is delivered"
        case .buffersWithinCaps: "every queue and buffer stays under its cap"
        case .onePingOutstanding: "a session has at most one ping outstanding"
        case .silenceEndsInTime: "a silent or slow peer is closed by its deadline"
        case .noDeadlineEarly: "no peer is closed for a deadline that has not passed"
        case .knownNotAnnounced: "what the peer is known to have is not announced to it"
        case .countsAgree: "what a session counts is what the transport carried"
        case .progress: "nothing waits for ever"
        case .adversaryAnswered: "an adversary meets the end, or the patience, that is due to it"
        case .honestPeersStay: "honest nodes are not closed by each other while nothing is wrong"
        case .endsOnce: "every peer ends, and the application learns of it once"
        case .nothingLeft: "nothing is left at the end"
        }
    }
}

/// An invariant that did not hold: what, when, and the run that shows it again.
public struct SimulationFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What did not hold.
    public let invariant: Invariant
    /// How it showed.
    public let detail: String
    /// How many events had happened.
    public let step: Int
    /// The virtual time since the beginning.
    public let time: Duration
    /// The seed of the run.
    public let seed: UInt64
    /// The command that shows it again; `nil` for a scenario built by hand.
    public let command: String?

    /// All of it in a few lines.
    public var description: String {
        var text = "invariant \(invariant.rawValue): \(invariant.statement)\n  \(detail)\n"
        text += "  step \(step), time \(time.secondsText) s, seed \(seed)"
        if let command { text += "\n  replay: \(command)" }
        return text
    }
}
