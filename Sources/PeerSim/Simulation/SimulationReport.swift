import PeerSession

/// What happened in a run, in numbers that are the same for the same seed.
public struct SimulationReport: Sendable, Hashable, CustomStringConvertible {
    /// The seed of the run.
    public let seed: UInt64
    /// How many events happened.
    public let stepCount: Int
    /// How much virtual time passed.
    public let duration: Duration
    /// Nodes.
    public let nodeCount: Int
    /// Connections dialled, refused ones included.
    public let connectionCount: Int
    /// Handshakes done, counted at each end.
    public let handshakeCount: Int
    /// Messages handed to the transport.
    public let sentMessageCount: Int
    /// Messages that listeners got.
    public let deliveredMessageCount: Int
    /// Requests that waited until their peer had read more.
    public let postponedCount: Int
    /// Inventory items announced.
    public let announcedItemCount: Int
    /// Queued messages by what became of them, in the order of ``SendOutcome``.
    public let outcomeCounts: [Int]
    /// How often each reason ended a peer, ordered by its name.
    public let disconnects: [String]
    /// Faults put in: resets, refused and timed-out connects, corruptions, wall-clock jumps, readers that stopped.
    public let faults: FaultCounts
    /// What the scenario has to say, such as which adversaries were there.
    public let notes: [String]

    /// Several lines of text.
    public var description: String {
        var lines = [
            "seed \(seed): \(stepCount) steps, \(duration.secondsText) s",
            "  \(nodeCount) nodes, \(connectionCount) connections, \(handshakeCount) handshakes",
            "  \(sentMessageCount) messages sent, \(deliveredMessageCount) delivered, \(postponedCount) postponed, "
                + "\(announcedItemCount) items announced",
        ]
        let outcomes = zip(SendOutcome.allCases, outcomeCounts).map { "\($0) \($1)" }
        lines.append("  queued: " + outcomes.joined(separator: ", "))
        lines.append("  faults: \(faults)")
        lines += disconnects.map { "  ended: \($0)" }
        lines += notes.map { "  \($0)" }
        return lines.joined(separator: "\n")
    }
}

/// How many faults of each kind a run had.
public struct FaultCounts: Sendable, Hashable, CustomStringConvertible {
    /// Connections broken from the outside.
    public internal(set) var resets = 0
    /// Dials that were refused.
    public internal(set) var refusedConnects = 0
    /// Dials that nobody answered.
    public internal(set) var timedOutConnects = 0
    /// Bits turned over.
    public internal(set) var corruptions = 0
    /// Jumps of the wall clock.
    public internal(set) var wallClockJumps = 0

    /// One line.
    public var description: String {
        "\(resets) resets, \(refusedConnects) refused, \(timedOutConnects) timed out, \(corruptions) corruptions, "
            + "\(wallClockJumps) clock jumps"
    }
}

extension DisconnectReason {
    /// A name without the details that would make each its own.
    var reportName: String {
        switch self {
        case .misbehaved: "misbehaved"
        case .obsoleteVersion: "obsolete version"
        default: description
        }
    }
}
