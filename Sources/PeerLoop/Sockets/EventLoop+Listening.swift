extension EventLoop {
    /// Listens on `address`; port 0 lets the kernel choose, see ``Listener/address``.
    ///
    /// The kernel keeps `backlog` connections waiting; it caps this at `net.core.somaxconn`.
    ///
    /// Throws ``SystemError``.
    @discardableResult
    public func listen(
        on address: SocketAddress, backlog: Int32 = 4096, handler: any AcceptHandler
    ) throws(SystemError) -> Listener {
        var options = ListenOptions()
        options.backlog = backlog
        return try listen(on: address, options: options, handler: handler)
    }

    /// Listens on `address` as `options` say; port 0 lets the kernel choose, see ``Listener/address``.
    ///
    /// Throws ``SystemError``.
    @discardableResult
    public func listen(
        on address: SocketAddress, options: ListenOptions, handler: any AcceptHandler
    ) throws(SystemError) -> Listener {
        try requireRunning(.listen)
        let socket = try Socket.listening(on: address, options)
        let bound = try Socket.localAddress(of: socket)
        let id = allocateSlot()
        return try register(Listener(descriptor: socket, handler: handler, id: id, address: bound))
    }

    /// Listens on a Unix domain socket. The handler is told ``SocketAddress/unspecified`` as the address of each
    /// connection; ``Connection/peerCredentials()`` says who it is.
    ///
    /// The file is made with the listener and removed with it, also when the loop stops; never one that another process
    /// has put in its place. A process that is killed leaves it behind, see ``UnixListenOptions/replacesStaleFile``:
    /// of two processes that replace the same file at the same moment, one may lose its own.
    ///
    /// Throws ``SystemError``: `EADDRINUSE` when the name is taken.
    @discardableResult
    public func listen(
        on address: UnixAddress, options: UnixListenOptions = UnixListenOptions(), handler: any AcceptHandler
    ) throws(SystemError) -> Listener {
        try requireRunning(.listen)
        let socket = try Socket.listening(on: address, options)
        let file = socket.file
        let isPlain = options.socketOptions == SocketOptions()
        let listener = Listener(
            descriptor: socket.descriptor, handler: handler, id: allocateSlot(), address: .unspecified,
            unixAddress: address, socketFile: file, acceptedOptions: isPlain ? nil : options.socketOptions)
        return try register(listener)
    }

    private func register(_ listener: Listener) throws(SystemError) -> Listener {
        do throws(SystemError) {
            try poller.add(listener.descriptor, .read, token: listener.id.token)
        } catch {
            listener.socketFile?.remove()
            freeSlot(listener.id)
            throw error
        }
        slots[Int(listener.id.slot)].registration = .listener(listener)
        return listener
    }
}
