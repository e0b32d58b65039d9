import PeerSession
import PeerWire

extension Simulation {
    /// Plays the random scenario of a seed, from its beginning to its end.
    ///
    /// - Throws: the first invariant that does not hold.
    public static func run(
        _ options: SimulationOptions, onTrace: ((String) -> Void)? = nil
    ) throws(SimulationFailure) -> SimulationReport {
        try run(options, sabotage: nil, onTrace: onTrace)
    }

    package static func run(
        _ options: SimulationOptions, sabotage: Sabotage?, onTrace: ((String) -> Void)? = nil
    ) throws(SimulationFailure) -> SimulationReport {
        let simulation = Simulation(seed: options.seed)
        simulation.command = options.command
        simulation.onTrace = onTrace
        simulation.sabotage = sabotage
        // Peers hold the simulation, which holds them until they end.
        defer { simulation.endpoints.removeAll() }
        if let byteCount = options.crossingByteCount {
            return try Crossing(simulation, byteCount: byteCount).run()
        }
        return try Swarm(simulation, options).run()
    }

    /// The other end of a peer's connection, when that is a peer, too, and there.
    func otherEnd(of peer: SimPeer) -> SimPeer? {
        endpoints[Int(peer.connection.ends[1 - peer.end])] as? SimPeer
    }

    /// Dials something that is no node.
    func connect(
        _ node: SimNode, toEndpoint profile: LinkProfile, _ make: @escaping (SimConnection) -> any Endpoint
    ) {
        let connection = addConnection(profile, target: .endpoint(make))
        let peer = SimPeer(
            id: connection.ends[0], simulation: self, node: node, connection: connection, end: 0, direction: .outbound)
        endpoints[Int(peer.id)] = peer
        dial(connection, patience: node.settings.host.connectTimeout)
    }
}

extension Swarm {
    func run() throws(SimulationFailure) -> SimulationReport {
        build()
        addAdversaries()
        scheduleNext()
        // A scenario in which little happens must end, too.
        try simulation.run(until: simulation.now + .seconds(600), steps: options.steps)
        isOver = true
        simulation.trace { "the scripts are over" }
        try simulation.run(for: options.calmDuration)
        checkAdversaries()
        checkAgreement()
        if let failure = simulation.failure { throw failure }
        note()
        for adversary in adversaries { adversary.give() }
        return try simulation.finish()
    }

    private func note() {
        simulation.notes.append("fault classes: \(faults.rawValue)")
        let kinds = adversaries.map(\.kind.rawValue).joined(separator: " ")
        if !kinds.isEmpty { simulation.notes.append("adversaries: \(kinds)") }
        simulation.notes.append("chain of \(world.height), nodes have " + heights)
    }

    private var heights: String {
        if applications.count > 32 { return "up to \(applications.map(\.height).max() ?? 0)" }
        return applications.map { "\($0.height)" }.joined(separator: " ")
    }

    /// A ping, and its pong that never comes: nothing else may take as long.
    private static let longestPatience = Duration.seconds(2 * 60 + 20 * 60 + 60)

    private func checkAdversaries() {
        for adversary in adversaries {
            guard let victim = adversary.victim, simulation.failure == nil else { continue }
            let reason = victim.disconnectReason
            // What the application or a question ended says nothing.
            if reason == .requested { continue }
            if case .versionRefused = reason { continue }
            let text = reason.map { "\($0)" } ?? "nothing"
            switch adversary.kind.expectation {
            case .closed(let isExpected):
                // A node whose listeners are busy has not listened to it for as long as a pong may take.
                if reason == nil, victim.books.deadlines.listened(at: simulation.now) < Self.longestPatience {
                    continue
                }
                if !(reason.map(isExpected) ?? false) {
                    simulation.fail(.adversaryAnswered, "\(adversary.kind) met with: \(text)")
                }
                checkGoodbye(adversary)
            case .tolerated:
                // So many requests that they do not fit is what a small cap is for.
                if reason == .repliesUnread, faults.contains(.smallLimits) { continue }
                if reason != nil { simulation.fail(.adversaryAnswered, "\(adversary.kind) met with: \(text)") }
            case .toleratedOrJudged:
                if case .misbehaved = reason { continue }
                if reason != nil { simulation.fail(.adversaryAnswered, "\(adversary.kind) met with: \(text)") }
            }
        }
    }

    /// The reject must have been read, and not lost to a reset.
    private func checkGoodbye(_ adversary: Adversary) {
        guard let command = adversary.kind.rejectedCommand, let victim = adversary.victim else { return }
        guard victim.protocolVersion >= .reject, adversary.sawReject != command else { return }
        simulation.fail(.adversaryAnswered, "\(adversary.kind) has seen no reject of \(command)")
    }

    /// Without faults, everybody has what everybody else has.
    private func checkAgreement() {
        guard expectsAgreement, simulation.failure == nil else { return }
        let most = applications.map(\.transactionIDs.count).max() ?? 0
        for application in applications {
            if application.height < world.height {
                simulation.fail(
                    .progress, "\(application.node.name) has \(application.height) of \(world.height) blocks")
            }
            if application.transactionIDs.count < most {
                simulation.fail(
                    .progress,
                    "\(application.node.name) has \(application.transactionIDs.count) of \(most) transactions")
            }
        }
    }
}
