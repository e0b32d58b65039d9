/// Why a connection ended, as the transport saw it.
public enum CloseCause: Hashable, Sendable, BitwiseCopyable {
    /// The other side ended the stream in order.
    case endOfStream
    /// Reading or writing failed; a reset is a failure with ``SystemError/isReset``.
    case failed(SystemError)
    /// The connection could not be made.
    case connectFailed(SystemError)
    /// The connection was not made by its deadline.
    case connectTimedOut
    /// The connection could not be made through the proxy.
    case proxyFailed(SOCKS5.Failure)
    /// More was written than ``WriteLimits/cap`` allows to wait.
    case writeCapExceeded
    /// The other side took less than ``WriteLimits`` asks for.
    case sendTooSlow
    /// This side closed it.
    case closedLocally
    /// The loop stopped.
    case loopStopped
}

extension CloseCause: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .endOfStream: "the other side closed the connection"
        case .failed(let error): error.description
        case .connectFailed(let error): error.description
        case .connectTimedOut: "connect: no answer in time"
        case .proxyFailed(let failure): failure.description
        case .writeCapExceeded: "more was written than may wait"
        case .sendTooSlow: "the other side does not take what is sent"
        case .closedLocally: "closed by this side"
        case .loopStopped: "the event loop stopped"
        }
    }
}
