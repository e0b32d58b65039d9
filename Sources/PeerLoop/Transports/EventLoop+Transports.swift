extension EventLoop {
    /// Runs a connection on a transport in place of a socket. The handler hears ``ConnectionHandler/opened(_:)`` in the
    /// next tick, never before this call returns. The connection owns the transport from here on and closes it.
    ///
    /// Everything a connection does, it does here too; ``Connection/reset()`` is an ordinary close.
    ///
    /// On a loop that is shutting down the handler hears only of the end. One that attaches again when it is told so
    /// gets a connection that is closed already and hears nothing.
    ///
    /// - Parameters:
    ///   - transport: not in use anywhere else.
    ///   - remoteAddress: what ``Connection/remoteAddress`` says.
    ///   - isInbound: what ``Connection/isInbound`` says.
    ///   - handler: hears of the connection.
    @discardableResult
    public func attach(
        _ transport: any ByteTransport, remoteAddress: SocketAddress = .unspecified, isInbound: Bool,
        handler: any ConnectionHandler
    ) -> Connection {
        let id = allocateSlot()
        let connection = Connection(
            loop: self, descriptor: .absent(), id: id, remoteAddress: remoteAddress, isInbound: isInbound,
            phase: .connecting, handler: handler)
        if isOver {
            connection.phase = .closed
            connection.handler = nil
            freeSlot(id)
            transport.close()
            return connection
        }
        connection.attachment = TransportAttachment(transport)
        slots[Int(id.slot)].registration = .connection(connection)
        connectionCount += 1
        if isShuttingDown { close(connection, cause: .loopStopped) } else { list(connection) }
        return connection
    }

    /// How often one transport is read, and how often written to, at most in one tick, so that one that moves a byte at
    /// a time does not hold the loop.
    static var transportCallsPerTick: Int { 64 }

    /// Has the connection's transport served in this tick, or in the next one when that has begun.
    private func list(_ connection: Connection) {
        guard let attachment = connection.attachment, !attachment.isListed else { return }
        attachment.isListed = true
        transportList.append(connection)
    }

    /// Starts, reads and has written what is due. A phase of the tick.
    func serveTransports() {
        if transportList.isEmpty { return }
        let budget = max(1, configuration.transportsPerTick)
        let list = transportList
        transportList = list.count > budget ? Array(list[budget...]) : []
        if list.count > budget { tally[.transportBudget] &+= 1 }
        for connection in list.prefix(budget) {
            guard let attachment = connection.attachment else { continue }
            attachment.isListed = false
            if connection.phase == .closed { continue }
            if !attachment.isStarted { start(connection, attachment) }
            readAttached(connection, attachment)
            updateAttached(connection, attachment)
            ran { "an event of \(connection.watchDescription)" }
        }
    }

    private func start(_ connection: Connection, _ attachment: TransportAttachment) {
        attachment.isStarted = true
        attachment.transport.start(makeReadiness(of: connection, attachment))
        becameOpen(connection)
        connection.phase = .open
        connection.handler?.opened(connection)
    }

    private func makeReadiness(
        of connection: Connection, _ attachment: TransportAttachment
    ) -> TransportReadiness {
        let mailbox: Mailbox<ConnectionID>
        if let existing = transportMailbox {
            mailbox = existing
        } else {
            mailbox = Mailbox(waker: handle.waker)
            transportMailbox = mailbox
            attach(mailbox) { loop, ids in
                for id in ids { loop.notified(id) }
            }
        }
        let isNotified = attachment.isNotified
        let id = connection.id
        return TransportReadiness {
            if !isNotified.exchange(true) { mailbox.post(id) }
        }
    }

    private func notified(_ id: ConnectionID) {
        guard let connection = connection(id), let attachment = connection.attachment else { return }
        // Before looking, so that what becomes ready meanwhile is told again.
        _ = attachment.isNotified.exchange(false)
        attachment.mayRead = true
        attachment.isWriteBlocked = false
        list(connection)
    }

    private func readAttached(_ connection: Connection, _ attachment: TransportAttachment) {
        var left = configuration.readByteCountPerTick
        for _ in 0..<Self.transportCallsPerTick {
            guard left > 0, attachment.mayRead, connection.phase != .closed, !connection.isReadingPaused else { return }
            switch readBuffer.fill(from: attachment.transport, limit: left) {
            case .moved(0):
                attachment.mayRead = false
                endInput(connection)
            case .moved(let count):
                left -= count
                take(count, from: connection)
            case .wouldBlock:
                attachment.mayRead = false
                endIfWritingFailed(connection)
            case .failed(let error):
                close(connection, cause: .failed(error))
            }
        }
    }

    /// What the kernel's interest is to a socket: whatever can go on without news of the transport goes on.
    func updateAttached(_ connection: Connection, _ attachment: TransportAttachment) {
        if attachment.mayRead, !connection.isReadingPaused { list(connection) }
        guard let output = connection.output, !output.isEmpty else { return }
        if !connection.isDirty, !attachment.isWriteBlocked {
            connection.isDirty = true
            dirtyList.append(connection)
        }
    }
}
