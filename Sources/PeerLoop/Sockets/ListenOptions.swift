/// How to listen on an address of IPv4 or IPv6.
public struct ListenOptions: Hashable, Sendable {
    /// Connections that the kernel keeps waiting; it caps this at `net.core.somaxconn`.
    public var backlog: Int32 = 4096
    /// `[::]` takes IPv6 connections only. Otherwise it takes IPv4 connections too, whose addresses are told as IPv4
    /// addresses. Nothing to an IPv4 address.
    public var isIPv6Only = false
    /// Other sockets may listen on the same port, when all of them say so and belong to one user (`SO_REUSEPORT`): the
    /// kernel spreads connections over them, which is how several loops serve one port.
    public var sharesPort = false
    /// The options of accepted connections. A refused one fails the listening, so that none is missing later.
    public var socketOptions = SocketOptions()

    /// The defaults.
    public init() {}
}

/// How to listen on a Unix domain socket.
public struct UnixListenOptions: Hashable, Sendable {
    /// Connections that the kernel keeps waiting; it caps this at `net.core.somaxconn`.
    public var backlog: Int32 = 4096
    /// The permissions of the socket's file, such as `0o600`: whoever may write to it may connect. They are set before
    /// anyone can. `nil` leaves them to the process's mask. Nothing to an abstract name, which anyone may connect to.
    public var permissions: UInt32?
    /// A socket's file that nobody answers on, left by a process that was killed, is replaced. Files of another kind,
    /// and sockets in use, never are.
    public var replacesStaleFile = true
    /// The options of accepted connections, of which those for TCP are refused.
    public var socketOptions = SocketOptions()

    /// The defaults.
    public init() {}
}
