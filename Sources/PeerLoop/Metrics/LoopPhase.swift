/// The phases of a tick, in their order.
public enum LoopPhase: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    /// Waiting for events: no tick is under way.
    case waiting
    /// What the kernel reported: accepting, reading, and writing the answers.
    case events
    /// Due timers.
    case timers
    /// Jobs and other elements that threads posted.
    case mailboxes
    /// Connections that run on a ``ByteTransport``.
    case transports
    /// Writing what was queued.
    case flush
    /// Closing what has ended, and telling handlers.
    case closes
    /// What was to be called at the end of each tick.
    case tickEnd
}

extension LoopPhase: CustomStringConvertible {
    /// One word or two.
    public var description: String {
        switch self {
        case .waiting: "waiting"
        case .events: "events"
        case .timers: "timers"
        case .mailboxes: "mailboxes"
        case .transports: "transports"
        case .flush: "flush"
        case .closes: "closes"
        case .tickEnd: "tick end"
        }
    }
}
