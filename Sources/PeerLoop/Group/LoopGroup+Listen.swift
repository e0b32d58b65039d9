extension LoopGroup {
    /// Listens on `address` with a listener on each loop. They share the port (`SO_REUSEPORT`): the kernel gives each
    /// new connection to one of them, evenly, and it stays on that loop.
    ///
    /// With port 0 the kernel chooses one port for all; see ``GroupListener/address``. Each listener keeps a backlog of
    /// its own. A port that somebody else listens on is refused (`EADDRINUSE`), unless ``ListenOptions/sharesPort``
    /// says that other groups, and processes of the same user, which say so too, may have a part of its connections.
    ///
    /// Throws ``SubmitError``: what the first loop that could not listen threw, or `loopStopped`. The listeners made by
    /// then are closed again; connections that they have accepted stay.
    ///
    /// - Parameters:
    ///   - address: where.
    ///   - options: those of each listener; that they share the port is understood.
    ///   - handler: makes what decides about the connections of one loop; called on each loop once.
    public func listen(
        on address: SocketAddress, options: ListenOptions = ListenOptions(),
        handler: @escaping @Sendable (EventLoop) -> any AcceptHandler
    ) async throws(SubmitError<SystemError>) -> GroupListener {
        let isShared = options.sharesPort
        var options = options
        options.sharesPort = true
        let common = options
        var parts: [GroupListener.Part] = []
        var shared = address
        for loop in loops {
            do throws(SubmitError<SystemError>) {
                let place = shared
                // Only the first has to look: the others share it with the first.
                let mustBeFree = !isShared && parts.isEmpty
                let part = try await loop.submit(throwing: SystemError.self) { loop throws(SystemError) in
                    if mustBeFree { try Socket.requireFree(place, common) }
                    let listener = try loop.listen(on: place, options: common, handler: handler(loop))
                    return (id: listener.id, address: listener.address)
                }
                parts.append(GroupListener.Part(loop: loop, id: part.id))
                // As it was given: an IPv4 address in IPv6's clothes must stay one for the others, too.
                shared = address.with(port: part.address.port)
            } catch {
                await GroupListener(address: shared, parts: parts).close()
                throw error
            }
        }
        return GroupListener(address: shared, parts: parts)
    }
}

/// The listeners of a ``LoopGroup`` on one address. Letting go of it does not close them.
public struct GroupListener: Sendable {
    struct Part: Sendable {
        let loop: EventLoopHandle
        let id: ConnectionID
    }

    /// The address they listen on, with the port the kernel chose when 0 was asked for.
    public let address: SocketAddress
    private let parts: [Part]

    init(address: SocketAddress, parts: [Part]) {
        self.address = address
        self.parts = parts
    }

    /// Stops listening, on every loop, and returns when that is done. Accepted connections stay; those that wait to be
    /// accepted are reset. Nothing happens on loops that have stopped.
    public func close() async {
        for part in parts {
            _ = try? await part.loop.submit { loop in
                if let listener = loop.listener(part.id) { loop.close(listener) }
            }
        }
    }
}
