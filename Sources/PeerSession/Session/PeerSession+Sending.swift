public import PeerWire

/// What becomes of a message that is to be sent.
public enum SendDecision: Sendable, Hashable, BitwiseCopyable {
    /// Encode it and hand it to the transport.
    case send
    /// Keep it: the handshake is not done. Ask again when ``SessionAction/established(version:)`` comes, in the order
    /// kept.
    case hold
    /// It repeats the `getblocks` or `getheaders` sent last, and is not sent.
    case skip
    /// Too much is held already.
    case refuseFull
    /// The session has closed.
    case refuseClosed
}

extension PeerSession {
    /// Decides on a message of the application and notes what follows from sending it: answers due, direct block relay
    /// allowed, addresses asked for.
    ///
    /// - Parameters:
    ///   - message: The facts of the message.
    ///   - byteCount: What holding it would take, in bytes: its frame, or about that.
    ///   - now: The time.
    public mutating func decide(
        on message: MessageFacts, byteCount: Int, at now: ContinuousClock.Instant
    ) -> SendDecision {
        switch state {
        case .closed: return .refuseClosed
        case .connecting, .awaitingNewestBlock, .awaitingVersion, .awaitingAcceptance, .awaitingExtendedVersion,
            .awaitingVerack:
            if heldByteCount > 0, heldByteCount + byteCount > group.configuration.heldByteCap { return .refuseFull }
            heldByteCount += byteCount
            return .hold
        case .established:
            if lastRequests.repeats(message) { return .skip }
            noteSent(message, at: Timestamp(now))
            return .send
        }
    }

    private mutating func noteSent(_ message: MessageFacts, at now: Timestamp) {
        let sentAt = input.time(at: now) + sendQueue.delay(group.configuration)
        responses.sent(message, at: sentAt, group.configuration.responseTimeouts)
        switch message {
        case .getAddresses: addressRate.requested(at: now, group.configuration.addressRate)
        case .sendCompact(let wish): preferences.sent(wish)
        default: break
        }
    }

    /// Counts a frame handed to the transport, of the session's own messages too.
    ///
    /// - Parameters:
    ///   - kind: The kind of the message, `nil` for the application's own commands.
    ///   - frameByteCount: Its bytes with the header.
    public mutating func countSent(_ kind: MessageKind?, frameByteCount: Int) {
        counters.sentMessageCount &+= 1
        group.traffic.countSent(kind, byteCount: frameByteCount)
        counters.traffic?.traffic.countSent(kind, byteCount: frameByteCount)
    }

    /// Counts bytes received from the transport, whole frames or not.
    public mutating func countReceived(byteCount: Int, at now: ContinuousClock.Instant) {
        counters.received(byteCount: byteCount, at: Timestamp(now))
    }

    /// Counts bytes that the transport has taken.
    public mutating func countSent(byteCount: Int, at now: ContinuousClock.Instant) {
        counters.sent(byteCount: byteCount, at: Timestamp(now))
    }
}

extension MessageFacts {
    /// True when ``PeerSession/decide(on:byteCount:at:)`` notes something of the message once the handshake is done, so
    /// that a host may spare itself the question for all others.
    public var needsDecision: Bool {
        switch self {
        case .getHeaders, .getBlocks, .getData, .getAddresses, .mempool, .sendCompact, .getBlockTransactions,
            .getCommittedFilters, .getCommittedFilterHeaders, .getCommittedFilterCheckpoints,
            .getCommittedFilterMempool:
            true
        case .version, .verack, .ping, .pong, .addresses, .addressesV2, .inventory, .notFound, .reject, .headers,
            .transaction, .block, .merkleBlock, .compactBlock, .blockTransactions, .doubleSpendProof, .sendHeaders,
            .feeFilter, .sendAddressesV2, .extendedVersion, .xVersion, .xVerack, .filterLoad, .filterAdd,
            .filterClear, .committedFilter, .committedFilterHeaders, .committedFilterCheckpoints, .custom, .unknown:
            false
        }
    }
}

// MARK: - Blocks

extension PeerSession {
    /// Notes the height of a block the peer is known to have. The height only rises.
    public mutating func noteBlock(height: Int32) {
        preferences.lastBlockHeight = max(preferences.lastBlockHeight, height)
    }
}
