import DequeModule
import PeerSession
import PeerWire

// MARK: - The lane: listeners and heavy work, one thing at a time

extension SimPeer {
    func pauseWhenFull() {
        guard !isReadingPaused, ending == .none else { return }
        let host = node.settings.host
        guard lane.count >= host.laneMessageCap || laneByteCount >= host.laneByteCap else { return }
        isReadingPaused = true
        books.deadlines.paused(true, at: simulation.now)
        simulation.trace { "\(self): reading pauses" }
        give(.readingPaused, nil)
    }

    private func resumeWhenHalfEmpty() {
        guard isReadingPaused, ending == .none else { return }
        let host = node.settings.host
        guard lane.count <= host.laneMessageCap / 2, laneByteCount <= host.laneByteCap / 2 else { return }
        isReadingPaused = false
        books.deadlines.paused(false, at: simulation.now)
        simulation.trace { "\(self): reading goes on" }
        give(.readingResumed, nil)
    }

    /// Sets the worker to the first item, unless it is busy.
    func work() {
        guard !isWorking, let first = lane.first else { return }
        isWorking = true
        let pace = node.settings.pace
        var duration = Duration.zero
        switch first {
        case .deliver:
            if pace.slowCallsPerMille > 0, node.random.chance(perMille: pace.slowCallsPerMille) {
                duration = node.random.duration(upTo: pace.slowestCall)
            }
        case .decode: duration = node.random.duration(upTo: pace.slowestDecoding)
        case .refused, .outcome, .handshake, .disconnected: break
        }
        simulation.events.schedule(.work, of: id, at: simulation.now + duration)
    }

    func workIsDone() {
        isWorking = false
        guard let item = lane.popFirst() else { return }
        switch item {
        case .deliver(let message, let delivery):
            laneByteCount -= delivery.byteCount
            if delivery.wasPostponed { releasedInLane -= 1 }
            deliver(message, delivery)
        case .decode(let frame, let number): leaveLane(frame, number)
        case .refused(let command, let refusal, let number): refuseNow(command, refusal, number)
        case .outcome(let message, let outcome): node.listeners.onOutcome?(self, message, outcome)
        case .handshake: node.listeners.onHandshake?(self)
        case .disconnected(let reason):
            over(reason)
            if simulation.isSabotaged(.endTwice) { over(reason) }
            return
        }
        resumeWhenHalfEmpty()
        work()
        finishTurn()
    }

    private func leaveLane(_ frame: Frame, _ number: Int64) {
        laneByteCount -= Frame.headerByteCount + frame.length
        framesInLane -= 1
        guard ending == .none else { return }
        books.deadlines.lane(-1, at: simulation.now)
        give(.leftLane, nil)
        do throws(FrameError) {
            try frame.verifyCollected()
        } catch {
            refuseNow(frame.command, FrameRefusal(error), number)
            return
        }
        decode(frame, [], number, isFromLane: true)
    }

    private func deliver(_ message: Message, _ delivery: LaneItem.Delivery) {
        checkDelivery(message, delivery)
        if let count = delivery.withinRate { node.listeners.onAddresses?(self, message, count) }
        node.listeners.onMessage?(self, message)
        simulation.deliveredMessageCount += 1
        if simulation.isSabotaged(.deliveredTwice) { checkDelivery(message, delivery) }
    }

    private func checkDelivery(_ message: Message, _ delivery: LaneItem.Delivery) {
        let last = delivery.wasPostponed ? books.lastPostponed : books.lastDelivered
        if delivery.number <= last {
            simulation.fail(
                .deliveredInOrder, "\(self) delivered frame \(delivery.number), \(message.command), after \(last)")
        }
        if delivery.wasPostponed {
            books.lastPostponed = delivery.number
        } else {
            books.lastDelivered = delivery.number
        }
        if let refused = books.refusedNumber, delivery.number > refused {
            simulation.fail(
                .nothingAfterRefusal, "\(self) delivered frame \(delivery.number), and \(refused) was refused")
        }
        books.hasDelivered += 1
        guard delivery.byteCount < 4_096, delivery.number & 7 == 0 else { return }
        checkContent(message, delivery)
    }

    /// What the application gets must be what was sent, byte for byte: encoded again, it is the same frame.
    private func checkContent(_ message: Message, _ delivery: LaneItem.Delivery) {
        // Old versions have frames that are encoded differently, and an adversary may send what nobody would.
        guard connection.logs[1 - end].isKept, session.negotiatedVersion >= .featureNegotiation else { return }
        let again = try? message.frame(
            magic: node.settings.network.magic, protocolVersion: session.negotiatedVersion, limits: node.settings.wire)
        if let again, FrameMark(of: again) != delivery.mark {
            simulation.fail(.deliveredInOrder, "\(self) delivered \(message.command) with another content")
        }
    }
}
