internal import PeerSession

/// Why a request has no answer.
public enum RequestError: Error, Hashable, Sendable {
    /// No answer came within the time given. The request may still be answered; listeners then hear of it.
    case timedOut
    /// The peer does not have it.
    case notFound
    /// The connection ended; the reason is not known when it ended before the request began.
    case disconnected(DisconnectReason?)
    /// The task was cancelled. The request may be on its way, and be answered.
    case cancelled
    /// The request could not be sent.
    case notSent(SendError)
    /// ``PeerConfiguration/maxPendingRequests`` are pending with this peer.
    case tooManyPending
}

extension RequestError: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .timedOut: "not answered in time"
        case .notFound: "the peer does not have it"
        case .disconnected(let reason?): "not answered: \(reason)"
        case .disconnected(nil): "not answered: the peer is gone"
        case .cancelled: "cancelled"
        case .notSent(let error): "\(error)"
        case .tooManyPending: "too many requests are pending with this peer"
        }
    }
}

/// What became of one entry of a ``Peer/data(_:within:)``.
public enum RequestedItem: Hashable, Sendable {
    /// The message that answered it: `tx`, `block`, `merkleblock`, `cmpctblock` or `dsproof-beta`. A whole block may
    /// answer what was asked for as a compact one.
    case found(Message)
    /// The peer does not have it.
    case notFound
}
