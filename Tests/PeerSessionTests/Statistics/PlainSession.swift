import PeerSession
import PeerWire

/// One session with a time that moves when told, for what does not need a peer on the other side.
struct PlainSession {
    static let start = ContinuousClock().systemEpoch + .seconds(5_000)

    var session: PeerSession
    var now = Self.start

    /// A session waiting for `connected`.
    init(
        connecting direction: PeerSession.Direction, _ change: (inout SessionConfiguration) -> Void = { _ in }
    ) {
        var configuration = SessionConfiguration(nonceKey: ConnectionNonce.Key(1, 2))
        change(&configuration)
        let group = SessionGroup(configuration: configuration, inventoryKey: (3, 4))
        session = PeerSession(group: group, direction: direction, localNonce: 5, seed: 6, at: Self.start)
    }

    /// An established session, with `sendaddrv2` of the peer where asked for.
    init(
        version: Int32 = 70016, wantsAddressesV2: Bool = false,
        _ change: (inout SessionConfiguration) -> Void = { _ in }
    ) {
        self.init(connecting: .outbound, change)
        take(.connected)
        receive(.version(Self.remote(version)), byteCount: 150)
        if wantsAddressesV2 { receive(.sendAddressesV2) }
        receive(.verack)
        precondition(session.isEstablished, "the handshake of a plain session failed")
    }

    static func remote(_ version: Int32 = 70016) -> VersionFacts {
        VersionFacts(
            protocolVersion: ProtocolVersion(rawValue: version), services: [.network, .bitcoinCash], nonce: 7,
            timeOffset: -3, startHeight: 800_000, relay: false)
    }

    @discardableResult
    mutating func take(_ event: SessionEvent) -> [SessionAction] {
        var list = ActionList()
        session.handle(event, at: now, into: &list)
        var actions: [SessionAction] = []
        list.forEach { actions.append($0) }
        return actions
    }

    @discardableResult
    mutating func receive(_ message: MessageFacts, byteCount: Int = 24) -> [SessionAction] {
        take(.message(message, frameByteCount: byteCount))
    }

    mutating func pass(_ time: Duration) {
        now += time
    }

    var score: Int { session.misbehaviourScore(at: now) }
}

extension InventoryFacts {
    static func transactions(_ count: Int) -> InventoryFacts {
        var facts = InventoryFacts([])
        facts.transactions = UInt32(count)
        return facts
    }

    static func blocks(_ count: Int) -> InventoryFacts {
        var facts = InventoryFacts([])
        facts.blocks = UInt32(count)
        return facts
    }
}

/// What a session does when an offence is one too many.
func discourages(_ offence: Offence) -> [SessionAction] {
    [.discourage(offence), .close(.misbehaved(offence), flushFirst: true)]
}
