public import PeerSession
public import PeerWire

/// A node of a simulation: what its peers have in common.
///
/// Made by ``Simulation/addNode(_:_:)``. Its listeners run under virtual time, one at a time for each peer; what they
/// do, such as ``SimPeer/queue(_:)``, happens at the virtual time of the call.
public final class SimNode {
    /// What a node is made with.
    public struct Settings {
        /// What its sessions go by.
        public var session: SessionConfiguration
        /// The network whose magic it speaks.
        public var network: Network = .regtest
        /// The limits of the messages it reads and sends.
        public var wire: WireLimits
        /// Its name to others.
        public var userAgent = UserAgent(bytes: Array("/PeerSim:1/".utf8))
        /// The limits of the host around its sessions.
        public var host = HostLimits()
        /// How long its listeners and answers take.
        public var pace = HostPace()
        /// The application's own messages.
        public var registry: MessageRegistry?
        /// How far its wall clock is off, in seconds. Only the time in `version` goes by it.
        public var wallClockOffset: Int64 = 0

        init(session: SessionConfiguration) {
            self.session = session
            wire = WireLimits(network: .regtest)
        }
    }

    /// What an application listens to.
    public struct Listeners {
        /// A message was delivered.
        public var onMessage: ((SimPeer, Message) -> Void)?
        /// An `addr` or `addrv2` was delivered too, of whose entries so many are within the peer's rate.
        public var onAddresses: ((SimPeer, Message, Int) -> Void)?
        /// The handshake is done.
        public var onHandshake: ((SimPeer) -> Void)?
        /// The peer has gone. The last call for it.
        public var onDisconnect: ((SimPeer, DisconnectReason) -> Void)?
        /// What became of a message that was queued; the number is what ``SimPeer/queue(_:)`` gave.
        public var onOutcome: ((SimPeer, Int, SendOutcome) -> Void)?
        /// Asked before each of our `version`, where the session's configuration says so: the height of the newest
        /// block.
        public var newestBlock: ((SimPeer) -> Int32)?
        /// Asked for each `version` of a peer, where the session's configuration says so: `nil` accepts it.
        public var refusal: ((SimPeer, VersionMessage) -> RejectCode?)?

        /// Nobody listens.
        public init() {}
    }

    /// Its name in traces.
    public let name: String
    /// What it was made with. The wall clock may be set while it runs.
    public var settings: Settings
    /// What its application listens to.
    public var listeners = Listeners()
    /// The peers it has, in the order in which they came.
    public internal(set) var peers: [SimPeer] = []

    let group: SessionGroup
    var random: SimulationRandom
    /// What its peers that have ended sent and received.
    var sentMessages = 0
    var receivedMessages = 0

    init(name: String, settings: Settings, random: SimulationRandom) {
        var random = random
        self.name = name
        self.settings = settings
        group = SessionGroup(configuration: settings.session, inventoryKey: (random.next(), random.next()))
        self.random = random
    }

    /// How many different items the tables of this node hold.
    public var inventoryItemCount: Int { group.inventoryItemCount }

    /// Sessions that are never closed, where the host is wrong on purpose.
    private var leaked: [PeerSession] = []

    func leakTableEntry(at now: VirtualTime) {
        var session = PeerSession(group: group, direction: .inbound, localNonce: 1, seed: 1, at: now.instant)
        let items = [InventoryVector.transaction(Hash256(word0: 1, word1: 2, word2: 3, word3: random.next()))]
        session.remember(items.span)
        leaked.append(session)
    }

    /// Announces an item to every peer but, where given, the one it came from.
    public func announce(_ item: InventoryVector, except origin: SimPeer? = nil) {
        for peer in peers where peer !== origin { peer.announce(item) }
    }
}
