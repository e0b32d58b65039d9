import PeerWire

extension PeerSession {
    mutating func begin(at now: Timestamp, into actions: inout ActionList) {
        precondition(state == .connecting, "a session was connected twice")
        handshake.startedAt = now
        counters.hasConnected = true
        switch direction {
        case .outbound: prepareVersion(into: &actions)
        case .inbound: state = .awaitingVersion
        }
    }

    /// Sends our version, after asking the host for its newest block where that is wanted.
    private mutating func prepareVersion(into actions: inout ActionList) {
        if group.configuration.asksNewestBlock {
            state = .awaitingNewestBlock
            actions.append(.askNewestBlock)
        } else {
            sendVersion(startHeight: nil, into: &actions)
        }
    }

    mutating func takeNewestBlock(_ height: Int32, at now: Timestamp, into actions: inout ActionList) {
        precondition(state == .awaitingNewestBlock, "an answer came to a question that was not asked")
        sendVersion(startHeight: height, into: &actions)
    }

    private mutating func sendVersion(startHeight: Int32?, into actions: inout ActionList) {
        actions.append(.sendVersion(startHeight: startHeight))
        switch direction {
        case .outbound: state = .awaitingVersion
        case .inbound: negotiate(into: &actions)
        }
    }

    /// What is thought of the peer's version.
    mutating func judge(_ remote: VersionFacts, at now: Timestamp, into actions: inout ActionList) {
        self.remote = remote
        let configuration = group.configuration
        negotiatedVersion = min(configuration.protocolVersion, remote.protocolVersion)
        preferences.wantsTransactions = remote.relay
        preferences.lastBlockHeight = remote.startHeight
        switch handshake.verdict(on: remote, by: configuration) {
        case .accepted:
            actions.append(.deliver)
            if configuration.asksVersionAcceptance {
                state = .awaitingAcceptance
                actions.append(.askVersionAcceptance)
            } else {
                acceptVersion(into: &actions)
            }
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

    mutating func takeAcceptance(at now: Timestamp, into actions: inout ActionList) {
        precondition(state == .awaitingAcceptance, "an answer came to a question that was not asked")
        acceptVersion(into: &actions)
    }

    mutating func takeRefusal(_ code: RejectCode, into actions: inout ActionList) {
        precondition(state == .awaitingAcceptance, "an answer came to a question that was not asked")
        reject(.version, code, .host, closing: .versionRefused(code), into: &actions)
    }

    private mutating func acceptVersion(into actions: inout ActionList) {
        switch direction {
        case .outbound: negotiate(into: &actions)
        case .inbound: prepareVersion(into: &actions)
        }
    }

    /// After both versions: an extversion where both sides offer it, or else the end of our part.
    private mutating func negotiate(into actions: inout ActionList) {
        let isOffered = group.configuration.services.contains(.extendedVersion)
        if isOffered, let remote, remote.services.contains(.extendedVersion) {
            actions.append(.sendExtendedVersion)
            state = .awaitingExtendedVersion
        } else {
            finishNegotiation(into: &actions)
        }
    }

    mutating func finishNegotiation(into actions: inout ActionList) {
        if negotiatedVersion >= .featureNegotiation, group.configuration.asksForAddressesV2 {
            actions.append(.sendAddressesV2)
        }
        actions.append(.sendVerack)
        state = .awaitingVerack
    }

    mutating func establish(at now: Timestamp, into actions: inout ActionList) {
        state = .established
        heldByteCount = 0
        pings.start(at: now, interval: group.configuration.pingInterval, random: &random)
        actions.append(.deliver)
        actions.append(.established(version: negotiatedVersion))
    }
}
