import PeerSession
import PeerWire

/// What the simulation itself keeps of one peer, to judge the session and its host by.
struct PeerBooks {
    var deadlines: DeadlineModel
    var known: KnownInventoryModel
    /// Of the session's own pings: those without a pong.
    var outstandingPings: [UInt64] = []
    var hasEstablished = false
    /// No frame is taken after a refusal; the number of the refused one.
    var isRefused = false
    var refusedNumber: Int64?
    var hasEnded = false
    /// The frames that the application must see, and those it has seen.
    var lastGiven: Int64 = -1
    var lastDelivered: Int64 = -1
    var lastPostponed: Int64 = -1
    var mustDeliver = 0
    var hasDelivered = 0
    var receivedMessages = 0
    var sentMessages = 0

    init(_ settings: SimNode.Settings, at now: VirtualTime) {
        deadlines = DeadlineModel(settings.session, connectedAt: now)
        known = KnownInventoryModel(
            capacity: settings.session.inventory.maxKnownItems,
            remembersWhatPeersSend: settings.session.inventory.remembersWhatPeersSend)
    }

    /// What an application may see before the handshake is done.
    static func belongsToHandshake(_ message: Message) -> Bool {
        switch message {
        case .version, .verack, .extendedVersion, .sendAddressesV2, .reject, .unknown, .custom: true
        default: false
        }
    }

    /// What no application sees, by the rules: a bloom message where the service is not offered, from a peer too old to
    /// know better; a fee that cannot be.
    static func isDropped(_ message: Message, _ settings: SimNode.Settings) -> Bool {
        switch message {
        case .filterLoad, .filterAdd, .filterClear, .mempool: !settings.session.services.contains(.bloom)
        case .feeFilter(let rate): !(0...2_100_000_000_000_000).contains(rate)
        default: false
        }
    }
}
