internal import PeerLoop
internal import PeerSession
internal import Synchronization

/// What only some peers have, kept apart so that the others do not pay for it. Any thread.
final class PeerExtras: Sendable {
    struct State {
        /// `nil` for the node's.
        var listeners: ListenerTable?
    }

    let state = Lock(State())

    /// `nil` for the node's.
    var heardKinds: UInt64? { state.withLock { $0.listeners?.heardKinds } }
}

extension Peer {
    /// The peer's extras, made when they are first needed.
    var madeExtras: PeerExtras { extras.load() ?? extras.storeIfNil(PeerExtras()) }
}
