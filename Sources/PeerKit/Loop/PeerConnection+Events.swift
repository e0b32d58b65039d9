package import PeerLoop
internal import PeerSession
internal import PeerWire
internal import Synchronization

extension PeerConnection: ConnectionHandler {
    package func opened(_ connection: Connection) {
        self.connection = connection
        wasOpened = true
        let now = connection.eventLoop.now
        peer.counters.connectedAt.store(core.time(of: now), ordering: .relaxed)
        handle(.connected, at: now)
        settle(now)
    }

    package func received(_ bytes: RawSpan, on connection: Connection) {
        take(bytes, receivedByteCount: bytes.byteCount, on: connection)
    }

    package func receiveDirectly(on connection: Connection, limit: Int, _ read: (inout OutputSpan<UInt8>) -> Void) {
        let before = decoder.bufferedByteCount
        decoder.collectPayload(upTo: min(limit, decoder.missingPayloadByteCount), read)
        let count = decoder.bufferedByteCount - before
        if count == 0 { return }
        let nothing: [UInt8] = []
        take(nothing.span.bytes, receivedByteCount: count, on: connection)
    }

    package func wrote(_ byteCount: Int, on connection: Connection) {
        peer.release(byteCount)
        session.countSent(byteCount: byteCount, at: connection.eventLoop.now)
        node.sentBytes &+= UInt64(byteCount)
        peer.counters.sentBytes.store(connection.sentByteCount, ordering: .relaxed)
        peer.counters.sentMessages.store(sentMessages, ordering: .relaxed)
        peer.counters.lastSent.store(core.time(of: connection.eventLoop.now), ordering: .relaxed)
        if let writeWatch { tellSent(writeWatch, upTo: connection.sentByteCount) }
        // What waits for the queue to shrink may be due now, or be written at once.
        if isSendQueueWatched || !postponed.isEmpty || isOverHighMark { settle(connection.eventLoop.now) }
        tellWritableIfOwed()
    }

    package func deadlineReached(on connection: Connection) {
        let now = connection.eventLoop.now
        armedDeadline = nil
        // How much waits decides how long a ping may take.
        tellSendQueue(at: now)
        expireRequests(at: now)
        handle(.deadlineReached, at: now)
        settle(now)
    }

    package func closed(_ connection: Connection, cause: CloseCause) {
        if let backlog, closeReason == nil, cause != .loopStopped {
            // Heard behind the frames that came before it.
            backlog.end = cause
            if backlog.awaitsHost { endHandshakeInTime(on: connection.eventLoop) }
        } else {
            finishClosed(cause, at: connection.eventLoop.now)
        }
    }
}

extension PeerConnection {
    /// Payloads of which at least this much is missing are read to where they belong, without a copy in between.
    private static let leastReadDirectly = 64 << 10

    /// Takes the frames of what was received, which may lie with the decoder already.
    private func take(_ bytes: RawSpan, receivedByteCount: Int, on connection: Connection) {
        let now = connection.eventLoop.now
        // What comes after a refused frame is not read any more.
        if let backlog, backlog.isRefused { return }
        // Other threads may have filled it since.
        tellSendQueue(at: now)
        cut(bytes, at: now)
        if closeReason == nil, decoder.isMidFrame, backlog?.isRefused != true {
            node.receivingMemory.add(receivedByteCount)
            if backlog?.awaitsHost != true { handle(partlyReceived, at: now) }
        }
        connection.readsDirectly = decoder.missingPayloadByteCount >= Self.leastReadDirectly
        publishReceived(receivedByteCount, on: connection, at: now)
        settle(now)
    }

    private func cut(_ bytes: RawSpan, at now: ContinuousClock.Instant) {
        let bufferedByteCount = decoder.bufferedByteCount
        var offset = 0
        var frameStart = 0
        var limits = core.limits
        limits.blockLikePayloadCap = session.blockLikePayloadCapInPlace()
        do throws(FrameError) {
            while closeReason == nil,
                let frame = try decoder.nextFrame(
                    in: bytes, at: &offset, limits: limits,
                    phase: session.isEstablished ? .established : .handshake,
                    verifyChecksumUpTo: Self.largestPayloadOnLoop, registry: core.registry)
            {
                frameStart = offset
                accept(frame, in: bytes, at: now)
                // The frame may have been the one that was waited for. Asked only while one is, as asking costs.
                if limits.blockLikePayloadCap > core.session.unrequestedBlockByteCap {
                    limits.blockLikePayloadCap = session.blockLikePayloadCap
                }
            }
        } catch {
            let byteCount = offset - frameStart + (frameStart == 0 ? bufferedByteCount : 0)
            refuse(error, byteCount: byteCount, at: now)
        }
    }

    /// After each event: bytes are counted and the one timer follows the session's one deadline. A deadline that moved
    /// later is left to be found when the timer fires, so that a message costs no work on timers.
    func settle(_ now: ContinuousClock.Instant) {
        tellSendQueue(at: now)
        // After that, which may have had replies written.
        if unpublishedBytes > 0 {
            peer.countFromLoop(unpublishedBytes)
            unpublishedBytes = 0
        }
        // One that is not open yet has a timer of another purpose, which ends with the opening.
        guard let connection, closeReason == nil, wasOpened else { return }
        var next = session.nextDeadlineInPlace()
        if let deadline = requests?.nextDeadline { next = min(next, deadline) }
        if let armedDeadline, armedDeadline <= next { return }
        armedDeadline = next
        connection.setDeadline(next.coarse(from: now, since: core.startedAt))
    }

    /// After something was queued: a peer that takes nothing is watched although nothing is written to it.
    func noteQueued(_ now: ContinuousClock.Instant) {
        if !isSendQueueWatched, isOverHighMark { settle(now) }
    }

    private var isOverHighMark: Bool { (connection?.pendingByteCount ?? 0) > core.session.sendQueueHighMark }

    /// The session hears of the send queue from when more waits than its high mark until little does.
    func tellSendQueue(at now: ContinuousClock.Instant) {
        guard let connection, closeReason == nil, isSendQueueWatched || isOverHighMark else { return }
        let pending = connection.pendingByteCount
        isSendQueueWatched = pending > core.session.sendQueueHighMark / 2
        handle(.sendQueue(pendingByteCount: pending, sentByteCount: connection.sentByteCount), at: now)
    }

    private func publishReceived(_ byteCount: Int, on connection: Connection, at now: ContinuousClock.Instant) {
        node.receivedBytes &+= UInt64(byteCount)
        session.countReceived(byteCount: byteCount, at: now)
        peer.counters.receivedBytes.store(connection.receivedByteCount, ordering: .relaxed)
        peer.counters.receivedMessages.store(receivedMessages, ordering: .relaxed)
        peer.counters.lastReceived.store(core.time(of: now), ordering: .relaxed)
    }

    /// After bytes were counted as no longer waiting.
    func tellWritableIfOwed() {
        if closeReason == nil, peer.owesWritable.load(ordering: .sequentiallyConsistent) { tellWritable() }
    }

    private func tellWritable() {
        let mark = core.configuration.sendQueueHighMark / 2
        guard peer.pendingByteCount <= mark, peer.owesWritable.exchange(false, ordering: .acquiringAndReleasing) else {
            return
        }
        if peer.hears(.writable) { deliver(.writable) }
    }

    /// The host is asked still, and the connection that kept the time is gone.
    private func endHandshakeInTime(on loop: EventLoop) {
        loop.schedule(after: loop.now.duration(to: session.nextDeadline)) { [weak self] loop in
            if let self, backlog?.awaitsHost == true { handle(.deadlineReached, at: loop.now) }
        }
    }

    func finishClosed(_ cause: CloseCause, at now: ContinuousClock.Instant) {
        handle(.transportClosed(TransportEnd(cause)), at: now)
        end()
    }

    /// What the session is told of a frame that is not whole.
    var partlyReceived: SessionEvent {
        .framePartlyReceived(
            command: decoder.partialCommand, payloadByteCount: decoder.partialPayloadByteCount)
    }

    /// The last act, once: everybody who waits for this peer hears that it is gone.
    func end() {
        let reason = closeReason ?? .requested
        let previous = peer.state.exchange(PeerState.gone.rawValue, ordering: .acquiringAndReleasing)
        node.forget(self, wasEstablished: previous == PeerState.established.rawValue)
        connection = nil
        logEnded(reason, wasEstablished: previous == PeerState.established.rawValue)
        tellUnsent()
        endRequests(reason)
        for message in held { message.completion?(.failure(.disconnected)) }
        held = []
        if let tell = onOutcome {
            onOutcome = nil
            tell(.failure(reason))
        }
        if noteEnd(reason) { deliver(.disconnected(reason)) }
        node.noteLane(of: self)
        observer?.ended(self, reason: reason)
        observer = nil
    }
}

extension ContinuousClock.Instant {
    /// How far deadlines that are not near are apart at least, so that those of many peers come in one tick of the
    /// loop: an idle node would otherwise wake for each.
    private static let grain = Duration.milliseconds(125)

    /// This deadline, or the next of those that peers share when it is more than a second away.
    fileprivate func coarse(from now: Self, since origin: Self) -> Self {
        if now.duration(to: self) < .seconds(1) { return self }
        let past = origin.duration(to: self).wholeNanoseconds % Self.grain.wholeNanoseconds
        return past == 0 ? self : advanced(by: Self.grain - .nanoseconds(past))
    }
}

extension Duration {
    /// Nanoseconds, for durations of up to 292 years.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }
}

extension PeerSession {
    // A computed property read off a field of an object has the whole session copied first, with a count of every
    // reference in it; a function that may change the session has not.

    fileprivate mutating func nextDeadlineInPlace() -> ContinuousClock.Instant { nextDeadline }

    fileprivate mutating func blockLikePayloadCapInPlace() -> Int { blockLikePayloadCap }
}

extension TransportEnd {
    init(_ cause: CloseCause) {
        self =
            switch cause {
            case .endOfStream: .endOfStream
            case .failed(let error): error.isReset ? .reset : .failed(errno: error.code)
            case .connectFailed(let error): .connectFailed(errno: error.code)
            case .connectTimedOut: .connectTimedOut
            case .proxyFailed(let failure): .connectFailed(errno: failure.nearestSystemError.code)
            // The session closed before the connection did, unless the loop took it away. What may wait is limited by
            // the session, never by the loop.
            case .closedLocally, .loopStopped, .writeCapExceeded, .sendTooSlow: .shutDown
            }
    }
}
