extension EventLoop {
    /// Begins to connect. The handler hears ``ConnectionHandler/opened(_:)`` or ``ConnectionHandler/closed(_:cause:)``,
    /// never before this call returns; nothing when this throws.
    ///
    /// - Parameters:
    ///   - address: where to.
    ///   - source: the local address to use, port 0 for any; `nil` lets the kernel choose.
    ///   - options: the options of the socket.
    ///   - limit: how long it may take.
    ///   - handler: hears of the connection, on this loop.
    ///
    /// Throws ``SystemError`` when it cannot even begin.
    @discardableResult
    public func connect(
        to address: SocketAddress, from source: SocketAddress? = nil, options: SocketOptions = SocketOptions(),
        within limit: Duration, handler: any ConnectionHandler
    ) throws(SystemError) -> Connection {
        try connect(
            to: address, from: source, options: options, within: limit, remoteAddress: address, handler: handler)
    }

    /// Begins to connect to a Unix domain socket, as
    /// ``connect(to:from:options:within:handler:)`` does to an address. ``Connection/remoteAddress`` is
    /// ``SocketAddress/unspecified``.
    ///
    /// While the queue of the listener is full, it is tried again and again until `limit` has passed.
    ///
    /// Throws ``SystemError`` when it cannot even begin: `ENOENT` without a file, `ECONNREFUSED` without a listener.
    @discardableResult
    public func connect(
        to address: UnixAddress, options: SocketOptions = SocketOptions(), within limit: Duration,
        handler: any ConnectionHandler
    ) throws(SystemError) -> Connection {
        try connect(to: address, options: options, within: limit, remoteAddress: .unspecified, handler: handler)
    }
}

// MARK: - Behind it, and behind a proxy

extension EventLoop {
    /// Connects to `address`; `nil` as `limit` sets no deadline.
    func connect(
        to address: SocketAddress, from source: SocketAddress? = nil, options: SocketOptions,
        within limit: Duration?, remoteAddress: SocketAddress, handler: any ConnectionHandler
    ) throws(SystemError) -> Connection {
        try requireRunning(.connect)
        let socket = try Socket.connecting(to: address, from: source, options)
        let connection = try register(socket, address: remoteAddress, handler: handler)
        if let limit { limitConnecting(connection, until: nanoseconds(after: limit)) }
        return connection
    }

    func connect(
        to address: UnixAddress, options: SocketOptions, within limit: Duration, remoteAddress: SocketAddress,
        handler: any ConnectionHandler
    ) throws(SystemError) -> Connection {
        try requireRunning(.connect)
        let socket = try Socket.connecting(to: address, options)
        let connection: Connection
        if socket.isConnected {
            connection = try register(socket, address: remoteAddress, handler: handler)
        } else {
            connection = registerWaiting(socket, address: remoteAddress, handler: handler)
            connectLater(connection, to: address, after: Self.firstQueueDelay)
        }
        limitConnecting(connection, until: nanoseconds(after: limit))
        return connection
    }

    private func register(
        _ socket: consuming ConnectingSocket, address: SocketAddress, handler: any ConnectionHandler
    ) throws(SystemError) -> Connection {
        let isConnected = socket.isConnected
        let connection = try register(
            socket.descriptor, address: address, isInbound: false, phase: .connecting, handler: handler)
        if isConnected {
            schedule(after: .zero) { loop in
                if connection.phase == .connecting { loop.finishConnecting(connection) }
            }
        }
        return connection
    }
}

// MARK: - A full queue

extension EventLoop {
    /// After how long a full queue is tried again, first and at most; each time it is twice as long.
    private static var firstQueueDelay: Duration { .milliseconds(1) }
    private static var longestQueueDelay: Duration { .milliseconds(50) }

    /// Takes over a socket that is not connecting yet. It is kept out of epoll, which would report it hung up.
    private func registerWaiting(
        _ socket: consuming ConnectingSocket, address: SocketAddress, handler: any ConnectionHandler
    ) -> Connection {
        let connection = Connection(
            loop: self, descriptor: socket.descriptor, id: allocateSlot(), remoteAddress: address,
            isInbound: false, phase: .connecting, handler: handler)
        slots[Int(connection.id.slot)].registration = .connection(connection)
        connectionCount += 1
        return connection
    }

    private func connectLater(_ connection: Connection, to address: UnixAddress, after delay: Duration) {
        schedule(after: delay) { loop in
            guard connection.phase == .connecting else { return }
            do throws(SystemError) {
                guard try Socket.connect(connection.descriptor, to: address) else {
                    loop.connectLater(connection, to: address, after: min(delay * 2, Self.longestQueueDelay))
                    return
                }
                try loop.poller.add(connection.descriptor, .write, token: connection.id.token)
                connection.interest = .write
                loop.finishConnecting(connection)
            } catch {
                loop.close(connection, cause: .connectFailed(error))
            }
        }
    }
}
