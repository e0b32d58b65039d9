/// How a host is connected to, see ``EventLoop/connect(toHost:resolver:options:within:handler:failed:)``.
public struct HostConnectOptions: Hashable, Sendable {
    /// After how long without an answer the next address is tried too (RFC 8305, section 5): what is under 10 ms or
    /// over 2 s is taken for these.
    public var attemptDelay: Duration = .milliseconds(250)
    /// In which order the addresses are tried.
    public var order = AddressOrder.ipv6First
    /// Addresses tried at most; those behind them are not.
    public var addressLimit = 16
    /// The local address to use, port 0 for any: only addresses of its family are tried. `nil` lets the kernel choose.
    public var source: SocketAddress?
    /// The options of the sockets.
    public var socketOptions = SocketOptions()
    /// Connects through this proxy, which is given the name as it is: the resolver is never asked, and
    /// ``order``, ``addressLimit`` and ``source`` mean nothing.
    public var proxy: SOCKS5.Proxy?

    static let attemptDelays: ClosedRange<Duration> = .milliseconds(10)...(.seconds(2))

    /// The defaults.
    public init() {}
}
