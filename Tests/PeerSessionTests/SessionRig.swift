import PeerWire
import Testing

@testable import PeerSession

/// A session with its own time, which moves only when told, and with the part of a host that the session counts on:
/// postponed events are kept and given back when they are released.
///
/// `discourage` actions are kept apart, in ``discouraged``, as offences have weights and tests of their own.
struct SessionRig {
    static let key = ConnectionNonce.Key(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210)
    static let nonce: UInt64 = 0x1111_1111_1111_1111
    /// Where the time of every rig begins.
    static let start = ContinuousClock().systemEpoch + .seconds(1_000)

    var session: PeerSession
    var now = Self.start
    /// Postponed events in the order they came.
    private(set) var postponed: [SessionEvent] = []
    /// Offences that a `discourage` named.
    private(set) var discouraged: [Offence] = []

    init(
        _ direction: PeerSession.Direction = .outbound, group: SessionGroup, nonce: UInt64 = Self.nonce,
        seed: UInt64 = 42
    ) {
        session = PeerSession(group: group, direction: direction, localNonce: nonce, seed: seed, at: Self.start)
    }

    init(
        _ direction: PeerSession.Direction = .outbound, _ configuration: SessionConfiguration = .plain,
        nonce: UInt64 = Self.nonce, seed: UInt64 = 42
    ) {
        self.init(direction, group: .plain(configuration), nonce: nonce, seed: seed)
    }

    /// A rig whose session was brought to `state` in the ordinary way. What leads there of questions and extversion is
    /// added to the configuration.
    init(
        in state: PeerSession.State, _ direction: PeerSession.Direction = .outbound,
        _ configuration: SessionConfiguration = .plain, remote: VersionFacts = .sample(), seed: UInt64 = 42
    ) {
        var configuration = configuration
        var remote = remote
        switch state {
        case .awaitingNewestBlock: configuration.asksNewestBlock = true
        case .awaitingAcceptance: configuration.asksVersionAcceptance = true
        case .awaitingExtendedVersion:
            configuration.services.insert(.extendedVersion)
            remote.services.insert(.extendedVersion)
        case .connecting, .awaitingVersion, .awaitingVerack, .established, .closed: break
        }
        self.init(direction, configuration, seed: seed)
        let version = SessionEvent.message(.version(remote), frameByteCount: 126)
        let verack = SessionEvent.message(.verack, frameByteCount: 24)
        let steps: [SessionEvent] =
            switch state {
            case .connecting: []
            case .awaitingVersion: [.connected]
            case .awaitingNewestBlock: direction == .outbound ? [.connected] : [.connected, version]
            case .awaitingAcceptance, .awaitingExtendedVersion, .awaitingVerack: [.connected, version]
            case .established: [.connected, version, verack]
            case .closed: [.connected, version, verack, .transportClosed(.reset)]
            }
        for step in steps { take(step) }
        precondition(session.state == state, "the rig did not reach the state it was asked for")
    }

    /// Gives one event at the rig's time; the actions it made, those of released events after each release.
    @discardableResult
    mutating func take(_ event: SessionEvent) -> [SessionAction] {
        var list = ActionList()
        session.handle(event, at: now, into: &list)
        var all: [SessionAction] = []
        for action in list.array {
            switch action {
            case .discourage(let offence):
                discouraged.append(offence)
                continue
            case .postpone: postponed.append(event)
            default: break
            }
            all.append(action)
            if action == .releasePostponed { all += giveBack() }
        }
        if session.isClosed { postponed = [] }
        return all
    }

    private mutating func giveBack() -> [SessionAction] {
        guard !postponed.isEmpty else {
            Issue.record("a release although nothing is postponed")
            return []
        }
        var list = ActionList()
        session.handlePostponed(postponed.removeFirst(), at: now, into: &list)
        return list.array
    }

    /// Gives one message at the rig's time; the actions it made.
    @discardableResult
    mutating func take(_ message: MessageFacts, byteCount: Int = 100) -> [SessionAction] {
        take(.message(message, frameByteCount: byteCount))
    }

    /// Lets time pass up to and with the next deadline; the actions made there.
    @discardableResult
    mutating func reachDeadline() -> [SessionAction] {
        now = max(now, session.nextDeadline)
        return take(.deadlineReached)
    }

    /// Lets time pass, handling each deadline on the way; the actions made.
    @discardableResult
    mutating func pass(_ duration: Duration) -> [SessionAction] {
        let end = now + duration
        var all: [SessionAction] = []
        while session.nextDeadline <= end {
            now = max(now, session.nextDeadline)
            let before = session.nextDeadline
            let actions = take(.deadlineReached)
            all += actions
            guard !actions.isEmpty || session.nextDeadline != before else {
                Issue.record("a deadline did nothing")
                break
            }
        }
        now = end
        return all
    }

    /// Asks to send a message of the application.
    mutating func decide(_ message: MessageFacts, byteCount: Int = 100) -> SendDecision {
        session.decide(on: message, byteCount: byteCount, at: now)
    }

    /// The time from the rig's start, for messages of failed expectations.
    var elapsed: Duration { Self.start.duration(to: now) }
}

extension SessionConfiguration {
    /// The defaults.
    static var plain: SessionConfiguration { SessionConfiguration(nonceKey: SessionRig.key) }

    /// The defaults but for what is changed.
    static func with(_ change: (inout SessionConfiguration) -> Void) -> SessionConfiguration {
        var configuration = plain
        change(&configuration)
        return configuration
    }

    /// Without pings, so that other deadlines can be seen alone.
    static func quiet(_ change: (inout SessionConfiguration) -> Void = { _ in }) -> SessionConfiguration {
        with {
            $0.pingInterval = longestDuration
            change(&$0)
        }
    }
}

extension SessionGroup {
    static func plain(_ configuration: SessionConfiguration = .plain) -> SessionGroup {
        SessionGroup(configuration: configuration, inventoryKey: (1, 2))
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
        _ version: Int32 = 70016, services: Services = [.network, .bitcoinCash], nonce: UInt64 = 0x2222,
        startHeight: Int32 = 800_000, relay: Bool = true
    ) -> VersionFacts {
        VersionFacts(
            protocolVersion: ProtocolVersion(rawValue: version), services: services, nonce: nonce,
            startHeight: startHeight, relay: relay)
    }
}

extension SessionAction {
    var pingNonce: UInt64? {
        if case .sendPing(let nonce) = self { nonce } else { nil }
    }

    var closeReason: DisconnectReason? {
        if case .close(let reason, _) = self { reason } else { nil }
    }
}

extension Sequence<SessionAction> {
    var closeReason: DisconnectReason? { lazy.compactMap(\.closeReason).first }
    var pingCount: Int { count { if case .sendPing = $0 { true } else { false } } }
}
