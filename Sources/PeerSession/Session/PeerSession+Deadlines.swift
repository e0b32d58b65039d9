import PeerWire

extension PeerSession {
    /// When the host is to give ``SessionEvent/deadlineReached`` next, computed from the state. It may move with any
    /// event. Where nothing can be due (before `connected` and after the close) it is over 100 years away.
    public var nextDeadline: ContinuousClock.Instant { deadline.instant }

    private var deadline: Timestamp {
        switch state {
        case .connecting, .closed: .never
        case .awaitingNewestBlock, .awaitingVersion, .awaitingAcceptance, .awaitingExtendedVersion, .awaitingVerack:
            handshakeDeadline
        case .established: establishedDeadline
        }
    }

    private var handshakeDeadline: Timestamp {
        handshake.startedAt + group.configuration.handshakeTimeout
    }

    private var establishedDeadline: Timestamp {
        // Not kept in a variable: the configuration is large, and of it only these fields are loaded.
        var earliest = Timestamp.never
        if pings.isAwaitingPong {
            if let time = input.instant(of: pings.pongDeadline(timeout: group.configuration.pongTimeout)) {
                earliest = min(earliest, time)
            }
        } else {
            earliest = min(earliest, pings.nextPing(interval: group.configuration.pingInterval))
        }
        if let time = input.instant(of: silenceDeadline) { earliest = min(earliest, time) }
        if let next = nextResponse, let time = input.instant(of: next.deadline) { earliest = min(earliest, time) }
        if let time = sendQueue.deadline(group.configuration) {
            earliest = min(earliest, time)
        } else {
            // What waits for the queue to shrink is due at once when it has.
            if postponed.count > postponed.releasedCount { earliest = min(earliest, idle.lastReceived) }
            if let time = announcer?.deadline { earliest = min(earliest, time) }
        }
        return earliest
    }

    /// When the peer has been silent for too long, or slow with the frame under way, in the input clock's time.
    private var silenceDeadline: Timestamp {
        frame.deadline(group.configuration) ?? idle.deadline(group.configuration)
    }

    /// What answer is overdue next, in the input clock's time.
    private var nextResponse: (kind: ResponseKind, deadline: Timestamp)? {
        responses.isEmpty ? nil : responses.next(frame, group.configuration)
    }

    mutating func checkDeadlines(at now: Timestamp, into actions: inout ActionList) {
        switch state {
        // The transport bounds the time to connect.
        case .connecting, .closed: break
        case .awaitingNewestBlock, .awaitingVersion, .awaitingAcceptance, .awaitingExtendedVersion, .awaitingVerack:
            if now >= handshakeDeadline { close(.handshakeTimedOut, into: &actions) }
        case .established:
            if let reason = overdue(at: now) {
                close(reason, into: &actions)
            } else {
                sendWhatIsDue(at: now, into: &actions)
            }
        }
    }

    /// What the peer has not done in time.
    private mutating func overdue(at now: Timestamp) -> DisconnectReason? {
        let configuration = group.configuration
        if sendQueue.isStalled(at: now, configuration) { return .sendStalled }
        guard input.isRunning else { return nil }
        let time = input.time(at: now)
        if let deadline = frame.deadline(configuration) {
            if time >= deadline { return .frameTimedOut(command: frame.command) }
        } else if time >= idle.deadline(configuration) {
            return .idle
        }
        if pings.isAwaitingPong, time >= pings.pongDeadline(timeout: configuration.pongTimeout) {
            return .pongTimedOut
        }
        if let next = nextResponse, time >= next.deadline { return .responseTimedOut(next.kind) }
        return nil
    }

    private mutating func sendWhatIsDue(at now: Timestamp, into actions: inout ActionList) {
        let configuration = group.configuration
        if !pings.isAwaitingPong, now >= pings.nextPing(interval: configuration.pingInterval) {
            let nonce = hasPong ? random.nextNonZero() : nil
            pings.sent(nonce: nonce, at: now, inputTime: input.time(at: now) + sendQueue.delay(configuration))
            actions.append(.sendPing(nonce: nonce))
        }
        releasePostponed(into: &actions)
        sendDueInventory(at: now, into: &actions)
    }
}
