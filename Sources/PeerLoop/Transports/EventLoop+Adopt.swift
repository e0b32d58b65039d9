extension EventLoop {
    /// Runs a connection on a socket that was made elsewhere. The handler hears ``ConnectionHandler/opened(_:)`` in the
    /// next tick, never before this call returns. The connection owns the descriptor from here on.
    ///
    /// - Parameters:
    ///   - socket: one that no loop has taken.
    ///   - remoteAddress: what ``Connection/remoteAddress`` says; `nil` has the kernel asked, and where it knows none
    ///     (a Unix socket) ``SocketAddress/unspecified`` is said.
    ///   - isInbound: what ``Connection/isInbound`` says.
    ///   - options: the options of the socket; what is at its default here, but for ``SocketOptions/noDelay``, is left
    ///     as it is.
    ///   - handler: hears of the connection; not when this throws.
    ///
    /// Throws ``SystemError`` when the socket cannot be waited for, refuses an option, or was taken before (`EBADF`);
    /// it is closed.
    @discardableResult
    public func adopt(
        _ socket: AdoptedSocket, remoteAddress: SocketAddress? = nil, isInbound: Bool,
        options: SocketOptions = SocketOptions(), handler: any ConnectionHandler
    ) throws(SystemError) -> Connection {
        let socket = socket.take()
        try requireRunning(.adopt)
        try Socket.apply(options, to: socket, isNew: true)
        let address = remoteAddress ?? (try? Socket.remoteAddress(of: socket)) ?? .unspecified
        let connection = try register(
            socket, address: address, isInbound: isInbound, phase: .connecting, handler: handler)
        connection.isAdopted = true
        schedule(after: .zero) { loop in
            if connection.phase == .connecting { loop.finishConnecting(connection) }
        }
        return connection
    }

    /// As ``adopt(_:remoteAddress:isInbound:options:handler:)``, from a descriptor; see
    /// ``AdoptedSocket/init(descriptor:)`` for what becomes of it and what is thrown besides.
    @discardableResult
    public func adopt(
        descriptor: Int32, remoteAddress: SocketAddress? = nil, isInbound: Bool,
        options: SocketOptions = SocketOptions(), handler: any ConnectionHandler
    ) throws(SystemError) -> Connection {
        try adopt(
            try AdoptedSocket(descriptor: descriptor), remoteAddress: remoteAddress, isInbound: isInbound,
            options: options, handler: handler)
    }
}
