import DequeModule
import PeerSession
import PeerWire

// MARK: - Beginning and end

extension SimPeer {
    func connected() {
        books.deadlines = DeadlineModel(node.settings.session, connectedAt: simulation.now)
        simulation.trace { "\(self): connected" }
        give(.connected, nil)
        finishTurn()
    }

    func connectFailed(timedOut: Bool) {
        // Nobody listens there, as Linux numbers it.
        give(.transportClosed(timedOut ? .connectTimedOut : .connectFailed(errno: 111)), nil)
        finishTurn()
    }

    func take(_ event: ScheduledEvent) {
        switch event.kind {
        case .read: readTurn()
        case .timer: timerFired(event)
        case .audit: auditFired(event)
        case .work: workIsDone()
        case .answer: answer()
        case .drainEnds:
            if ending == .flushing || ending == .draining { closeSocket(abruptly: ending == .flushing) }
        case .arrival, .connectEnds, .call, .move: break
        }
    }

    func close(_ reason: DisconnectReason, flushFirst: Bool) {
        guard ending == .none else {
            simulation.fail(.endsOnce, "\(self) was closed a second time: \(reason)")
            return
        }
        if !books.deadlines.allows(reason, at: simulation.now) {
            simulation.fail(.noDeadlineEarly, "\(self) closed too early: \(reason)")
        }
        simulation.trace { "\(self): \(reason)" }
        disconnectReason = reason
        simulation.count(reason)
        if !node.settings.session.allowSelfConnections || reason != .selfConnection { judgeEnd(reason) }
        question = nil
        rest = []
        restOffset = 0
        while let message = held.popFirst() { settle(message.message, .peerGone) }
        checkDeliveries()
        postponed.removeAll()
        if flushFirst, connection.isUp, simulation.sabotage != .goodbyeCut {
            ending = .flushing
            let end = simulation.now + node.settings.host.goodbyeTimeout
            simulation.events.schedule(.drainEnds, of: id, at: end)
        } else {
            closeSocket(abruptly: false)
        }
    }

    /// Between honest nodes with a faultless way between them, nobody is at fault.
    private func judgeEnd(_ reason: DisconnectReason) {
        guard simulation.expectsPeace, connection.logs[1 - end].isKept, reason.endedBy == .node else { return }
        if reason == .selfConnection || reason == .shutDown { return }
        simulation.fail(.honestPeersStay, "\(self): \(reason)")
    }

    private func checkDeliveries() {
        let waiting = lane.count { if case .deliver = $0 { true } else { false } }
        let seen = books.hasDelivered + waiting + postponed.count
        if seen < books.mustDeliver {
            simulation.fail(
                .deliveredInOrder, "\(self) let \(books.mustDeliver) messages through, and \(seen) were delivered")
        }
    }

    /// Reads and throws away what still comes, so that closing does not turn the goodbye into a reset.
    func drain() {
        let inbound = 1 - end
        while connection.pipes[inbound].unreadByteCount > 0 {
            var input: [UInt8] = []
            swap(&input, &simulation.scratch)
            input.removeAll(keepingCapacity: true)
            let count = simulation.read(upTo: 1 << 16, from: connection, end: end, into: &input)
            session.countReceived(byteCount: count, at: simulation.now.instant)
            swap(&input, &simulation.scratch)
        }
        let pipe = connection.pipes[inbound]
        if pipe.isResetArrived || (pipe.isEndArrived && ending == .draining) { closeSocket(abruptly: false) }
    }

    func closeSocket(abruptly: Bool) {
        guard ending != .closed, ending != .over else { return }
        ending = .closed
        while let frame = queue.popFirst() { settle(frame.message, .peerGone) }
        pendingByteCount = 0
        ownPendingByteCount = 0
        checkCounts()
        simulation.close(connection, end: end, abruptly: abruptly)
        if simulation.isSabotaged(.endLost) { return }
        lane.append(.disconnected(disconnectReason ?? .requested))
        work()
    }

    /// What the session has counted must be what the transport carried and what the books say.
    private func checkCounts() {
        let statistics = session.statistics(at: simulation.now.instant)
        node.sentMessages += books.sentMessages
        node.receivedMessages += books.receivedMessages
        let counts: [(String, UInt64, UInt64)] = [
            ("bytes sent", statistics.sentByteCount, connection.pipes[end].writtenByteCount),
            ("bytes received", statistics.receivedByteCount, connection.pipes[1 - end].readByteCount),
            ("messages sent", statistics.sentMessageCount, UInt64(books.sentMessages)),
            ("messages received", statistics.receivedMessageCount, UInt64(books.receivedMessages)),
        ]
        for (name, counted, carried) in counts where counted != carried {
            simulation.fail(.countsAgree, "\(self) counts \(counted) \(name), the transport \(carried)")
        }
    }

    /// The application learns of it, and the peer is no more.
    func over(_ reason: DisconnectReason) {
        if ending == .over { simulation.fail(.endsOnce, "the application was told of the end of \(self) twice") }
        ending = .over
        node.listeners.onDisconnect?(self, reason)
        if !lane.isEmpty || pendingByteCount != 0 || !held.isEmpty || !postponed.isEmpty {
            simulation.fail(.nothingLeft, "\(self) ended with something left")
        }
        if simulation.isSabotaged(.hostLeaked) { return }
        if let index = node.peers.firstIndex(where: { $0 === self }) { node.peers.remove(at: index) }
        simulation.livePeerCount -= 1
        simulation.endpoints[Int(id)] = nil
    }
}
