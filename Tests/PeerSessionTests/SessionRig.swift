import PeerSession
import PeerWire

/// A session with its own time, which moves only when told.
struct SessionRig {
    static let key = ConnectionNonce.Key(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210)
    static let nonce: UInt64 = 0x1111_1111_1111_1111
    /// Where the time of every rig begins.
    static let start = ContinuousClock().systemEpoch + .seconds(1_000)

    var session: PeerSession
    var now = Self.start

    init(
        _ direction: PeerSession.Direction = .outbound,
        _ configuration: SessionConfiguration = SessionConfiguration(nonceKey: Self.key),
        nonce: UInt64 = Self.nonce, seed: UInt64 = 42
    ) {
        session = PeerSession(
            configuration: configuration, direction: direction, localNonce: nonce, seed: seed, at: Self.start)
    }

    /// A rig whose session was brought to `state` in the ordinary way.
    init(
        in state: PeerSession.State, _ direction: PeerSession.Direction = .outbound,
        _ configuration: SessionConfiguration = SessionConfiguration(nonceKey: Self.key),
        remote: VersionFacts = .sample(), seed: UInt64 = 42
    ) {
        self.init(direction, configuration, seed: seed)
        let steps: [SessionEvent] =
            switch state {
            case .connecting: []
            case .awaitingVersion: [.connected]
            case .awaitingVerack: [.connected, .version(remote)]
            case .established: [.connected, .version(remote), .verack]
            case .closed: [.connected, .version(remote), .verack, .transportClosed(.reset)]
            }
        for step in steps { take(step) }
        precondition(session.state == state, "the rig did not reach the state it was asked for")
    }

    /// Gives one event at the rig's time; the actions it made.
    @discardableResult
    mutating func take(_ event: SessionEvent) -> [SessionAction] {
        var list = ActionList()
        session.handle(event, at: now, into: &list)
        return list.array
    }

    /// Lets time pass up to and with the next deadline; the actions made there.
    mutating func reachDeadline() -> [SessionAction] {
        now = max(now, session.nextDeadline)
        return take(.deadlineReached)
    }
}

extension ActionList {
    var array: [SessionAction] {
        var all: [SessionAction] = []
        forEach { all.append($0) }
        return all
    }
}

extension VersionFacts {
    static func sample(
        _ version: Int32 = 70016, services: Services = [.network, .bitcoinCash], nonce: UInt64 = 0x2222
    ) -> VersionFacts {
        VersionFacts(
            protocolVersion: ProtocolVersion(rawValue: version), services: services, timestamp: 1_700_000_000,
            nonce: nonce, startHeight: 800_000, relay: false)
    }
}

extension SessionAction {
    var pingNonce: UInt64? {
        if case .sendPing(let nonce) = self { nonce } else { nil }
    }
}
