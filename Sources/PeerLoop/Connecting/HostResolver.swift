/// Finds the addresses of hosts. ``Resolver`` asks the system; a program may have its own.
public protocol HostResolver: Sendable {
    /// All addresses of a host, with its port. Must not block; it may take as long as it likes, as whoever asks does
    /// not wait for ever. When the task is cancelled nobody wants the answer any more.
    func addresses(of target: HostAndPort) async throws(ResolveError) -> [SocketAddress]
}

/// Why a host's addresses were not found.
public enum ResolveError: Error, Hashable, Sendable {
    /// The host has no address, or the resolver failed; `reason` is the resolver's own words.
    case unresolvable(host: String, reason: String)
    /// There was no answer in time.
    case timedOut(host: String)
    /// Nobody even began to look in time, or nobody is expected to: all that may look at once are at it, or as many
    /// questions wait as may.
    case allWorkersBusy(host: String)
    /// The task was cancelled.
    case cancelled(host: String)
    /// The resolver was stopped.
    case stopped
}

extension ResolveError: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .unresolvable(let host, let reason): "cannot resolve '\(host)': \(reason)"
        case .timedOut(let host): "cannot resolve '\(host)': no answer in time"
        case .allWorkersBusy(let host): "cannot resolve '\(host)': every worker is busy"
        case .cancelled(let host): "cannot resolve '\(host)': cancelled"
        case .stopped: "the resolver was stopped"
        }
    }
}
