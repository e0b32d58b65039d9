public import PeerSession
public import PeerWire

/// A frame that was read from a peer; see ``MessageListeners/onRead``.
public struct ReadEvent: Sendable, Hashable {
    /// The command of the header; all zeros where the header was not one of this network.
    public let command: Command
    /// Bytes of the frame with its header, or of as much of it as was read before it was refused.
    public let byteCount: Int
    /// Why the frame was refused; `nil` for one that was taken.
    public let error: WireError?

    /// The kind of the message, `nil` for a command without one.
    public var kind: MessageKind? { MessageKind(command) }

    /// The sort of refusal, as the peer's ``/PeerSession/DisconnectReason`` has it; `nil` for a frame that was taken.
    public var refusal: FrameRefusal? { error.map(FrameRefusal.init) }
}

/// A message that was written to a peer, or was to be; see ``MessageListeners/onWrite``.
public struct WriteEvent: Sendable, Hashable {
    /// What became of a message.
    public enum Outcome: Sendable, Hashable {
        /// The kernel has every byte.
        case sent
        /// It was not sent, or not all of it.
        case notSent(SendError)
    }

    /// The command of the message.
    public let command: Command
    /// Bytes of the frame with its header; 0 of a message that was not encoded.
    public let byteCount: Int
    /// What became of it.
    public let outcome: Outcome
    /// Writes before this one that the listener missed, because ``PeerConfiguration/writeEventLimit`` of them waited
    /// for it already.
    public let missedCount: Int

    /// The kind of the message, `nil` for a command without one.
    public var kind: MessageKind? { MessageKind(command) }
}

extension FrameRefusal {
    /// The refusal that an error of a stream is.
    init(_ error: WireError) {
        switch error {
        case .frame(let error): self.init(error)
        case .payload(_, let error): self.init(error)
        }
    }
}

/// What waits in a peer's lane for ``MessageListeners/onRead`` and ``MessageListeners/onWrite``.
enum TrafficEvent: Sendable {
    case read(ReadEvent)
    case written(WriteEvent, of: WriteMeter)
}

extension MessageListeners {
    func dispatch(_ event: TrafficEvent, to peer: Peer) {
        switch event {
        case .read(let event):
            onRead?(peer, event)
        case .written(let event, let meter):
            onWrite?(peer, event)
            meter.told()
        }
    }
}

/// What of the traffic somebody wants to know; nothing, as a rule, and then a frame costs one branch.
struct TrafficInterest: OptionSet, Sendable {
    let rawValue: UInt8

    static let reads = TrafficInterest(rawValue: 1)
    static let writes = TrafficInterest(rawValue: 2)
    static let log = TrafficInterest(rawValue: 4)

    static func of(_ listeners: MessageListeners) -> TrafficInterest {
        var interest: TrafficInterest = []
        if listeners.onRead != nil { interest.insert(.reads) }
        if listeners.onWrite != nil { interest.insert(.writes) }
        return interest
    }

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    init(_ table: ListenerTable, _ log: NodeLog?) {
        self = table.traffic
        if let log, log.tellsMessages { insert(.log) }
    }
}
