internal import PeerSession
internal import PeerWire
internal import Synchronization

/// What the loop learns of a peer, made readable on any thread.
extension PeerConnection {
    /// The peer's first `version`, with all that follows from it; a later one is an offence.
    func publish(_ version: VersionMessage, _ facts: MessageFacts) {
        guard case .version(let remote) = facts, peer.remoteVersion.load() == nil else { return }
        peer.timeOffset.store(Int32(clamping: remote.timeOffset), ordering: .relaxed)
        peer.knownHeight.store(remote.startHeight, ordering: .relaxed)
        peer.set(.wantsTransactions, to: remote.relay)
        var version = version
        version.userAgent = node.userAgents.shared(version.userAgent)
        // Whoever sees this sees the others.
        _ = peer.remoteVersion.storeIfNil(RemoteVersion(version))
        // The application may have said before what the peer announced.
        publishAnnouncedBlock()
    }

    /// After a message by which the peer says what it wants. Called before its listeners are.
    func publishWishes(after facts: MessageFacts) {
        switch facts {
        case .sendHeaders, .sendCompact, .sendAddressesV2, .filterLoad: publishWishes()
        case .inventory(let items): if items.lastBlock != nil { publishAnnouncedBlock() }
        default: break
        }
    }

    private func publishWishes() {
        peer.set(.wantsHeaders, to: session.preferences.wantsHeaders)
        peer.set(.wantsCompactBlocks, to: session.preferences.wantsCompactBlocks)
        peer.set(.wantsDirectBlockRelay, to: session.preferences.wantsDirectBlockRelay)
        peer.set(.wantsAddressesV2, to: session.preferences.wantsAddressesV2)
        peer.set(.wantsTransactions, to: session.preferences.wantsTransactions)
    }

    /// After this node has said whether the peer may send blocks unasked.
    func publishAllowance() {
        peer.set(.allowsDirectBlockRelay, to: session.preferences.allowsDirectBlockRelay)
    }

    func publishAnnouncedBlock() {
        guard let version = peer.remoteVersion.load() else { return }
        let hash = session.preferences.lastAnnouncedBlock ?? .zero
        if let box = version.announcedBlock.load() {
            box.store(hash)
        } else if !hash.isZero {
            version.announcedBlock.storeIfNil(AnnouncedBlock()).store(hash)
        }
    }

    /// A ping was sent.
    func publishPing(sentAt now: ContinuousClock.Instant, nonce: UInt64?) {
        peer.counters.lastPingSent.store(core.time(of: now), ordering: .relaxed)
        peer.counters.awaitedPingNonce.store(nonce ?? 0, ordering: .relaxed)
    }

    /// A pong came.
    func publishPing() {
        if !session.isAwaitingPong { peer.counters.awaitedPingNonce.store(0, ordering: .relaxed) }
        // In this order, read in the other: whoever sees the last one sees a minimum that counts it.
        peer.counters.minimumPing.store(session.minimumPingMicroseconds ?? .max, ordering: .releasing)
        peer.counters.lastPing.store(session.lastPingMicroseconds ?? .max, ordering: .releasing)
    }
}

/// User agents that peers gave, so that the many peers of one software share its name's bytes. A few dozen are in use
/// at a time; what does not find its place free of another takes it.
struct SharedUserAgents {
    static let maxCount = 64
    private var places: [UserAgent] = []

    mutating func shared(_ agent: UserAgent) -> UserAgent {
        if places.isEmpty { places = [UserAgent](repeating: .empty, count: Self.maxCount) }
        var hash: UInt32 = 0
        for byte in agent.bytes { hash = hash &* 31 &+ UInt32(byte) }
        let place = Int(hash % UInt32(Self.maxCount))
        if places[place] == agent { return places[place] }
        places[place] = agent
        return agent
    }
}
