import PeerWire

extension PeerSession {
    /// Pings carry a nonce, and pongs exist, above version 60000 (BIP 31).
    var hasPong: Bool { negotiatedVersion > .pingNonce }

    /// A message after the handshake. The switch names every message: one that reaches nobody does not compile.
    mutating func handleEstablished(
        _ message: MessageFacts, _ byteCount: Int, at now: Timestamp, into actions: inout ActionList
    ) {
        if !responses.isEmpty {
            responses.received(message, at: input.time(at: now), group.configuration.responseTimeouts)
        }
        lastRequests.received(message)
        guard weigh(message, at: now, into: &actions) else { return }
        switch message {
        case .version, .verack:
            preconditionFailure("a repeated version or verack is refused before")

        // Requests that make replies wait while too much waits to be sent (`DESIGN` 4).
        case .ping, .getData, .getBlocks, .getHeaders, .getBlockTransactions, .getAddresses, .getCommittedFilters,
            .getCommittedFilterHeaders, .getCommittedFilterCheckpoints, .getCommittedFilterMempool:
            takeRequest(message, byteCount, into: &actions)
        case .mempool:
            if servesBloom(message, at: now, into: &actions) { takeRequest(message, byteCount, into: &actions) }

        case .pong(let nonce):
            pings.received(nonce: nonce, at: now, inputTime: input.time(at: now))
            actions.append(.deliver)

        case .addresses(let count), .addressesV2(let count):
            let accepted = addressRate.received(count, at: now, group.configuration.addressRate)
            counters.rateLimitedAddressCount &+= UInt64(count - accepted)
            actions.append(.deliverAddresses(withinRate: accepted))

        case .inventory(let items):
            if let block = items.lastBlock { preferences.lastAnnouncedBlock = block }
            if remembersWhatPeersSend { actions.append(.remember) }
            actions.append(.deliver)
        case .transaction(let hash): deliver(hash.map { .transaction($0) }, into: &actions)
        case .block(let hash), .merkleBlock(let hash), .compactBlock(let hash):
            deliver(hash.map { .block($0) }, into: &actions)
        case .doubleSpendProof(let hash):
            deliver(hash.map { InventoryVector(kind: .doubleSpendProof, hash: $0) }, into: &actions)

        case .sendHeaders:
            preferences.wantsHeaders = true
            actions.append(.deliver)
        case .sendCompact(let wish):
            preferences.received(wish)
            actions.append(.deliver)
        case .feeFilter(let rate):
            takeFeeFilter(rate, at: now, into: &actions)

        case .filterLoad:
            if servesBloom(message, at: now, into: &actions) {
                preferences.wantsTransactions = true
                actions.append(.deliver)
            }
        case .filterAdd, .filterClear:
            if servesBloom(message, at: now, into: &actions) { actions.append(.deliver) }

        case .xVersion:
            takeXVersion(message, at: now, into: &actions)

        // Too late to negotiate anything, and harmless: bchd decodes and ignores the one and does not know the other.
        case .extendedVersion, .sendAddressesV2:
            actions.append(.deliver)
        case .notFound, .reject, .headers, .blockTransactions, .xVerack, .committedFilter, .committedFilterHeaders,
            .committedFilterCheckpoints, .custom, .unknown:
            actions.append(.deliver)
        }
    }

    private var remembersWhatPeersSend: Bool {
        let inventory = group.configuration.inventory
        return inventory.remembersWhatPeersSend && inventory.maxKnownItems > 0
    }

    /// Delivers something the peer has sent, and so has.
    private mutating func deliver(_ item: InventoryVector?, into actions: inout ActionList) {
        if let item, remembersWhatPeersSend { ensureAnnouncer().remember(item) }
        actions.append(.deliver)
    }

    private mutating func takeFeeFilter(_ rate: Int64, at now: Timestamp, into actions: inout ActionList) {
        if PeerPreferences.feeRange.contains(rate) {
            preferences.feeFilter = rate
            actions.append(.deliver)
        } else {
            counters.droppedMessageCount &+= 1
            judge(.feeFilterOutOfRange, at: now, into: &actions)
        }
    }

    private mutating func takeXVersion(_ message: MessageFacts, at now: Timestamp, into actions: inout ActionList) {
        if hasXVersion {
            refuse(.duplicateXVersion, message, at: now, into: &actions)
        } else {
            hasXVersion = true
            actions.append(.sendXVerack)
            actions.append(.deliver)
        }
    }

    /// True when the bloom service is offered. A peer that has to know better is refused; an older one's message is
    /// not delivered (BIP 111).
    private mutating func servesBloom(
        _ message: MessageFacts, at now: Timestamp, into actions: inout ActionList
    ) -> Bool {
        if group.configuration.services.contains(.bloom) { return true }
        if negotiatedVersion >= .bloomService {
            refuse(.withoutBloomService, message, at: now, into: &actions)
        } else {
            counters.droppedMessageCount &+= 1
        }
        return false
    }
}

// MARK: - Requests that make replies

extension PeerSession {
    /// Answers or delivers a request, or postpones it while too much waits to be sent or others wait before it.
    private mutating func takeRequest(
        _ message: MessageFacts, _ byteCount: Int, into actions: inout ActionList
    ) {
        guard sendQueue.isOverHighMark || !postponed.isEmpty else {
            answer(message, into: &actions)
            return
        }
        // The first may be of any size: an honest node that syncs asks for 50,000 blocks in one getdata.
        let isFirst = postponed.isEmpty
        postponed.add(frameByteCount: byteCount)
        if !isFirst, postponed.byteCount > group.configuration.postponedByteCap {
            // It asks on and on and does not read: there is no point in waiting until it does.
            close(.repliesUnread, into: &actions)
        } else {
            actions.append(.postpone)
        }
    }

    private func answer(_ message: MessageFacts, into actions: inout ActionList) {
        if case .ping(let nonce?, let checksum) = message, hasPong {
            actions.append(.sendPong(nonce: nonce, checksum: checksum))
        }
        actions.append(.deliver)
    }

    /// Lets some of the postponed requests go on, once the peer has read enough.
    mutating func releasePostponed(into actions: inout ActionList) {
        guard state == .established, !postponed.isEmpty, !sendQueue.isOverHighMark else { return }
        for _ in 0..<postponed.release() { actions.append(.releasePostponed) }
    }

    /// Takes back the oldest postponed event, which ``SessionAction/releasePostponed`` asked for.
    public mutating func handlePostponed(
        _ event: SessionEvent, at instant: ContinuousClock.Instant, into actions: inout ActionList
    ) {
        guard case .message(let message, let byteCount) = event else {
            preconditionFailure("only a message is postponed")
        }
        if state == .closed { return }
        postponed.gaveBack(frameByteCount: byteCount)
        answer(message, into: &actions)
    }
}
