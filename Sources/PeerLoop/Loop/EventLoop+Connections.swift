extension EventLoop {
    /// The connection with this number, `nil` when it is over.
    public func connection(_ id: ConnectionID) -> Connection? {
        guard Int(id.slot) < slots.count else { return nil }
        let slot = slots[Int(id.slot)]
        guard slot.generation == id.generation, case .connection(let connection) = slot.registration else { return nil }
        return connection
    }

    /// Calls `body` with every connection that is not closed, in no particular order. Connections made meanwhile may be
    /// missed.
    public func forEachConnection(_ body: (Connection) -> Void) {
        for index in slots.indices {
            if case .connection(let connection) = slots[index].registration, connection.phase != .closed {
                body(connection)
            }
        }
    }

    func register(
        _ socket: consuming FileDescriptor, address: SocketAddress, isInbound: Bool, phase: Connection.Phase,
        handler: any ConnectionHandler
    ) throws(SystemError) -> Connection {
        let id = allocateSlot()
        let connection = Connection(
            loop: self, descriptor: socket, id: id, remoteAddress: address, isInbound: isInbound, phase: phase,
            handler: handler)
        let interest: Interest = phase == .connecting ? .write : .read
        do throws(SystemError) {
            try poller.add(connection.descriptor, interest, token: id.token)
        } catch {
            freeSlot(id)
            throw error
        }
        connection.interest = interest
        slots[Int(id.slot)].registration = .connection(connection)
        connectionCount += 1
        return connection
    }

    func finishConnecting(_ connection: Connection) {
        if let error = Socket.pendingError(connection.descriptor) {
            close(connection, cause: .connectFailed(error))
            return
        }
        becameOpen(connection)
        connection.phase = .open
        updateInterest(connection)
        connection.handler?.opened(connection)
    }

    /// Tells the kernel what to wait for, when that has changed.
    func updateInterest(_ connection: Connection) {
        guard connection.phase != .closed, connection.phase != .connecting else { return }
        if let attachment = connection.attachment { return updateAttached(connection, attachment) }
        var wanted: Interest = []
        // A pause is the handler's, and has to wait for what is the proxy's.
        if !connection.isReadingPaused || connection.phase == .negotiating { wanted.insert(.read) }
        if let output = connection.output, !output.isEmpty, !connection.isDirty { wanted.insert(.write) }
        do throws(SystemError) {
            if connection.isDetached {
                if connection.isReadingPaused { return }
                try poller.add(connection.descriptor, wanted, token: connection.id.token)
                connection.isDetached = false
                connection.interest = wanted
            } else if wanted != connection.interest {
                try poller.modify(connection.descriptor, wanted, token: connection.id.token)
                connection.interest = wanted
            }
        } catch {
            close(connection, cause: .failed(error))
        }
    }

    /// Takes a broken connection out of epoll until reading resumes and finds the tail of the stream, or the error.
    func detach(_ connection: Connection) {
        guard !connection.isDetached else { return }
        do throws(SystemError) {
            try poller.remove(connection.descriptor)
            connection.isDetached = true
            connection.interest = []
        } catch {
            close(connection, cause: .failed(error))
        }
    }
}

extension EventLoop {
    func allocateSlot() -> ConnectionID {
        if firstFreeSlot == Self.noSlot {
            slots.append(Slot(generation: 1, registration: .free(next: Self.noSlot)))
            return ConnectionID(slot: UInt32(slots.count - 1), generation: 1)
        }
        let index = firstFreeSlot
        if case .free(let next) = slots[Int(index)].registration { firstFreeSlot = next }
        return ConnectionID(slot: index, generation: slots[Int(index)].generation)
    }

    func freeSlot(_ id: ConnectionID) {
        slots[Int(id.slot)] = Slot(
            // Generation 0xffff_ffff with slot 0xffff_ffff would be the wake-up token; the mask keeps them apart. And 0
            // with slot 0 would be no token.
            generation: max(1, (id.generation &+ 1) & 0x7fff_ffff), registration: .free(next: firstFreeSlot))
        firstFreeSlot = id.slot
    }
}
