import PeerWire

extension PeerSession {
    /// Takes one event and appends what is to be done about it to `actions`.
    ///
    /// The orders of messages, from `PROTOCOL` 5.1-5.5:
    /// - outbound: `version` goes when connected; when the peer's `version` comes, `sendaddrv2` and `verack` go;
    /// - inbound: nothing goes before the peer's `version`; then `version`, `sendaddrv2` and `verack` go together;
    /// - where both offer it, `extversion` goes in place of the last two, which follow the peer's `extversion`;
    /// - both: the peer's `verack` establishes the session.
    ///
    /// The events of a host that does not keep to the order written at ``SessionEvent`` trap; whatever a peer sends
    /// never does.
    public mutating func handle(
        _ event: SessionEvent, at instant: ContinuousClock.Instant, into actions: inout ActionList
    ) {
        let now = Timestamp(instant)
        if state == .closed {
            // The close was the last action; what was under way when it was given no longer matters.
            return
        }
        switch event {
        case .connected:
            begin(at: now, into: &actions)
        case .message(let message, let byteCount):
            // Here and nowhere else, so that no kind of frame can be forgotten.
            noteFrame(message, byteCount, at: now)
            handle(message, byteCount, at: now, into: &actions)
        case .refused(let command, let refusal):
            requireFrames()
            frame.finished()
            refuse(refusal, command, at: now, into: &actions)
        case .framePartlyReceived(let command, let payloadByteCount):
            requireFrames()
            frame.partlyReceived(command, payloadByteCount: payloadByteCount, at: input.time(at: now))
        case .enteredLane:
            input.enterLane(at: now)
            frame.enteredLane()
        case .leftLane:
            input.leaveLane(at: now)
            frame.leftLane()
        case .readingPaused: input.pauseReading(at: now)
        case .readingResumed: input.resumeReading(at: now)
        case .sendQueue(let pending, let sent):
            sendQueue.update(pending: pending, sent: sent, at: now, group.configuration)
            releasePostponed(into: &actions)
        case .newestBlock(let height):
            takeNewestBlock(height, at: now, into: &actions)
        case .versionAccepted:
            takeAcceptance(at: now, into: &actions)
        case .versionRefused(let code):
            takeRefusal(code, into: &actions)
        case .misbehaved(let offence):
            judge(offence, at: now, into: &actions)
        case .disconnectRequested:
            // Nothing has been sent that could be flushed before the transport is up.
            close(.requested, flushFirst: state != .connecting, into: &actions)
        case .overBudget(let use):
            close(.overBudget(use), into: &actions)
        case .deadlineReached:
            checkDeadlines(at: now, into: &actions)
        case .transportClosed(let end):
            close(DisconnectReason(end), into: &actions)
        }
    }

    private mutating func noteFrame(_ message: MessageFacts, _ byteCount: Int, at now: Timestamp) {
        requireFrames()
        frame.finished()
        idle.received(at: input.time(at: now))
        counters.receivedMessageCount &+= 1
        group.traffic.countReceived(message.kind, byteCount: byteCount)
        counters.traffic?.traffic.countReceived(message.kind, byteCount: byteCount)
    }

    private func requireFrames() {
        precondition(state != .connecting, "a session was given a frame before it was connected")
        precondition(!isAwaitingHost, "a session was given a frame while it awaits an answer of the host")
    }

    /// One message in one state. There is no `default`: what is not allowed is written out.
    private mutating func handle(
        _ message: MessageFacts, _ byteCount: Int, at now: Timestamp, into actions: inout ActionList
    ) {
        switch (state, message) {
        case (.connecting, _), (.awaitingNewestBlock, _), (.awaitingAcceptance, _), (.closed, _):
            preconditionFailure("no frame comes in this state")

        case (.awaitingVersion, .version(let remote)):
            judge(remote, at: now, into: &actions)
        case (.awaitingExtendedVersion, .version), (.awaitingVerack, .version), (.established, .version):
            refuse(.duplicateVersion, message, at: now, into: &actions)

        // A reject of our version comes from a peer that will not send its own, and is no offence in itself.
        case (.awaitingVersion, .reject), (.awaitingExtendedVersion, .reject), (.awaitingVerack, .reject):
            actions.append(.deliver)
        // Unknown commands, too: whoever speaks sends its version first.
        case (.awaitingVersion, _):
            refuse(.beforeVersion, message, at: now, into: &actions)

        // A peer that offered extversion and does not send it: both fall back (`PROTOCOL` 5.5).
        case (.awaitingExtendedVersion, .verack):
            finishNegotiation(into: &actions)
            establish(at: now, into: &actions)
        case (.awaitingVerack, .verack):
            establish(at: now, into: &actions)
        case (.established, .verack):
            refuse(.duplicateVerack, message, at: now, into: &actions)

        case (.awaitingExtendedVersion, .extendedVersion):
            actions.append(.deliver)
            finishNegotiation(into: &actions)
        case (.awaitingExtendedVersion, .sendAddressesV2), (.awaitingVerack, .sendAddressesV2):
            preferences.wantsAddressesV2 = true
            actions.append(.deliver)
        // Features are negotiated between version and verack. One we did not negotiate, an extversion or a command
        // unknown here, is no offence (`PROTOCOL` 5.6, BCHN; bchd closes, and loses honest peers by it).
        case (.awaitingExtendedVersion, .unknown), (.awaitingExtendedVersion, .custom), (.awaitingVerack, .unknown),
            (.awaitingVerack, .custom), (.awaitingVerack, .extendedVersion):
            actions.append(.deliver)
        // Everything else waits for verack at every honest node.
        case (.awaitingExtendedVersion, _), (.awaitingVerack, _):
            refuse(.beforeVerack, message, at: now, into: &actions)

        case (.established, _):
            handleEstablished(message, byteCount, at: now, into: &actions)
        }
    }
}
