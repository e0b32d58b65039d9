extension EventLoop {
    /// Runs until stopped. The wait is the only place that blocks.
    func run() {
        while !isStopping { tick() }
        stop()
    }

    func tick() {
        let waits = !hasWorkLeft && handle.core.waker.mayWait()
        let count = waitForEvents(timeoutMilliseconds: waits ? timeoutMilliseconds() : 0)
        if handle.core.waker.take() { mustDrainMailboxes = true }
        nowNanoseconds = clock.nanoseconds()
        tickCount &+= 1
        for index in 0..<count { dispatch(poller[index]) }
        fireTimers()
        if mustDrainMailboxes {
            mustDrainMailboxes = false
            for drain in drains { drain(self) }
        }
        if !transportList.isEmpty { serveTransports() }
        endTick()
    }

    /// Work that a phase left for the next tick, which then must not wait.
    private var hasWorkLeft: Bool {
        !dirtyList.isEmpty || !closeList.isEmpty || mustDrainMailboxes || !transportList.isEmpty
    }

    private func endTick() {
        flush()
        processCloses()
        // Last, so that what a close or a completed write brought about is handed over too.
        for action in tickEndActions { action(self) }
        stopWhenEmpty()
    }

    /// Kept out of line under one name so that a profile can leave the waiting out.
    @inline(never)
    private func waitForEvents(timeoutMilliseconds: Int32) -> Int {
        do {
            return try poller.wait(timeoutMilliseconds: timeoutMilliseconds)
        } catch {
            preconditionFailure("epoll_wait refused its own descriptor: \(error)")
        }
    }

    private func dispatch(_ readiness: Readiness) {
        if readiness.token == Self.wakeToken {
            handle.core.waker.clear()
            return
        }
        let index = Int(truncatingIfNeeded: readiness.token & 0xffff_ffff)
        let slot = slots[index]
        // A descriptor number may have been closed and used again since the kernel wrote this report.
        guard slot.generation == UInt32(truncatingIfNeeded: readiness.token >> 32) else { return }
        switch slot.registration {
        case .connection(let connection): ready(connection, readiness)
        case .listener(let listener): acceptWaiting(on: listener)
        case .free: break
        }
    }

    private func ready(_ connection: Connection, _ readiness: Readiness) {
        switch connection.phase {
        case .connecting:
            finishConnecting(connection)
        case .open, .finishing, .drainingInput:
            if readiness.isWritable, !connection.isDirty {
                connection.isDirty = true
                dirtyList.append(connection)
            }
            if connection.hasInputEnded {
                if readiness.isBroken { close(connection, cause: .endOfStream) }
            } else if connection.isReadingPaused {
                if readiness.isBroken { detach(connection) }
            } else if readiness.isReadable || readiness.isBroken {
                read(connection)
            }
        case .closed:
            break
        }
    }

    private func read(_ connection: Connection) {
        if connection.readsDirectly, connection.phase == .open, let handler = connection.handler {
            readDirectly(connection, handler)
            return
        }
        switch readBuffer.fill(from: connection.descriptor, limit: configuration.readByteCountPerTick) {
        case .moved(0):
            endInput(connection)
        case .moved(let count):
            take(count, from: connection)
        case .wouldBlock:
            break
        case .failed(let error):
            close(connection, cause: .failed(error))
        }
    }

    private func readDirectly(_ connection: Connection, _ handler: any ConnectionHandler) {
        var outcome = TransferOutcome.wouldBlock
        handler.receiveDirectly(on: connection, limit: configuration.directReadByteCountPerTick) { span in
            outcome = ReadBuffer.fill(&span, from: connection.descriptor)
            if case .moved(let count) = outcome { connection.receivedByteCount &+= UInt64(count) }
        }
        switch outcome {
        case .moved(0): endInput(connection)
        case .moved, .wouldBlock: break
        case .failed(let error): close(connection, cause: .failed(error))
        }
    }

    /// The first `count` bytes of the read buffer arrived.
    func take(_ count: Int, from connection: Connection) {
        connection.receivedByteCount &+= UInt64(count)
        if connection.phase != .open {
            connection.droppedByteCount &+= UInt64(count)
            if connection.droppedByteCount > configuration.finishingInputByteLimit {
                close(connection, cause: .closedLocally)
            }
        }
        if connection.phase == .open, let handler = connection.handler {
            readBuffer.withBytes(count) { handler.received($0, on: connection) }
        }
    }

    /// Whoever has ended its own stream may still read: what waits for it when this side finishes is written first.
    func endInput(_ connection: Connection) {
        guard connection.phase == .finishing else {
            close(connection, cause: .endOfStream)
            return
        }
        connection.hasInputEnded = true
        connection.isReadingPaused = true
        updateInterest(connection)
    }

    private func flush() {
        if dirtyList.isEmpty { return }
        swap(&dirtyList, &flushingList)
        for connection in flushingList {
            connection.isDirty = false
            if connection.phase != .closed { flush(connection) }
        }
        flushingList.removeAll(keepingCapacity: true)
        tellNotices()
    }

    private func flush(_ connection: Connection) {
        guard let queue = connection.output else {
            updateInterest(connection)
            return
        }
        var written = 0
        var isBlocked = false
        while !queue.isEmpty, !isBlocked, written < configuration.writeByteCountPerTick {
            let limit = configuration.writeByteCountPerTick - written
            let outcome =
                connection.attachment?.write(from: queue, limit: limit)
                ?? queue.write(to: connection.descriptor, limit: limit)
            switch outcome {
            case .moved(let count):
                written += count
            case .wouldBlock:
                isBlocked = true
            case .failed(let error):
                close(connection, cause: .failed(error))
                return
            }
        }
        connection.sentByteCount &+= UInt64(written)
        for notice in queue.takeDueNotices() { notices.append((notice, .sent)) }
        if queue.isEmpty { giveBackOutput(of: connection) }
        updateInterest(connection)
        if written > 0, connection.phase != .closed { connection.handler?.wrote(written, on: connection) }
        if connection.phase == .finishing, connection.output == nil { endWriting(connection) }
    }

    /// Completions run outside any change of state, so that they may do what they like.
    func tellNotices() {
        while !notices.isEmpty {
            let due = notices
            notices = []
            for (notice, outcome) in due { notice.tell(outcome) }
        }
    }
}
