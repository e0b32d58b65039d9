import PeerWire

extension PeerSession {
    /// Takes one event and appends what is to be done about it, three actions at most, to `actions`.
    ///
    /// The orders of messages, from `PROTOCOL` 5.1-5.4:
    /// - outbound: `version` goes when connected; when the peer's `version` comes, `verack` goes;
    /// - inbound: nothing goes before the peer's `version`; then `version` and `verack` go together;
    /// - both: the peer's `verack` establishes the session.
    ///
    /// The events of a host that does not keep to the order written at ``SessionEvent`` trap; whatever a peer sends
    /// never does.
    public mutating func handle(
        _ event: SessionEvent, at instant: ContinuousClock.Instant, into actions: inout ActionList
    ) {
        let now = Timestamp(instant)
        // Here and nowhere else, so that no kind of frame can be forgotten.
        if state != .closed, event.validCommand != nil { idle.received(at: now) }

        switch (state, event) {
        // The close was the last action; what was under way when it was given no longer matters.
        case (.closed, _):
            break

        case (.connecting, .connected):
            begin(at: now, into: &actions)
        case (.awaitingVersion, .connected), (.awaitingVerack, .connected), (.established, .connected):
            preconditionFailure("a session was connected twice")

        // A transport that is not up has no frames.
        case (.connecting, .version), (.connecting, .verack), (.connecting, .extendedVersion),
            (.connecting, .sendAddressesV2), (.connecting, .ping), (.connecting, .pong), (.connecting, .message),
            (.connecting, .refused):
            preconditionFailure("a session was given a frame before it was connected")

        case (.awaitingVersion, .version(let remote)):
            judge(remote, into: &actions)
        case (.awaitingVerack, .version), (.established, .version):
            refuse(.duplicateVersion, event, into: &actions)

        // A reject of our version comes from a peer that will not send its own, and is no offence in itself.
        case (.awaitingVersion, .message(kind: .some(.reject), command: _)),
            (.awaitingVerack, .message(kind: .some(.reject), command: _)):
            actions.append(.deliver)
        // Unknown commands, too: whoever speaks sends its version first.
        case (.awaitingVersion, .verack), (.awaitingVersion, .extendedVersion), (.awaitingVersion, .sendAddressesV2),
            (.awaitingVersion, .ping), (.awaitingVersion, .pong), (.awaitingVersion, .message):
            refuse(.beforeVersion, event, into: &actions)

        case (.awaitingVerack, .verack):
            establish(at: now, into: &actions)
        case (.established, .verack):
            refuse(.duplicateVerack, event, into: &actions)

        // Features are negotiated between version and verack. One we did not negotiate, an extversion or a command
        // unknown here, is no offence (`PROTOCOL` 5.6, BCHN; bchd closes, and loses honest peers by it).
        case (.awaitingVerack, .extendedVersion), (.awaitingVerack, .sendAddressesV2),
            (.awaitingVerack, .message(kind: .none, command: _)):
            actions.append(.deliver)
        // Everything else waits for verack at every honest node.
        case (.awaitingVerack, .ping), (.awaitingVerack, .pong), (.awaitingVerack, .message):
            refuse(.beforeVerack, event, into: &actions)

        // Too late to negotiate anything, and harmless: bchd decodes and ignores the one and does not know the other.
        case (.established, .extendedVersion), (.established, .sendAddressesV2), (.established, .message):
            actions.append(.deliver)
        case (.established, .ping(let nonce, let checksum)):
            if hasPong, let nonce { actions.append(.sendPong(nonce: nonce, checksum: checksum)) }
            actions.append(.deliver)
        case (.established, .pong(let nonce)):
            pings.received(nonce: nonce, at: now)
            actions.append(.deliver)

        // A stranger that cannot frame a message is not worth an answer; bchd gives none either (`PROTOCOL` 1.5).
        case (.awaitingVersion, .refused(let command, let refusal)),
            (.awaitingVerack, .refused(let command, let refusal)):
            close(.refusedFrame(refusal, command: command), into: &actions)
        case (.established, .refused(let command, let refusal)):
            refuse(refusal, command, into: &actions)

        // The transport bounds the time to connect.
        case (.connecting, .deadlineReached):
            break
        case (.awaitingVersion, .deadlineReached), (.awaitingVerack, .deadlineReached):
            if now >= handshakeDeadline { close(.handshakeTimedOut, into: &actions) }
        case (.established, .deadlineReached):
            checkDeadlines(at: now, into: &actions)

        // A transport that is not up has nothing to send; before verack nothing is asked for that makes replies.
        case (.connecting, .replyLimitReached):
            preconditionFailure("a session without a transport has replies waiting")
        // The replies are not read: there is no point in waiting until they are.
        case (.awaitingVersion, .replyLimitReached), (.awaitingVerack, .replyLimitReached),
            (.established, .replyLimitReached):
            close(.repliesUnread, into: &actions)

        // Nothing has been sent that could be flushed.
        case (.connecting, .disconnectRequested):
            close(.requested, into: &actions)
        case (.awaitingVersion, .disconnectRequested), (.awaitingVerack, .disconnectRequested),
            (.established, .disconnectRequested):
            close(.requested, flushFirst: true, into: &actions)
        case (.connecting, .transportClosed(let end)), (.awaitingVersion, .transportClosed(let end)),
            (.awaitingVerack, .transportClosed(let end)), (.established, .transportClosed(let end)):
            close(DisconnectReason(end), into: &actions)
        }
    }
}

// MARK: - Handshake

extension PeerSession {
    private mutating func begin(at now: Timestamp, into actions: inout ActionList) {
        state = .awaitingVersion
        handshake.startedAt = now
        switch direction {
        case .outbound: actions.append(.sendVersion)
        case .inbound: break
        }
    }

    private mutating func judge(_ remote: VersionFacts, into actions: inout ActionList) {
        self.remote = remote
        negotiatedVersion = min(configuration.protocolVersion, remote.protocolVersion)
        switch handshake.verdict(on: remote, by: configuration) {
        case .accepted:
            state = .awaitingVerack
            actions.append(.deliver)
            switch direction {
            case .outbound: break
            case .inbound: actions.append(.sendVersion)
            }
            actions.append(.sendVerack)
        case .obsolete:
            let reason = RejectReason.obsoleteVersion(minimum: configuration.minimumProtocolVersion)
            reject(.version, .obsolete, reason, closing: .obsoleteVersion(remote.protocolVersion), into: &actions)
        case .missingServices(let services):
            let reason = RejectReason.missingServices(services)
            reject(.version, .nonstandard, reason, closing: .missingServices(services), into: &actions)
        case .selfConnection:
            close(.selfConnection, into: &actions)
        }
    }

    private mutating func establish(at now: Timestamp, into actions: inout ActionList) {
        state = .established
        pings.start(at: now, random: &random)
        actions.append(.deliver)
        actions.append(.established(version: negotiatedVersion))
    }
}

// MARK: - Established

extension PeerSession {
    /// Pings carry a nonce, and pongs exist, above version 60000 (BIP 31).
    private var hasPong: Bool { negotiatedVersion > .pingNonce }

    private mutating func checkDeadlines(at now: Timestamp, into actions: inout ActionList) {
        if now >= idle.deadline {
            close(.idle, into: &actions)
        } else if now >= pings.deadline {
            if pings.isAwaitingPong {
                close(.pongTimedOut, into: &actions)
            } else {
                let nonce = hasPong ? random.nextNonZero() : nil
                pings.sent(nonce: nonce, at: now)
                actions.append(.sendPing(nonce: nonce))
            }
        }
    }
}

// MARK: - Ends

extension PeerSession {
    private mutating func refuse(
        _ violation: ProtocolViolation, _ event: SessionEvent, into actions: inout ActionList
    ) {
        guard let command = event.validCommand else {
            preconditionFailure("only a message breaks the order of messages")
        }
        let reason = DisconnectReason.protocolViolation(violation, command: command)
        switch violation {
        case .beforeVersion:
            // The message that is missing is named, as bchd does (`PROTOCOL` 5.2).
            reject(.version, .malformed, .violation(violation), closing: reason, into: &actions)
        case .beforeVerack:
            reject(command, .malformed, .violation(violation), closing: reason, into: &actions)
        case .duplicateVersion, .duplicateVerack:
            reject(command, .duplicate, .violation(violation), closing: reason, into: &actions)
        }
    }

    private mutating func refuse(_ refusal: FrameRefusal, _ command: Command, into actions: inout ActionList) {
        let reason = DisconnectReason.refusedFrame(refusal, command: command)
        switch refusal {
        // What follows would be noise to whoever does not speak on this network.
        case .wrongMagic:
            close(reason, into: &actions)
        case .malformedCommand, .payloadTooLong, .checksumMismatch, .undecodable:
            reject(command, .malformed, .refusedFrame(refusal), closing: reason, into: &actions)
        }
    }

    /// Says why and closes. Below version 70002 there is no `reject`. To a peer whose version is not known yet, one is
    /// sent, as bchd does: whoever does not know it ignores it, and the connection ends anyway.
    private mutating func reject(
        _ command: Command, _ code: RejectCode, _ why: RejectReason, closing reason: DisconnectReason,
        into actions: inout ActionList
    ) {
        let canReject = negotiatedVersion >= .reject
        if canReject { actions.append(.sendReject(command: command, code: code, reason: why)) }
        close(reason, flushFirst: canReject, into: &actions)
    }

    private mutating func close(
        _ reason: DisconnectReason, flushFirst: Bool = false, into actions: inout ActionList
    ) {
        state = .closed
        actions.append(.close(reason, flushFirst: flushFirst))
    }
}
