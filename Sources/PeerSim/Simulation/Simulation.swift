import PeerSession
import PeerWire

/// A network of nodes under virtual time, from one seed.
///
/// Time moves from event to event and never waits, so an hour of a thousand idle peers takes seconds. All chance comes
/// from the seed: the same seed and the same calls give the same run, byte for byte.
///
/// ```swift
/// let simulation = Simulation(seed: 7)
/// let alice = simulation.addNode("alice")
/// let bob = simulation.addNode("bob")
/// bob.listeners.onMessage = { peer, message in
///     if case .getAddresses = message { peer.queue(.addresses([])) }
/// }
/// let peer = simulation.connect(alice, to: bob)
/// peer.queue(.getAddr)                       // held until the handshake is done
/// try simulation.run(for: .seconds(60))
/// let report = try simulation.finish()       // closes everything and checks that nothing is left
/// ```
///
/// After every event the invariants of ``Invariant`` are checked; the first that does not hold is thrown. A simulation
/// belongs to one thread.
public final class Simulation {
    /// The seed of the run.
    public let seed: UInt64
    /// For scenarios: the only source of chance they may draw from.
    public var random: SimulationRandom
    /// The command that replays this run, which failures quote; `nil` for a scenario built by hand.
    public internal(set) var command: String?
    /// Gets each line of the run's trace. Setting it costs time.
    public var onTrace: ((String) -> Void)?
    /// The wall clock in seconds since 1970, which scenarios may set as they like: only `version` goes by it.
    public var wallTime: Int64 { wallClockBase + now.nanoseconds / 1_000_000_000 }
    /// Turns the wall clock to this time.
    public func setWallTime(_ time: Int64) { wallClockBase = time - now.nanoseconds / 1_000_000_000 }

    /// The nodes added, in order.
    public private(set) var nodes: [SimNode] = []

    var now = VirtualTime.zero
    var events = EventQueue()
    var endpoints: [(any Endpoint)?] = []
    var connections: [SimConnection?] = []
    var networkRandom: SimulationRandom
    var ledger = SendLedger()
    var scratch: [UInt8] = []
    var failure: SimulationFailure?
    private var wallClockBase: Int64 = 1_700_000_000
    private var calls: [(() -> Void)?] = []
    private var freeCalls: [Int32] = []
    private var isFinished = false

    /// True while nothing is wrong on purpose, so that honest nodes have no reason to close on each other.
    var expectsPeace = false
    /// Whether a reset makes the receiver lose what it had not read.
    var losesInputOnReset = false

    var step = 0
    var livePeerCount = 0
    var handshakeCount = 0
    var sentMessageCount = 0
    var deliveredMessageCount = 0
    var announcedItemCount = 0
    var postponedCount = 0
    var connectionCount = 0
    var carriedByteCount: UInt64 = 0
    var faultCounts = FaultCounts()
    var reasons: [(reason: String, count: Int)] = []
    var notes: [String] = []

    package var sabotage: Sabotage?
    private var sabotageRandom = SimulationRandom(seed: 0)

    /// A network without nodes, at time zero.
    public init(seed: UInt64) {
        self.seed = seed
        random = SimulationRandom(seed: seed)
        networkRandom = random.fork()
        sabotageRandom = SimulationRandom(seed: seed ^ 0x5eed)
    }

    /// The virtual time.
    public var instant: ContinuousClock.Instant { now.instant }
    /// How much virtual time has passed.
    public var elapsed: Duration { now.elapsed }

    // MARK: Building

    /// Adds a node. `configure` may change what it is made with.
    public func addNode(_ name: String, _ configure: (inout SimNode.Settings) -> Void = { _ in }) -> SimNode {
        let key = ConnectionNonce.Key(random.next(), random.next())
        var settings = SimNode.Settings(session: SessionConfiguration(nonceKey: key))
        configure(&settings)
        let node = SimNode(name: name, settings: settings, random: random.fork())
        nodes.append(node)
        return node
    }

    /// Dials `target` from `node`. The peer returned is the dialler's end; the other appears at `target` once the
    /// connection is up. A node may dial itself.
    @discardableResult
    public func connect(_ node: SimNode, to target: SimNode, over profile: LinkProfile = .calm) -> SimPeer {
        let connection = addConnection(profile, target: .node(target))
        let peer = SimPeer(
            id: connection.ends[0], simulation: self, node: node, connection: connection, end: 0, direction: .outbound)
        endpoints[Int(peer.id)] = peer
        dial(connection, patience: node.settings.host.connectTimeout)
        return peer
    }

    /// Calls `body` after some virtual time.
    public func after(_ delay: Duration, _ body: @escaping () -> Void) {
        let place: Int32
        if let free = freeCalls.popLast() {
            place = free
            calls[Int(place)] = body
        } else {
            place = Int32(calls.count)
            calls.append(body)
        }
        events.schedule(.call, of: place, at: now + delay)
    }

    // MARK: Running

    /// Lets virtual time pass.
    ///
    /// - Throws: the first invariant that does not hold.
    public func run(for duration: Duration) throws(SimulationFailure) {
        try run(until: now + duration, steps: .max)
    }

    /// Lets time pass until `end`, or so many events more have happened.
    func run(until end: VirtualTime, steps: Int) throws(SimulationFailure) {
        let lastStep = steps == .max ? .max : step + steps
        while step < lastStep, let event = events.next(before: end) {
            step += 1
            now = max(now, event.time)
            happen(event)
            if let failure { throw failure }
        }
        if step < lastStep { now = max(now, end) }
    }

    private func happen(_ event: ScheduledEvent) {
        switch event.kind {
        case .arrival: arrive(event.target, direction: Int(event.detail))
        case .connectEnds: endConnecting(event.target)
        case .call:
            let body = calls[Int(event.target)]
            calls[Int(event.target)] = nil
            freeCalls.append(event.target)
            body?()
        case .read, .timer, .audit, .work, .answer, .drainEnds, .move:
            endpoints[Int(event.target)]?.take(event)
        }
    }

    // MARK: Failing and telling

    func fail(_ invariant: Invariant, _ detail: @autoclosure () -> String) {
        guard failure == nil else { return }
        let failure = SimulationFailure(
            invariant: invariant, detail: detail(), step: step, time: elapsed, seed: seed, command: command)
        self.failure = failure
        trace { "failed: \(failure.detail)" }
    }

    func trace(_ line: () -> String) {
        guard let onTrace else { return }
        onTrace("\(step) \(elapsed.secondsText) \(line())")
    }

    /// True now and then while this is broken on purpose.
    func isSabotaged(_ kind: Sabotage) -> Bool {
        guard let sabotage, sabotage == kind else { return false }
        return sabotageRandom.chance(perMille: 200)
    }

    func count(_ reason: DisconnectReason) {
        let text = reason.reportName
        if let index = reasons.firstIndex(where: { $0.reason == text }) {
            reasons[index].count += 1
        } else {
            reasons.append((text, 1))
        }
    }
}

// MARK: - Dialling

extension Simulation {
    /// Who is dialled.
    enum Target {
        case node(SimNode)
        case endpoint((SimConnection) -> any Endpoint)
    }

    /// A connection whose ends have their numbers; the dialled one gets its endpoint when it accepts.
    func addConnection(_ profile: LinkProfile, target: Target) -> SimConnection {
        let first = Int32(endpoints.count)
        endpoints.append(nil)
        endpoints.append(nil)
        let connection = SimConnection(
            id: Int32(connections.count), profile: profile, ends: [first, first + 1], target: target)
        connections.append(connection)
        connectionCount += 1
        return connection
    }

    func dial(_ connection: SimConnection, patience: Duration) {
        let delay: Duration
        switch connection.profile.connecting {
        case .succeeds, .isRefused: delay = connection.profile.latency * 2
        case .timesOut: delay = patience
        }
        events.schedule(.connectEnds, of: connection.id, at: now + delay)
    }

    private func endConnecting(_ id: Int32) {
        guard let connection = connections[Int(id)] else { return }
        let dialler = endpoints[Int(connection.ends[0])]
        guard !connection.isGone[0] else {
            connections[Int(id)] = nil
            return
        }
        switch connection.profile.connecting {
        case .succeeds:
            connection.isUp = true
            let accepted: any Endpoint
            switch connection.target {
            case .node(let node):
                accepted = SimPeer(
                    id: connection.ends[1], simulation: self, node: node, connection: connection, end: 1,
                    direction: .inbound)
            case .endpoint(let make): accepted = make(connection)
            }
            endpoints[Int(connection.ends[1])] = accepted
            accepted.connected()
            dialler?.connected()
        case .isRefused:
            faultCounts.refusedConnects += 1
            connection.isGone[1] = true
            dialler?.connectFailed(timedOut: false)
        case .timesOut:
            faultCounts.timedOutConnects += 1
            connection.isGone[1] = true
            dialler?.connectFailed(timedOut: true)
        }
    }
}
