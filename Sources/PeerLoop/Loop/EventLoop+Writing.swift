extension EventLoop {
    /// Writes what was queued in this tick, or left by the last, as far as the budget goes.
    func flushDirty() {
        if dirtyList.isEmpty { return }
        let budget = max(1, configuration.flushesPerTick)
        swap(&dirtyList, &flushingList)
        for connection in flushingList.prefix(budget) {
            flush(connection)
            ran { "writing for \(connection.watchDescription)" }
        }
        if flushingList.count > budget {
            tally[.flushBudget] &+= 1
            dirtyList.insert(contentsOf: flushingList[budget...], at: 0)
        }
        flushingList.removeAll(keepingCapacity: true)
    }

    /// Writes what waits, as far as the budget of the tick goes.
    func flush(_ connection: Connection) {
        connection.isDirty = false
        // What was sent at once counts for the budget, and is told with the rest.
        let sentAtOnce = sentAtOnceCount
        sentAtOnceCount = 0
        if connection.phase == .closed { return }
        guard let queue = connection.output else {
            connection.noteFlushed(sentAtOnce, inTick: tickCount)
            updateInterest(connection)
            settle(nil, of: connection, written: sentAtOnce)
            return
        }
        let budget = configuration.writeByteCountPerTick - sentAtOnce - connection.flushed(inTick: tickCount)
        var written = 0
        var isBlocked = awaitsRoom(connection)
        var callsLeft = connection.attachment == nil ? Int.max : Self.transportCallsPerTick
        while !queue.isEmpty, !isBlocked, written < budget, callsLeft > 0 {
            callsLeft -= 1
            switch write(queue, of: connection, limit: budget - written) {
            case .moved(let count): written += count
            case .wouldBlock:
                isBlocked = true
                connection.awaitsRoom = true
            case .failed(let error):
                noteWritten(written, connection, queue)
                writingFailed(connection, error)
                return
            }
        }
        noteWritten(written, connection, queue)
        connection.noteFlushed(sentAtOnce + written, inTick: tickCount)
        if queue.isEmpty { connection.output = nil } else if written >= budget, !isBlocked { tally[.writeBudget] &+= 1 }
        updateInterest(connection)
        settle(queue, of: connection, written: sentAtOnce + written)
        if connection.output !== queue { giveBack(queue) }
        if !notices.isEmpty { tellNotices() }
    }

    /// Whether the kernel, or the transport, is still to say that there is room: it is not asked again before that.
    private func awaitsRoom(_ connection: Connection) -> Bool {
        if let attachment = connection.attachment { return attachment.isWriteBlocked }
        return connection.awaitsRoom && connection.interest.contains(.write)
    }

    private func write(_ queue: OutputQueue, of connection: Connection, limit: Int) -> TransferOutcome {
        if let attachment = connection.attachment { return attachment.write(from: queue, limit: limit) }
        return queue.write(to: connection.descriptor, limit: limit)
    }

    private func noteWritten(_ count: Int, _ connection: Connection, _ queue: OutputQueue) {
        if count == 0 { return }
        connection.sentByteCount &+= UInt64(count)
        outputByteCount -= count
        tally[.sentBytes] &+= UInt64(count)
        if queue.hasNotices {
            for notice in queue.takeDueNotices() { notices.append((notice, .sent)) }
        }
    }

    /// Sends as much of `bytes` as the kernel takes now and the tick's budget allows. What went wrong is found out by
    /// the write of the rest.
    func sendAtOnce(_ bytes: RawSpan, of connection: Connection) -> Int {
        if connection.attachment != nil { return 0 }
        let budget = max(0, configuration.writeByteCountPerTick - sentAtOnceCount)
        guard budget > 0, case .moved(let count) = Socket.send(bytes, to: connection.descriptor, limit: budget) else {
            return 0
        }
        connection.sentByteCount &+= UInt64(count)
        tally[.sentBytes] &+= UInt64(count)
        sentAtOnceCount += count
        return count
    }

    /// What follows from a write, once nothing of it is under way any more.
    private func settle(_ queue: OutputQueue?, of connection: Connection, written: Int) {
        let edge = queue?.markEdge()
        if edge == .overHighMark, let queue { watchProgress(of: connection, queue) }
        if connection.phase == .closed { return }
        if written > 0 { connection.handler?.wrote(written, on: connection) }
        if edge != nil, connection.phase == .open { connection.handler?.writabilityChanged(on: connection) }
        if connection.output == nil, connection.phase == .finishing || connection.endsWriting { endWriting(connection) }
    }

    /// The other side is gone, or will not have more. What it sent before is still delivered; what waits is lost.
    private func writingFailed(_ connection: Connection, _ error: SystemError) {
        guard connection.phase == .open, !connection.hasInputEnded else {
            close(connection, cause: .failed(error))
            return
        }
        // The first failure tells why, those that follow only that.
        if connection.closeCause == nil { connection.closeCause = .failed(error) }
        let wasOverMark = connection.output?.isOverMark ?? false
        abandonOutput(of: connection)
        // Whoever reads no more until less waits would otherwise never read again.
        if wasOverMark { connection.handler?.writabilityChanged(on: connection) }
        tellNotices()
        if connection.phase == .closed { return }
        if let attachment = connection.attachment {
            // What came between its last answer and this failure may still be unknown.
            attachment.mayRead = true
            updateAttached(connection, attachment)
            return
        }
        // Paused, it must not be reported again and again until it is read.
        if connection.isReadingPaused { keepTail(of: connection) } else { endUnlessMoreArrived(connection) }
    }

    /// Everything is written: ends this side of the stream and, unless it goes on receiving, waits for the other.
    func endWriting(_ connection: Connection) {
        if connection.hasInputEnded {
            close(connection, cause: .endOfStream)
            return
        }
        connection.endsWriting = false
        if connection.phase == .finishing { connection.phase = .drainingInput }
        if connection.hasOutputEnded {
            updateInterest(connection)
            return
        }
        connection.hasOutputEnded = true
        if let attachment = connection.attachment {
            attachment.transport.shutDownWriting()
        } else {
            Socket.shutDownWriting(connection.descriptor)
        }
        updateInterest(connection)
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

// MARK: - Queues and their pool

extension EventLoop {
    @inline(__always)
    func takeOutputQueue(_ limits: WriteLimits) -> OutputQueue {
        let queue = pooledQueues.popLast() ?? OutputQueue()
        if pooledQueues.count < leastPooledQueues { leastPooledQueues = pooledQueues.count }
        queue.begin(limits)
        return queue
    }

    /// Takes the connection's queue away; who waits for what is in it learns that it will not be sent.
    func abandonOutput(of connection: Connection) {
        guard let queue = connection.output else { return }
        connection.output = nil
        outputByteCount -= queue.byteCount
        for notice in queue.abandon() { notices.append((notice, .connectionClosed)) }
        recycle(queue)
    }

    /// An empty queue that no connection has any more.
    private func giveBack(_ queue: OutputQueue) {
        if queue.hasNotices {
            for notice in queue.abandon() { notices.append((notice, .sent)) }
        } else {
            queue.reset()
        }
        recycle(queue)
    }

    @inline(__always)
    private func recycle(_ queue: OutputQueue) {
        if pooledQueues.count < configuration.pooledOutputQueues { pooledQueues.append(queue) }
    }
}
