import PeerSession
import PeerWire

/// The random scenario: honest nodes with scripts, faults and adversaries, all drawn from the seed.
///
/// Each seed first draws which kinds of faults there are and how likely each is, so that different seeds explore
/// different corners: with everything on at once, most connections would die of the commonest fault.
final class Swarm {
    let simulation: Simulation
    let options: SimulationOptions
    let faults: Faults
    let world: World
    var random: SimulationRandom
    var applications: [HonestApplication] = []
    var adversaries: [Adversary] = []
    var isOver = false
    /// Whether everything that honest nodes tell each other must have come to all of them in the end.
    var expectsAgreement = true
    private let settings: SwarmSettings

    init(_ simulation: Simulation, _ options: SimulationOptions) {
        self.simulation = simulation
        self.options = options
        random = simulation.random.fork()
        faults = options.faults.drawn(&random).union(options.alwaysFaults)
        world = World(random: simulation.random.fork())
        settings = SwarmSettings(faults: faults, random: &random)
        simulation.expectsPeace = faults.isPeaceful
        simulation.losesInputOnReset = random.chance(perMille: 500)
        expectsAgreement =
            faults.isPeaceful && faults.isDisjoint(with: [.departures, .failedConnects, .versions]) && options.peers > 1
    }

    // MARK: Building

    func build() {
        for _ in 0..<random.number(in: 8...40) { world.extend(byteCount: settings.blockSize(&random)) }
        if faults.contains(.largeMessages) { world.extend(byteCount: settings.maxBlockSize - 100) }
        let fullNodes = max(1, options.peers / 3)
        for index in 0..<max(1, options.peers) {
            let node = simulation.addNode("node\(index)") { settings.apply(to: &$0, &random) }
            let application = HonestApplication(world: world, node: node, hasChain: index < fullNodes)
            if faults.contains(.questions) {
                let refusing = random.below(100)
                node.listeners.refusal = { peer, _ in peer.number % 100 == refusing ? .nonstandard : nil }
            }
            application.listen()
            applications.append(application)
        }
        for index in 1..<max(1, options.peers) {
            // Up to a few dozen nodes are a random tree with more edges; beyond that, one node has all the others.
            let target = options.peers > 32 ? 0 : random.below(index)
            simulation.connect(node(index), to: node(target), over: settings.link(&random))
        }
        guard options.peers <= 32, options.peers > 2 else { return }
        for _ in 0..<random.below(options.peers) { connectTwo() }
    }

    private func node(_ index: Int) -> SimNode { applications[index].node }

    private func connectTwo() {
        let from = random.below(applications.count)
        let to = random.below(applications.count)
        guard from != to else { return }
        simulation.connect(node(from), to: node(to), over: settings.link(&random))
    }

    func addAdversaries() {
        guard faults.contains(.adversaries), !options.adversaries.isEmpty else { return }
        for _ in 0..<random.number(in: 1...5) {
            let kind = options.adversaries[random.below(options.adversaries.count)]
            let victim = node(random.below(applications.count))
            // What an old node does not know it cannot be attacked with.
            guard victim.settings.session.protocolVersion >= .featureNegotiation else { continue }
            if kind == .bloomWithoutService, victim.settings.session.services.contains(.bloom) { continue }
            if victim.settings.pace.slowestAnswer < .seconds(1) { add(kind, against: victim) }
        }
    }

    func add(_ kind: AdversaryKind, against victim: SimNode) {
        var scale = AdversaryScale()
        if faults.contains(.fullFloods) { scale = AdversaryScale(repeats: 1_000, itemCount: 50_000, stormRounds: 4) }
        scale.block = world.blocks.max { $0.byteCount < $1.byteCount }?.hash()
        let profile = settings.calmLink(&random)
        let magic = victim.settings.network.magic
        if random.chance(perMille: 500) {
            let connection = simulation.addConnection(profile, target: .node(victim))
            let adversary = Adversary(
                kind, scale: scale, magic: magic, on: connection, end: 0, simulation: simulation, random: random.fork())
            simulation.endpoints[Int(adversary.id)] = adversary
            adversaries.append(adversary)
            simulation.dial(connection, patience: .seconds(30))
        } else {
            let random = random.fork()
            simulation.connect(victim, toEndpoint: profile) { [unowned self] connection in
                let adversary = Adversary(
                    kind, scale: scale, magic: magic, on: connection, end: 1, simulation: simulation, random: random)
                adversaries.append(adversary)
                return adversary
            }
        }
    }

    // MARK: Playing

    func scheduleNext() {
        let delay = random.duration(upTo: settings.pause)
        simulation.after(delay) { [unowned self] in
            if isOver { return }
            act()
            scheduleNext()
        }
    }

    private func act() {
        let application = applications[random.below(applications.count)]
        let peers = application.node.peers
        let peer = peers.isEmpty ? nil : peers[random.below(peers.count)]
        switch random.below(100) {
        case 0..<30: application.makeTransaction(byteCount: random.size(upTo: 2_000) + 80)
        case 30..<45: peer?.queue(.ping(nonce: random.next()))
        case 45..<55:
            peer?.queue(.unknown(Command(literal: "chatter"), WireBytes(world.randomBytes(random.size(upTo: 3_000)))))
        case 55..<62: peer?.queue(.custom(SimGreeting(text: world.randomBytes(random.below(300)))))
        case 62..<66: peer?.queue(.getAddr)
        case 66..<70: findBlock()
        case 70..<75: burst(peer)
        case 75..<80: if let peer { application.askForHeaders(peer) }
        case 80..<84: sendLarge(peer)
        case 84..<88: connectMore()
        case 88..<92: depart(peer)
        case 92..<95: breakSomething(peer)
        default: jump(application.node)
        }
    }

    private func findBlock() {
        guard world.height < 200 else { return }
        world.extend(byteCount: settings.blockSize(&random))
        applications[0].found(height: world.height)
    }

    private func burst(_ peer: SimPeer?) {
        guard let peer else { return }
        for _ in 0..<random.number(in: 10...80) {
            peer.queue(.unknown(Command(literal: "burst"), WireBytes(world.randomBytes(random.below(200)))))
        }
    }

    /// Both sides ask for a block of the largest size, and send it at the same time.
    private func sendLarge(_ peer: SimPeer?) {
        guard faults.contains(.largeMessages), let peer, let other = simulation.otherEnd(of: peer) else { return }
        guard let large = world.blocks.max(by: { $0.byteCount < $1.byteCount }) else { return }
        peer.queue(.getData([.block(large.hash())]))
        other.queue(.getData([.block(large.hash())]))
        for end in [peer, other] where random.chance(perMille: 500) {
            let size = random.number(in: 1...settings.maxOrdinaryPayload)
            end.queue(.unknown(Command(literal: "large"), WireBytes(world.randomBytes(size))))
        }
    }

    private func connectMore() {
        guard simulation.livePeerCount < 4 * options.peers, options.peers <= 32 else { return }
        if faults.contains(.departures), random.chance(perMille: 200) {
            let own = node(random.below(applications.count))
            simulation.connect(own, to: own, over: settings.calmLink(&random))
        } else if faults.contains(.departures) || faults.contains(.failedConnects), options.peers > 1 {
            connectTwo()
        }
    }

    private func depart(_ peer: SimPeer?) {
        guard faults.contains(.departures), random.chance(perMille: 300) else { return }
        if let peer, simulation.otherEnd(of: peer) != nil { peer.disconnect() }
    }

    private func breakSomething(_ peer: SimPeer?) {
        guard faults.contains(.resets), let peer, random.chance(perMille: 500) else { return }
        // An adversary is to meet its own end.
        guard simulation.otherEnd(of: peer) != nil else { return }
        simulation.breakConnection(peer.connection)
    }

    private func jump(_ node: SimNode) {
        guard faults.contains(.clockJumps) else { return }
        simulation.faultCounts.wallClockJumps += 1
        node.settings.wallClockOffset = Int64(random.number(in: -100_000_000...100_000_000))
    }
}
