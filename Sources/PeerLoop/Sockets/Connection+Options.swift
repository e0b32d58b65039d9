internal import Glibc

extension Connection {
    /// Gives the socket these options, those included that are as they were before: `options` say all of them. Buffer
    /// sizes that are `nil` are left as they are.
    ///
    /// Throws ``SystemError`` for the first option that is refused, when those before it, in the order in which they
    /// are declared, are set; `ENOTSOCK` where there is a ``ByteTransport`` in place of a socket.
    public func apply(_ options: SocketOptions) throws(SystemError) {
        if attachment != nil { throw SystemError(.option, code: ENOTSOCK) }
        try Socket.apply(options, to: descriptor, isNew: false)
    }

    /// The process at the other end of a Unix domain socket.
    ///
    /// Throws ``SystemError``: `EOPNOTSUPP` where the connection is of another kind.
    public func peerCredentials() throws(SystemError) -> PeerCredentials {
        if attachment != nil { throw SystemError(.credentials, code: EOPNOTSUPP) }
        return try Socket.peerCredentials(descriptor)
    }
}
