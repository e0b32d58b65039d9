extension EventLoop {
    func ready(_ connection: Connection, _ readiness: Readiness) {
        // Also of one that is listed, whose turn to write comes later.
        if readiness.isWritable { connection.awaitsRoom = false }
        switch connection.phase {
        case .connecting:
            finishConnecting(connection)
        case .negotiating:
            negotiate(connection, readiness)
        case .open, .finishing, .drainingInput:
            let isListed = connection.isDirty
            // One that is listed has its turn later. Any other one is written as soon as its input is handled: its
            // answer then finds everything about the socket still in the processor's caches.
            if !isListed {
                servedToken = readiness.token
                if readiness.isWritable { connection.isDirty = true }
            }
            takeInput(of: connection, readiness)
            if !isListed {
                servedToken = Self.noToken
                if connection.isDirty { flush(connection) }
            }
        case .closed:
            break
        }
    }

    private func takeInput(of connection: Connection, _ readiness: Readiness) {
        // Whoever made an adopted socket may have asked for time stamps, say: news of that kind breaks nothing.
        let isNews =
            connection.isAdopted && readiness.isErrorAlone && Socket.takeErrors(of: connection.descriptor)
        let isBroken = readiness.isBroken && !isNews
        if connection.hasInputEnded {
            if isBroken { endBroken(connection) }
        } else if connection.isReadingPaused {
            if isBroken { keepTail(of: connection) }
        } else if readiness.isReadable || isBroken {
            read(connection)
        }
    }

    /// Broken while it is not to be read: what has arrived waits until it is. With nothing to wait for, it is over.
    func keepTail(of connection: Connection) {
        switch Socket.peek(connection.descriptor) {
        case .moved(0), .wouldBlock: close(connection, cause: .endOfStream)
        case .moved: detach(connection)
        case .failed(let error): close(connection, cause: .failed(error))
        }
    }

    /// Broken, with nothing more to read.
    private func endBroken(_ connection: Connection) {
        if connection.phase == .open, let error = Socket.pendingError(connection.descriptor, of: .read) {
            close(connection, cause: .failed(error))
        } else {
            close(connection, cause: .endOfStream)
        }
    }

    private func read(_ connection: Connection) {
        if connection.readsDirectly, connection.phase == .open, let handler = connection.handler {
            readDirectly(connection, handler)
            return
        }
        let limit = configuration.readByteCountPerTick
        switch readBuffer.fill(from: connection.descriptor, limit: limit) {
        case .moved(0):
            endInput(connection)
        case .moved(let count):
            if count == limit { tally[.readBudget] &+= 1 }
            take(count, from: connection)
            if !connection.isWritingIntact { endUnlessMoreArrived(connection) }
        case .wouldBlock:
            endIfWritingFailed(connection)
        case .failed(let error):
            close(connection, cause: .failed(error))
        }
    }

    private func readDirectly(_ connection: Connection, _ handler: any ConnectionHandler) {
        var outcome: TransferOutcome?
        let limit = configuration.directReadByteCountPerTick
        var left = limit
        handler.receiveDirectly(on: connection, limit: limit) { span in
            precondition(span.freeCapacity > 0, "a handler that reads directly must have room")
            let result = ReadBuffer.fill(&span, from: connection.descriptor, limit: left)
            outcome = result
            if case .moved(let count) = result {
                left -= count
                connection.receivedByteCount &+= UInt64(count)
                tally[.receivedBytes] &+= UInt64(count)
                if left == 0 { tally[.readBudget] &+= 1 }
            }
        }
        guard let outcome else {
            // It would be called again and again.
            let isStopped = connection.isReadingPaused || connection.phase != .open || !connection.readsDirectly
            precondition(isStopped, "a handler that reads directly must read, or stop reading")
            return
        }
        switch outcome {
        case .moved(0): endInput(connection)
        case .moved: if !connection.isWritingIntact { endUnlessMoreArrived(connection) }
        case .wouldBlock: endIfWritingFailed(connection)
        case .failed(let error): close(connection, cause: .failed(error))
        }
    }

    /// The first `count` bytes of the read buffer arrived.
    func take(_ count: Int, from connection: Connection) {
        connection.receivedByteCount &+= UInt64(count)
        tally[.receivedBytes] &+= UInt64(count)
        if connection.phase == .open {
            if let handler = connection.handler {
                readBuffer.withBytes(count) { handler.received($0, on: connection) }
            }
        } else {
            connection.droppedByteCount &+= UInt64(count)
            if connection.droppedByteCount > configuration.finishingInputByteLimit {
                close(connection, cause: .closedLocally)
            }
        }
    }

    /// Everything the other side sent has been read.
    func endInput(_ connection: Connection) {
        let awaitsOutput: Bool
        switch connection.phase {
        // Whoever has ended its own stream may still read: what waits for it when this side finishes is written first.
        case .finishing: awaitsOutput = true
        case .open: awaitsOutput = connection.allowsHalfClose && connection.canStillWrite
        case .connecting, .negotiating, .drainingInput, .closed: awaitsOutput = false
        }
        guard awaitsOutput else {
            close(connection, cause: .endOfStream)
            return
        }
        connection.hasInputEnded = true
        connection.isReadingPaused = true
        updateInterest(connection)
        if connection.phase == .open { connection.handler?.inputEnded(on: connection) }
    }

    /// After a failed write: what has arrived goes on to be read, and with nothing there it is over. The kernel may not
    /// report that: whoever only reads no more, as it can over a Unix socket, has not hung up.
    func endUnlessMoreArrived(_ connection: Connection) {
        guard connection.phase == .open, connection.attachment == nil, !connection.isReadingPaused else { return }
        if case .moved(1...) = Socket.peek(connection.descriptor) {
            updateInterest(connection)
        } else {
            endIfWritingFailed(connection)
        }
    }

    /// After a failed write what had arrived before is read; then the connection is over.
    func endIfWritingFailed(_ connection: Connection) {
        if connection.phase == .open, !connection.isWritingIntact { close(connection, cause: .endOfStream) }
    }
}
