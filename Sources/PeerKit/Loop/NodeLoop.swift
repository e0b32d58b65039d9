package import PeerLoop
internal import PeerSession
internal import PeerWire
internal import Synchronization

/// What a node keeps on its event loop: its peers, and what they share while a tick runs.
package final class NodeLoop {
    let core: NodeCore
    package unowned let loop: EventLoop
    /// By ``Peer/slot``.
    private var peers: [PeerConnection?] = []
    private var freeSlots: [Int] = []
    private var inboundCount = 0
    private var inboundByAddress: [SocketAddress: Int] = [:]
    private var random = SystemRandomNumberGenerator()
    private var actions = ActionList()
    /// Nothing is connected or listened on from then on.
    private(set) var isShuttingDown = false
    private var isCutShort = false
    var readyLanes: [any WorkerPool.Work] = []
    /// Large frames to be hashed and decoded.
    var readyFrames: [any WorkerPool.Work] = []
    var receivedBytes: UInt64 = 0
    var receivedMessages: UInt64 = 0
    var sentBytes: UInt64 = 0
    var sharedInventory = SharedInventory()
    var userAgents = SharedUserAgents()
    var receivingMemory: MemoryTally
    var laneMemory: MemoryTally
    var sendingMemory: MemoryTally
    var departedLanes = DepartedLanes()
    /// The host's own text for the `reject` that is being made.
    var rejectionText = ""
    let frames: FixedFrames
    /// What the sessions of this loop share.
    let group: SessionGroup

    init(core: NodeCore, loop: EventLoop) throws {
        self.core = core
        self.loop = loop
        let budgets = core.configuration.memoryBudgets
        receivingMemory = MemoryTally(budget: budgets.receivingByteCount)
        laneMemory = MemoryTally(budget: budgets.laneByteCount)
        sendingMemory = MemoryTally(budget: budgets.sendingByteCount)
        frames = try FixedFrames(core)
        group = SessionGroup(configuration: core.session, inventoryKey: (random.next(), random.next()))
    }

    /// Joins the loop: commands in, lanes and totals out once a tick.
    static func install(_ core: NodeCore, on loop: EventLoop) throws {
        let node = try NodeLoop(core: core, loop: loop)
        loop.attach(core.mailbox) { _, commands in
            for command in commands { node.carryOut(command) }
        }
        loop.atTickEnd { _ in node.endTick() }
    }

    /// An empty list for the actions of one event. What an event brings about may be another event, which then gets a
    /// list of its own.
    func takeActionList() -> ActionList {
        var list = ActionList()
        swap(&list, &actions)
        return list
    }

    /// Takes a list back, for the sake of its memory.
    func giveBack(_ list: inout ActionList) {
        list.removeAll()
        swap(&list, &actions)
    }

    private func endTick() {
        sharedInventory.forget()
        keepWithinBudgets()
        core.counters.receivedBytes.store(receivedBytes, ordering: .relaxed)
        core.counters.receivedMessages.store(receivedMessages, ordering: .relaxed)
        core.counters.sentBytes.store(sentBytes, ordering: .relaxed)
        // After that, so that a listener finds its message counted.
        if !readyLanes.isEmpty { core.pool.schedule(&readyLanes) }
        if !readyFrames.isEmpty { core.decoders.schedule(&readyFrames) }
    }

    private func carryOut(_ command: NodeCommand) {
        switch command {
        case .send(let peer, let frame, let completion):
            if let connection = connection(of: peer) {
                connection.send(frame, completion: completion)
                connection.noteQueued(loop.now)
            } else {
                completion?(.failure(.disconnected))
            }
        case .request(let peer, let facts, let frame, let completion):
            if let connection = connection(of: peer) {
                connection.request(facts, frame, completion: completion)
            } else {
                completion?(.failure(.disconnected))
            }
        case .hold(let peer, let message, let reservedBytes, let completion):
            if let connection = connection(of: peer) {
                connection.hold(.init(message: message, reservedBytes: reservedBytes, completion: completion))
            } else {
                completion?(.failure(.disconnected))
            }
        case .announce(let peer, let items):
            connection(of: peer)?.announce(items, at: loop.now)
        case .disconnect(let peer):
            guard let connection = connection(of: peer) else { return }
            connection.handle(.disconnectRequested, at: loop.now)
            endUnattached(connection)
        case .resume(let peer):
            connection(of: peer)?.resumeReading()
            connection(of: peer)?.settle(loop.now)
        case .worked(let peer, let frame, let outcome):
            connection(of: peer)?.take(outcome, of: frame, at: loop.now)
        case .answer(let peer, let answer):
            connection(of: peer)?.take(answer, at: loop.now)
        case .hear(let peer):
            connection(of: peer)?.updateHeardKinds()
        case .perform(let body):
            body(self)
        }
    }

    func connection(of peer: Peer) -> PeerConnection? {
        let slot = peer.slot
        guard peers.indices.contains(slot), let connection = peers[slot], connection.peer === peer else { return nil }
        return connection
    }

    func forEachConnection(_ body: (PeerConnection) -> Void) {
        for connection in peers { if let connection { body(connection) } }
    }
}

// MARK: - Peers

extension NodeLoop {
    private func makePeer(_ address: SocketAddress, _ direction: Peer.Direction) -> PeerConnection {
        take(Peer(id: core.nextPeerID(), address: address, direction: direction, core: core))
    }

    /// Makes what the loop owns of a peer.
    func take(_ peer: Peer) -> PeerConnection {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slot = peers.count
            peers.append(nil)
        }
        peer.place.store(slot, ordering: .relaxed)
        let direction = peer.direction
        let bits: UInt64 = random.next()
        let session = PeerSession(
            group: group, direction: direction == .inbound ? .inbound : .outbound,
            localNonce: direction == .outbound
                ? core.session.nonceKey.makeNonce(random: UInt32(truncatingIfNeeded: bits)) : max(1, random.next()),
            seed: random.next(), at: loop.now)
        let connection = PeerConnection(node: self, peer: peer, session: session)
        peers[slot] = connection
        return connection
    }

    /// Dials. `onOutcome` hears of the handshake once; `observer` sees everything, on the loop.
    @discardableResult
    package func connect(
        to address: SocketAddress, from source: SocketAddress? = nil, observer: (any LoopObserver)? = nil,
        onOutcome: (@Sendable (Result<Peer, DisconnectReason>) -> Void)? = nil
    ) -> PeerConnection {
        let connection = makePeer(address, .outbound)
        connection.observer = observer
        connection.onOutcome = onOutcome
        do throws(SystemError) {
            connection.connection = try loop.connect(
                to: address, from: source, within: core.configuration.connectTimeout, handler: connection)
        } catch {
            connection.failToConnect(error)
        }
        return connection
    }

    func established() {
        core.counters.connectedPeers.wrappingAdd(1, ordering: .relaxed)
        core.counters.handshakes.wrappingAdd(1, ordering: .relaxed)
    }

    func forget(_ connection: PeerConnection, wasEstablished: Bool) {
        let peer = connection.peer
        peers[peer.slot] = nil
        freeSlots.append(peer.slot)
        if wasEstablished { core.counters.connectedPeers.wrappingSubtract(1, ordering: .relaxed) }
        guard peer.direction == .inbound else { return }
        inboundCount -= 1
        let host = peer.address.hostOnly
        if let count = inboundByAddress[host] { inboundByAddress[host] = count > 1 ? count - 1 : nil }
    }

    /// Tells every peer goodbye, and ends those that do not go within `limit`.
    func shutDown(within limit: Duration) {
        isShuttingDown = true
        forEachConnection { connection in
            connection.handle(.transportClosed(.shutDown), at: loop.now)
            endUnattached(connection)
        }
        loop.shutdown(within: isCutShort ? .zero : limit)
    }

    /// Ends whatever a shutdown, under way or to come, would still wait for.
    func cutShutdownShort() {
        isCutShort = true
        if isShuttingDown { loop.forEachConnection { $0.close() } }
    }
}

/// The messages that are the same for every peer, encoded once.
struct FixedFrames {
    let verack: [UInt8]
    let xVerack: [UInt8]
    let sendAddressesV2: [UInt8]
    let extendedVersion: [UInt8]

    init(_ core: NodeCore) throws(EncodeError) {
        let limits = core.limits
        verack = try Message.verack.frame(magic: core.magic)
        xVerack = try Message.xVerack.frame(magic: core.magic)
        sendAddressesV2 = try Message.sendAddressesV2.frame(magic: core.magic)
        extendedVersion = try Message.extendedVersion(core.configuration.extendedVersion)
            .frame(magic: core.magic, limits: limits)
    }
}

// MARK: - Accepting

extension NodeLoop: AcceptHandler {
    package func accept(from address: SocketAddress, on loop: EventLoop) -> (any ConnectionHandler)? {
        guard admits(address) else { return nil }
        countInbound(address)
        return makePeer(address, .inbound)
    }

    /// Whether another inbound peer is within the limits; one that is not counts as refused.
    func admits(_ address: SocketAddress) -> Bool {
        let configuration = core.configuration
        let perAddress = configuration.maxInboundPeersPerAddress
        let fromHost = perAddress > 0 ? inboundByAddress[address.hostOnly, default: 0] : 0
        let isFull = configuration.maxInboundPeers > 0 && inboundCount >= configuration.maxInboundPeers
        let isCrowded = perAddress > 0 && fromHost >= perAddress
        if isFull || isCrowded { core.counters.refusedPeers.wrappingAdd(1, ordering: .relaxed) }
        return !isFull && !isCrowded
    }

    func countInbound(_ address: SocketAddress) {
        inboundCount += 1
        let host = address.hostOnly
        // Those of which no address is known have none in common.
        if core.configuration.maxInboundPeersPerAddress > 0, host != .unspecified {
            inboundByAddress[host, default: 0] += 1
        }
    }

    package func discard(_ handler: any ConnectionHandler, _ error: SystemError, on loop: EventLoop) {
        (handler as? PeerConnection)?.failToConnect(error)
    }

    package func acceptFailed(_ error: SystemError, on loop: EventLoop) {
        core.counters.refusedPeers.wrappingAdd(1, ordering: .relaxed)
    }
}
