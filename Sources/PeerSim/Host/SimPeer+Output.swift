import DequeModule
import PeerSession
import PeerWire

// MARK: - Writing

extension SimPeer {
    /// Puts a frame into the send queue.
    func enqueue(_ frame: [UInt8], kind: MessageKind?, message: Int32) {
        guard ending == .none else {
            settle(message, .peerGone)
            return
        }
        let mark = FrameMark(of: frame)
        connection.logs[end].wrote(mark)
        simulation.sentMessageCount += 1
        books.sentMessages += 1
        session.countSent(kind, frameByteCount: frame.count)
        queue.append(OutgoingFrame(bytes: frame, message: message))
        if simulation.isSabotaged(.frameRepeated) {
            queue.append(OutgoingFrame(bytes: frame, message: -1))
            pendingByteCount += frame.count
            ownPendingByteCount += frame.count
        }
        pendingByteCount += frame.count
        if message < 0 { ownPendingByteCount += frame.count }
        isQueueChanged = true
        simulation.trace { "\(self): sends \(mark.command) of \(mark.length) bytes" }
    }

    private func flush() {
        guard connection.isUp, !connection.isGone[end] else { return }
        while let frame = queue.first {
            let taken = simulation.write(frame.bytes, from: frame.offset, to: connection, end: end)
            if taken == 0 { return }
            pendingByteCount -= taken
            if frame.message < 0 { ownPendingByteCount -= taken }
            sentByteCount += UInt64(taken)
            isQueueChanged = true
            let counted = simulation.isSabotaged(.byteMiscounted) ? taken - 1 : taken
            session.countSent(byteCount: counted, at: simulation.now.instant)
            if frame.offset + taken < frame.bytes.count {
                queue[0].offset += taken
                return
            }
            queue.removeFirst()
            settle(frame.message, .sent)
        }
        if ending == .flushing {
            ending = .draining
            simulation.shut(connection, end: end)
            drain()
        }
    }

    func writable() {
        if !queue.isEmpty, ending == .none || ending == .flushing { finishTurn() }
    }

    /// What follows each event: flush, tell the session of it, read on, arm the timer, look at the caps.
    func finishTurn() {
        repeat {
            flush()
            if isQueueChanged, ending == .none {
                isQueueChanged = false
                books.deadlines.queue(pending: pendingByteCount, sent: sentByteCount, at: simulation.now)
                give(.sendQueue(pendingByteCount: pendingByteCount, sentByteCount: sentByteCount), nil)
            }
            pauseWhenFull()
            resumeInput()
        } while isQueueChanged && ending == .none
        if ending == .flushing { flush() }
        arm()
        checkCaps()
    }

    private func checkCaps() {
        let settings = node.settings
        let waiting = pendingByteCount - ownPendingByteCount
        // One message of any size is taken by a queue without another.
        if waiting > settings.host.sendQueueByteCap, queue.count(where: { $0.message >= 0 }) > 1 {
            simulation.fail(.buffersWithinCaps, "\(self) has \(waiting) bytes waiting to be sent")
        }
        if decoder.reservedByteCount > 128 * max(decoder.bufferedByteCount, 64 << 10) {
            simulation.fail(
                .buffersWithinCaps,
                "\(self) reserves \(decoder.reservedByteCount) bytes for \(decoder.bufferedByteCount) received")
        }
        if postponed.count > 1 + settings.session.postponedByteCap / Frame.headerByteCount {
            simulation.fail(.buffersWithinCaps, "\(self) keeps \(postponed.count) requests")
        }
        // Room for what is no message of the peer's: the handshake, the end.
        if lane.count - releasedInLane > settings.host.laneMessageCap + 4, node.listeners.onOutcome == nil {
            simulation.fail(.buffersWithinCaps, "\(self) has \(lane.count) messages in its lane")
        }
    }
}

// MARK: - Timers

extension SimPeer {
    func arm() {
        guard ending == .none, session.state != .connecting else { return }
        if simulation.sabotage != .deadlinesIgnored || !session.isEstablished {
            let deadline = max(VirtualTime(session.nextDeadline), simulation.now)
            if timerAt.map({ deadline < $0 }) ?? true {
                timerAt = deadline
                simulation.events.schedule(.timer, of: id, at: deadline)
            }
        }
        if let latest = books.deadlines.latestEnd {
            let audit = latest.afterAMillisecond
            if auditAt.map({ audit < $0 }) ?? true {
                auditAt = audit
                simulation.events.schedule(.audit, of: id, at: max(audit, simulation.now))
            }
        }
    }

    func timerFired(_ event: ScheduledEvent) {
        guard event.time == timerAt, ending == .none else { return }
        timerAt = nil
        if simulation.now.instant >= session.nextDeadline {
            repeatedTimers = event.time == lastTimer ? repeatedTimers + 1 : 0
            lastTimer = event.time
            if repeatedTimers > 100_000 { simulation.fail(.progress, "\(self) has a deadline that never passes") }
            if session.isEstablished, simulation.isSabotaged(.closedEarly) { close(.idle, flushFirst: false) }
            give(.deadlineReached, nil)
        }
        finishTurn()
    }

    func auditFired(_ event: ScheduledEvent) {
        guard event.time == auditAt, ending == .none else { return }
        auditAt = nil
        if let latest = books.deadlines.latestEnd, latest.afterAMillisecond <= simulation.now {
            simulation.fail(
                .silenceEndsInTime, "\(self) should have been closed at \(latest.elapsed.secondsText) s at the latest")
            return
        }
        arm()
    }
}
