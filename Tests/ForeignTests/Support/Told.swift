import PeerKit

/// What a node's listeners were told, in order. Whoever waits takes it out.
///
/// A wait ends when a peer does; it has no other bound of its own: the suite's time limit cancels it. Then it throws.
struct Told: Sendable {
    enum Event: Sendable, CustomStringConvertible {
        case message(Peer, Message)
        case handshake(Peer)
        case ended(Peer, DisconnectReason)

        var description: String {
            switch self {
            case .message(_, let message): "\(message.command)"
            case .handshake: "handshake"
            case .ended(_, let reason): "\(reason)"
            }
        }
    }

    /// A wait that was in vain; it says what had come instead.
    struct NeverCame: Error, CustomStringConvertible {
        let description: String
    }

    private let events: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    init() {
        (events, continuation) = AsyncStream.makeStream()
    }

    /// Listeners that tell of everything.
    var listeners: MessageListeners {
        let continuation = continuation
        var listeners = MessageListeners()
        listeners.onMessage = { continuation.yield(.message($0, $1)) }
        listeners.onHandshake = { continuation.yield(.handshake($0)) }
        listeners.onDisconnect = { continuation.yield(.ended($0, $1)) }
        return listeners
    }

    /// Lets go of what nobody asked for, once nothing more comes: it holds the node, which holds the listeners.
    func forget() async {
        continuation.finish()
        for await _ in events {}
    }

    /// Takes events out until one is picked.
    func next<Picked>(_ pick: (Event) -> Picked?) async throws -> Picked {
        var passed: [String] = []
        for await event in events {
            if let picked = pick(event) { return picked }
            passed.append("\(event)")
            if case .ended = event { break }
        }
        throw NeverCame(description: "waited in vain; so far: \(passed.suffix(20))")
    }

    func handshake() async throws -> Peer {
        try await next { if case .handshake(let peer) = $0 { peer } else { nil } }
    }

    func end() async throws -> DisconnectReason {
        try await next { if case .ended(_, let reason) = $0 { reason } else { nil } }
    }

    /// The commands of all messages up to the end of a peer that went in good order.
    func untilEnd() async throws -> [String] {
        var commands: [String] = []
        return try await next { event in
            switch event {
            case .message(_, let message): commands.append("\(message.command)")
            case .ended(_, .remoteClosed): return commands
            case .ended, .handshake: break
            }
            return nil
        }
    }

    func message(_ command: Command) async throws -> Message {
        try await next { event in
            if case .message(_, let message) = event, message.command == command { message } else { nil }
        }
    }
}
