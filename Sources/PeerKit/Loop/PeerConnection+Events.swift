package import PeerLoop
internal import PeerSession
internal import PeerWire
internal import Synchronization

extension PeerConnection: ConnectionHandler {
    package func opened(_ connection: Connection) {
        self.connection = connection
        wasOpened = true
        let now = connection.eventLoop.now
        handle(.connected, at: now)
        settle(now)
    }

    package func received(_ bytes: RawSpan, on connection: Connection) {
        let now = connection.eventLoop.now
        var offset = 0
        do throws(FrameError) {
            while closeReason == nil,
                let frame = try decoder.nextFrame(
                    in: bytes, at: &offset, limits: core.limits,
                    phase: session.isEstablished ? .established : .handshake)
            {
                receivedMessages &+= 1
                node.receivedMessages &+= 1
                take(frame, in: bytes, at: now)
            }
        } catch {
            handle(.refused(command: error.claimedCommand, refusal: FrameRefusal(error)), at: now)
        }
        publishReceived(bytes.byteCount, on: connection, at: now)
        settle(now)
    }

    package func wrote(_ byteCount: Int, on connection: Connection) {
        peer.release(byteCount)
        replies.wrote(sent: connection.sentByteCount, pending: connection.pendingByteCount)
        node.sentBytes &+= UInt64(byteCount)
        let counters = peer.counters
        counters.sentBytes.store(connection.sentByteCount, ordering: .relaxed)
        counters.sentMessages.store(sentMessages, ordering: .relaxed)
        counters.lastSent.store(
            counters.connectedAt.duration(to: connection.eventLoop.now).wholeNanoseconds, ordering: .relaxed)
        if closeReason == nil, peer.owesWritable.load(ordering: .sequentiallyConsistent) { tellWritable() }
    }

    package func deadlineReached(on connection: Connection) {
        let now = connection.eventLoop.now
        armedDeadline = nil
        handle(.deadlineReached, at: now)
        settle(now)
    }

    package func closed(_ connection: Connection, cause: CloseCause) {
        handle(.transportClosed(TransportEnd(cause)), at: connection.eventLoop.now)
        end()
    }
}

extension PeerConnection {
    /// After each event: bytes are counted and the one timer follows the session's one deadline. A deadline that moved
    /// later is left to be found when the timer fires, so that a message costs no work on timers.
    func settle(_ now: ContinuousClock.Instant) {
        if unpublishedBytes > 0 {
            peer.countFromLoop(unpublishedBytes)
            unpublishedBytes = 0
        }
        guard let connection, closeReason == nil else { return }
        if replies.byteCount > core.configuration.replyByteCap {
            handle(.replyLimitReached, at: now)
            return
        }
        // Time does not pass for a session whose peer is not read; it is settled again when reading goes on.
        if clock.isStopped { return }
        let next = clock.instant(of: session.nextDeadline)
        if let armedDeadline, armedDeadline <= next { return }
        armedDeadline = next
        connection.setDeadline(next)
    }

    private func publishReceived(_ byteCount: Int, on connection: Connection, at now: ContinuousClock.Instant) {
        node.receivedBytes &+= UInt64(byteCount)
        let counters = peer.counters
        counters.receivedBytes.store(connection.receivedByteCount, ordering: .relaxed)
        counters.receivedMessages.store(receivedMessages, ordering: .relaxed)
        counters.lastReceived.store(counters.connectedAt.duration(to: now).wholeNanoseconds, ordering: .relaxed)
    }

    private func tellWritable() {
        let mark = core.configuration.sendQueueHighMark / 2
        guard peer.pendingByteCount <= mark, peer.owesWritable.exchange(false, ordering: .acquiringAndReleasing) else {
            return
        }
        if core.configuration.listeners.onWritable != nil { deliver(.writable) }
    }

    /// The last act, once: everybody who waits for this peer hears that it is gone.
    func end() {
        let reason = closeReason ?? .requested
        let previous = peer.state.exchange(PeerState.gone.rawValue, ordering: .acquiringAndReleasing)
        node.forget(self, wasEstablished: previous == PeerState.established.rawValue)
        connection = nil
        for message in held { message.completion?(.failure(.disconnected)) }
        held = []
        if let tell = onOutcome {
            onOutcome = nil
            tell(.failure(reason))
        }
        if wasOpened, core.configuration.listeners.onDisconnect != nil { deliver(.disconnected(reason)) }
        observer?.ended(self, reason: reason)
        observer = nil
    }
}

extension Duration {
    /// Nanoseconds, for durations of up to 292 years.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }
}

extension FrameRefusal {
    init(_ error: FrameError) {
        self =
            switch error {
            case .wrongMagic: .wrongMagic
            case .malformedCommand: .malformedCommand
            case .payloadTooLong: .payloadTooLong
            case .checksumMismatch: .checksumMismatch
            }
    }
}

extension FrameError {
    /// The command of the refused frame, empty where none was read.
    var claimedCommand: Command {
        switch self {
        case .wrongMagic: Command(low: 0, high: 0)
        case .malformedCommand(let command, _), .payloadTooLong(let command, _, _),
            .checksumMismatch(let command, _, _):
            command
        }
    }
}

extension TransportEnd {
    init(_ cause: CloseCause) {
        self =
            switch cause {
            case .endOfStream: .endOfStream
            case .failed(let error): error.isReset ? .reset : .failed(errno: error.code)
            case .connectFailed(let error): .connectFailed(errno: error.code)
            case .connectTimedOut: .connectTimedOut
            // The session closed before the connection did, unless the loop took it away.
            case .closedLocally, .loopStopped: .shutDown
            }
    }
}
