import PeerWire

extension PeerSession {
    mutating func refuse(
        _ violation: ProtocolViolation, _ message: MessageFacts, at now: Timestamp, into actions: inout ActionList
    ) {
        let command = message.command
        let code: RejectCode =
            switch violation {
            case .beforeVersion, .beforeVerack: .malformed
            case .duplicateVersion, .duplicateVerack, .duplicateXVersion: .duplicate
            case .withoutBloomService: .nonstandard
            }
        note(Offence(violation, command: command), at: now, into: &actions)
        // The command named is the refused one (BIP 61); bchd names the one it had expected.
        reject(
            command, code, .violation(violation), closing: .protocolViolation(violation, command: command),
            into: &actions)
    }

    mutating func refuse(
        _ refusal: FrameRefusal, _ command: Command, at now: Timestamp, into actions: inout ActionList
    ) {
        note(Offence(refusal, command: command), at: now, into: &actions)
        let reason = DisconnectReason.refusedFrame(refusal, command: command)
        switch refusal {
        // What follows would be noise to whoever does not speak on this network.
        case .wrongMagic:
            close(reason, into: &actions)
        case .malformedCommand, .payloadTooLong, .checksumMismatch, .truncated, .limitExceeded, .trailingBytes,
            .notInThisVersion, .malformed:
            // A stranger that cannot frame a message is not worth an answer; bchd gives none either (`PROTOCOL` 1.5).
            if isEstablished {
                reject(command, .malformed, .refusedFrame(refusal), closing: reason, into: &actions)
            } else {
                close(reason, into: &actions)
            }
        }
    }

    /// Weighs an offence that ends the connection anyway.
    private mutating func note(_ offence: Offence, at now: Timestamp, into actions: inout ActionList) {
        if score.add(offence, at: now, group.configuration.misbehaviour) { actions.append(.discourage(offence)) }
    }

    /// Weighs an offence that ends the connection when it is one too many.
    mutating func judge(_ offence: Offence, at now: Timestamp, into actions: inout ActionList) {
        guard score.add(offence, at: now, group.configuration.misbehaviour) else { return }
        actions.append(.discourage(offence))
        close(.misbehaved(offence), flushFirst: isEstablished, into: &actions)
    }

    /// Says why and closes. Below version 70002 there is no `reject`. To a peer whose version is not known yet, one is
    /// sent, as bchd does: whoever does not know it ignores it, and the connection ends anyway.
    mutating func reject(
        _ command: Command, _ code: RejectCode, _ why: RejectReason, closing reason: DisconnectReason,
        into actions: inout ActionList
    ) {
        let canReject = negotiatedVersion >= .reject
        if canReject { actions.append(.sendReject(command: command, code: code, reason: why)) }
        close(reason, flushFirst: canReject, into: &actions)
    }

    mutating func close(
        _ reason: DisconnectReason, flushFirst: Bool = false, into actions: inout ActionList
    ) {
        state = .closed
        heldByteCount = 0
        postponed = PostponedRequests()
        // Whatever the peer knew is of no use now; its place in the table is.
        counters.droppedInventoryCount = announcer?.droppedCount ?? 0
        announcer = nil
        actions.append(.close(reason, flushFirst: flushFirst))
    }
}
