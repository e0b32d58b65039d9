internal import Glibc

extension EventLoop {
    /// Takes over a connected stream socket, TCP or Unix, that was made elsewhere. The handler hears
    /// ``ConnectionHandler/opened(_:)`` in the next tick, never before this call returns.
    ///
    /// The loop owns the descriptor from here on, and closes it also when this throws, unless the number names no open
    /// descriptor at all. The socket is made non-blocking and closed on exec; it is never written to with a signal.
    ///
    /// - Parameters:
    ///   - descriptor: its number, in use nowhere else.
    ///   - remoteAddress: what ``Connection/remoteAddress`` says; `nil` has the kernel asked, and where it knows none
    ///     (a Unix socket) ``SocketAddress/unspecified`` is said.
    ///   - isInbound: what ``Connection/isInbound`` says.
    ///   - handler: hears of the connection; not when this throws.
    ///
    /// Throws ``SystemError`` of ``SystemError/Operation/adopt``: `EBADF` not open, `ENOTSOCK` no socket, `EPROTOTYPE`
    /// not a stream socket, `ENOTCONN` not connected; and of ``SystemError/Operation/epoll``.
    @discardableResult
    public func adopt(
        descriptor: Int32, remoteAddress: SocketAddress? = nil, isInbound: Bool, handler: any ConnectionHandler
    ) throws(SystemError) -> Connection {
        let socket = try Socket.adopting(descriptor)
        Socket.setNoDelay(socket)
        let address = remoteAddress ?? (try? Socket.remoteAddress(of: socket)) ?? .unspecified
        let connection = try register(
            socket, address: address, isInbound: isInbound, phase: .connecting, handler: handler)
        schedule(after: .zero) { loop in
            if connection.phase == .connecting { loop.finishConnecting(connection) }
        }
        return connection
    }
}
