extension EventLoop {
    /// Runs a connection on a socket that was made elsewhere. The handler hears ``ConnectionHandler/opened(_:)`` in the
    /// next tick, never before this call returns. The connection owns the descriptor from here on.
    ///
    /// - Parameters:
    ///   - socket: one that no loop has taken.
    ///   - remoteAddress: what ``Connection/remoteAddress`` says; `nil` has the kernel asked, and where it knows none
    ///     (a Unix socket) ``SocketAddress/unspecified`` is said.
    ///   - isInbound: what ``Connection/isInbound`` says.
    ///   - handler: hears of the connection; not when this throws.
    ///
    /// Throws ``SystemError`` when the socket cannot be waited for, or was taken before (`EBADF`); it is closed.
    @discardableResult
    public func adopt(
        _ socket: AdoptedSocket, remoteAddress: SocketAddress? = nil, isInbound: Bool, handler: any ConnectionHandler
    ) throws(SystemError) -> Connection {
        let socket = socket.take()
        Socket.setNoDelay(socket)
        let address = remoteAddress ?? (try? Socket.remoteAddress(of: socket)) ?? .unspecified
        let connection = try register(
            socket, address: address, isInbound: isInbound, phase: .connecting, handler: handler)
        schedule(after: .zero) { loop in
            if connection.phase == .connecting { loop.finishConnecting(connection) }
        }
        return connection
    }

    /// As ``adopt(_:remoteAddress:isInbound:handler:)``, from a descriptor; see ``AdoptedSocket/init(descriptor:)`` for
    /// what becomes of it and what is thrown besides.
    @discardableResult
    public func adopt(
        descriptor: Int32, remoteAddress: SocketAddress? = nil, isInbound: Bool, handler: any ConnectionHandler
    ) throws(SystemError) -> Connection {
        try adopt(
            try AdoptedSocket(descriptor: descriptor), remoteAddress: remoteAddress, isInbound: isInbound,
            handler: handler)
    }
}
