/// A tick that took longer than a ``EventLoop/Watchdog`` allows.
public struct SlowTick: Sendable, Hashable {
    /// The loop's ``EventLoop/Configuration/threadName``.
    public let loopName: String
    /// How long the tick has taken so far, or took.
    public let duration: Duration
    /// False while it is still under way.
    public let isOver: Bool
    /// The phase under way; of a tick that is over, the one that took the longest.
    public let phase: LoopPhase
    /// How long that phase has taken so far, or took.
    public let phaseDuration: Duration
    /// What ran when the limit was passed, known once it has returned: the connection, its address and the type of its
    /// handler, or the kind of work. `nil` when the tick ended before it was looked at.
    public let activity: String?
}

extension SlowTick: CustomStringConvertible {
    /// One line.
    public var description: String {
        let what = activity.map { ", ran \($0)" } ?? ""
        return isOver
            ? "\(loopName): a tick took \(duration), \(phaseDuration) of it in \(phase)\(what)"
            : "\(loopName): a tick is under way for \(duration), in \(phase) for \(phaseDuration)"
    }
}
