/// Why no connection to a host was made.
public enum HostConnectError: Error, Hashable, Sendable {
    /// An attempt at one of the host's addresses that came to nothing.
    public struct Attempt: Hashable, Sendable {
        /// The address.
        public let address: SocketAddress
        /// What went wrong; `ETIMEDOUT` when it was still without an answer at the end.
        public let error: SystemError

        /// An attempt and its end.
        public init(address: SocketAddress, error: SystemError) {
            self.address = address
            self.error = error
        }
    }

    /// The host has no address, or its resolver failed, or had no answer in time.
    case resolution(ResolveError)
    /// None of the addresses could be connected to: each attempt, in the order in which they began.
    case allFailed([Attempt])
    /// None could in time: each attempt, in the order in which they began. None, where a proxy had no answer.
    case timedOut([Attempt])
    /// The proxy failed, or the connection from it to the host.
    case proxy(SOCKS5.Failure)
    /// It was no longer wanted.
    case cancelled
    /// The loop stopped, or was told to.
    case loopStopped
}

extension HostConnectError: CustomStringConvertible {
    /// One line, with every address that was tried.
    public var description: String {
        switch self {
        case .resolution(let error): error.description
        case .allFailed(let attempts): "cannot connect: \(Self.text(attempts))"
        case .timedOut(let attempts):
            attempts.isEmpty ? "connect: no answer in time" : "connect: no answer in time: \(Self.text(attempts))"
        case .proxy(let failure): failure.description
        case .cancelled: "connect: cancelled"
        case .loopStopped: "connect: the event loop stopped"
        }
    }

    private static func text(_ attempts: [Attempt]) -> String {
        attempts.map { "\($0.address) (\($0.error))" }.joined(separator: ", ")
    }
}
