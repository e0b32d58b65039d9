extension EventLoop {
    /// Begins to connect to `target` through `proxy`, as
    /// ``connect(to:from:options:within:handler:)`` does without one. The handler hears
    /// ``ConnectionHandler/opened(_:)`` once the proxy has made the connection, or
    /// ``ConnectionHandler/closed(_:cause:)``, with ``CloseCause/proxyFailed(_:)`` for whatever the proxy said or did.
    ///
    /// Until then the connection is not open and drops what is written. Afterwards the proxy costs nothing:
    /// it is a connection like any other. Its ``Connection/remoteAddress`` is the target's, where that is not a name.
    ///
    /// - Parameters:
    ///   - target: where the proxy is to connect to.
    ///   - proxy: the proxy, with the credentials of this connection.
    ///   - options: the options of the socket.
    ///   - limit: how long connecting to the proxy, and through it, may take together.
    ///   - handler: hears of the connection, on this loop.
    ///
    /// Throws ``SystemError`` when connecting to the proxy cannot even begin.
    @discardableResult
    public func connect(
        to target: SOCKS5.Target, through proxy: SOCKS5.Proxy, options: SocketOptions = SocketOptions(),
        within limit: Duration, handler: any ConnectionHandler
    ) throws(SystemError) -> Connection {
        let client = SOCKS5Client(target, proxy.credentials, deadline: nanoseconds(after: limit), handler: handler)
        let address = target.address ?? .unspecified
        switch proxy.endpoint {
        case .address(let proxyAddress):
            return try connect(
                to: proxyAddress, options: options, within: limit, remoteAddress: address, handler: client)
        case .unix(let proxyAddress):
            return try connect(
                to: proxyAddress, options: options, within: limit, remoteAddress: address, handler: client)
        }
    }

    /// The socket of a connection that is on its way through a proxy is ready.
    func negotiate(_ connection: Connection, _ readiness: Readiness) {
        if readiness.isWritable, !connection.isDirty {
            connection.isDirty = true
            dirtyList.append(connection)
        }
        guard readiness.isReadable || readiness.isBroken else { return }
        (connection.handler as? SOCKS5Client)?.read(connection)
    }
}
