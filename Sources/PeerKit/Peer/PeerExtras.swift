internal import PeerLoop
internal import PeerSession
internal import Synchronization

/// What only some peers have, kept apart so that the others do not pay for it. Any thread.
final class PeerExtras: Sendable {
    struct State {
        /// `nil` for the node's.
        var listeners: ListenerTable?
        /// Messages for ``Peer/messages``.
        var stream: MessageStream?
        /// Whether ``stream`` was ever asked for.
        var isStreamRead = false
        weak var subscription: MessageSubscription?
        /// Why the connection ended, once it has.
        var reason: DisconnectReason?
        var endWaiters: [Answer<DisconnectReason?>] = []
        var handshakeWaiters: [Answer<Result<Void, NodeError>>] = []
        /// Nothing is delivered any more.
        var hasDeliveredEnd = false
        /// Requests that a task waits for.
        var pendingRequestCount = 0
        var lastRequestID: UInt64 = 0
    }

    let state = Lock(State())

    /// `nil` for the node's.
    var heardKinds: UInt64? { state.withLock { $0.stream == nil ? $0.listeners?.heardKinds : .max } }

    /// What takes the place of ``PeerConfiguration/laneMessageLimit``.
    var laneMessageLimit: Int? { state.withLock { $0.stream?.bound } }
}

extension Peer {
    /// The peer's extras, made when they are first needed.
    var madeExtras: PeerExtras { extras.load() ?? extras.storeIfNil(PeerExtras()) }
}
