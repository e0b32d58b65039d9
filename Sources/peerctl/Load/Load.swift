import ArgumentParser
import PeerKit
import PeerLoop

/// `peerctl load`: load-tests a node.
struct Load: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load-tests a node with many peers.",
        discussion: """
            Without --target it starts a stand-in node of its own, a child process that ends with it. With --target \
            it tests any node. Prints a table; --json writes the same figures, described in docs/load-report.md. \
            Exits with 1 when no peer got through, every peer was lost, or no operation was completed.
            """)

    @Option(help: ArgumentHelp("The node to test; without it, a stand-in node of our own.", valueName: "host:port"))
    var target: String?

    @OptionGroup var network: NetworkOption

    @Option(help: "Peers to connect.")
    var peers = 1_000

    @Option(help: "connect, hold, ping, inv or blocks.")
    var scenario = LoadScenario.ping

    @Option(help: ArgumentHelp("How long the steady phase lasts.", valueName: "seconds"))
    var duration = 10.0

    @Option(help: "Operations in flight on each peer.")
    var window: Int?

    @Option(help: "Connects and handshakes under way at once.")
    var concurrency = 128

    @Option(help: "Spread connections over this many source addresses, 127.0.1.1 and up.")
    var sourceIps = 0

    @Option(help: "Inventory items in one batch of the inv scenario.")
    var batch = 100

    @Option(help: ArgumentHelp("How long a connect, and then a handshake, may take.", valueName: "seconds"))
    var timeout = 10.0

    @Option(help: "Blocks of the stand-in node's chain, for the blocks scenario.")
    var blocks = 16

    @Option(help: ArgumentHelp("Size of each of those blocks.", valueName: "bytes"))
    var blockSize = 1_000_000

    @Option(help: ArgumentHelp("Write the report as JSON to a file, or to stdout with '-'.", valueName: "path|-"))
    var json: String?

    func validate() throws {
        let counts = [
            ("--peers", peers), ("--window", window ?? 1), ("--concurrency", concurrency), ("--batch", batch),
            ("--blocks", blocks),
        ]
        for (name, value) in counts where value < 1 { throw ValidationError("\(name) must be at least 1") }
        if peers > 1_000_000 { throw ValidationError("--peers must be at most 1000000") }
        if window ?? 1 > 10_000 { throw ValidationError("--window must be at most 10000") }
        if batch > 50_000 { throw ValidationError("--batch must be at most 50000, the most one inv may carry") }
        if !(duration > 0 && duration <= 86_400) {
            throw ValidationError("--duration must be over 0 and at most 86400")
        }
        if !(timeout > 0 && timeout <= 600) { throw ValidationError("--timeout must be over 0 and at most 600") }
        if json?.isEmpty == true { throw ValidationError("--json needs a path, or '-' for stdout") }
        if sourceIps < 0 || sourceIps > LoadPlan.maxSourceAddresses {
            throw ValidationError("--source-ips must be 0 to \(LoadPlan.maxSourceAddresses)")
        }
    }

    func run() async throws {
        let interruption = Event()
        let stop = LoadStop()
        try Interruption.onFirst {
            interruption.happen()
            stop.request("interrupted")
        }
        try checkDescriptors()
        let standIn = try target == nil ? StandInTarget.start(serveArguments) { interruption.hasHappened } : nil
        let result: LoadResult
        do {
            result = try await test(address: try await targetAddress(standIn), standIn: standIn, stop: stop)
        } catch {
            _ = standIn?.stop()
            throw error
        }
        let childEnd = standIn?.stop()
        if interruption.hasHappened, result.handshaken == 0 { throw CommandFailure.interrupted }
        try report(result, address: standIn?.address.description ?? target ?? "")
        if interruption.hasHappened { throw CommandFailure.interrupted }
        if let childEnd { throw CommandFailure.failed("the stand-in node did not end in order: \(childEnd)") }
        if let trouble = result.trouble, result.handshaken > 0 { throw CommandFailure.failed(trouble) }
    }

    private var serveArguments: [String] {
        var arguments = ["--network", network.network.rawValue, "--max-peers", String(peers), "--exit-with-stdin"]
        if scenario == .blocks {
            arguments += ["--blocks", String(blocks), "--block-size", String(blockSize)]
        }
        return arguments
    }

    private func checkDescriptors() throws {
        let limit = try ProcessLimits.raiseDescriptorLimit()
        if peers + ServeSetup.otherDescriptors > limit {
            throw CommandFailure.usage(
                "\(peers) peers need more than the \(limit) descriptors this process may open; "
                    + "raise 'ulimit -n' or lower --peers"
            )
        }
    }

    private func targetAddress(_ standIn: StandInTarget?) async throws -> SocketAddress {
        if let standIn { return standIn.address }
        do {
            let host = try HostAndPort(target ?? "", defaultPort: network.network.defaultPort)
            // The first address is tested: a load spread over several would measure none of them.
            guard let address = try SocketAddress.resolve(host).first else {
                throw AddressError.unresolvable(host: host.host, reason: "no address")
            }
            if address.port == 0 { throw CommandFailure.usage("--target needs a port other than 0") }
            if sourceIps > 0, address.family == .ipv6 {
                throw CommandFailure.usage("--source-ips are IPv4 addresses; \(address) needs IPv6 ones")
            }
            return address
        } catch let error as AddressError {
            if case .malformed = error { throw CommandFailure.usage("\(error)") }
            throw CommandFailure.failed("\(error)")
        }
    }

    private func test(
        address: SocketAddress, standIn: StandInTarget?, stop: LoadStop
    ) async throws -> LoadResult {
        let plan = LoadPlan(
            scenario: scenario, target: address, network: network.network, peers: peers, duration: duration,
            window: window ?? scenario.defaultWindow, concurrency: min(concurrency, peers), sourceAddresses: sourceIps,
            timeout: timeout, batch: batch)
        var configuration = PeerConfiguration(network: plan.network)
        configuration.userAgent = UserAgent(name: "peerctl-load", version: PeerKitVersion.current)
        configuration.services = []
        configuration.connectTimeout = .seconds(timeout)
        configuration.handshakeTimeout = .seconds(timeout)
        configuration.workers = 1
        let node = try PeerNode(configuration)
        let probe = standIn.map { UsageProbe(pid: $0.pid) }
        let control = LoadControl { probe?.read($0) }
        stop.attach(control)
        node.onLoop { loop in LoadDriver(plan, node: loop, control: control).start() }
        let progress = LoadProgressLine(plan: plan, control: control) { standIn?.earlyEnd() }
        async let shown: Void = progress.run()
        var result = await control.waitForResult()
        await shown
        // Nobody is owed a goodbye by a load test, least of all a target that never answered.
        await node.shutdown(within: .milliseconds(200))
        result.target = probe?.usage
        result.ownCPUSeconds = ProcessUsage.ownCPUSeconds
        return result
    }

    private func report(_ result: LoadResult, address: String) throws {
        let report = LoadReport(
            scenario: scenario, network: network.network, target: address, isStandIn: target == nil, peers: peers,
            window: window ?? scenario.defaultWindow, result: result)
        if result.handshaken == 0 {
            if let json { try report.write(to: json) }
            throw CommandFailure.failed("no peer got through to \(address): \(report.failureText)")
        }
        if json != "-" { try Output.result(report.table) }
        if let json { try report.write(to: json) }
    }
}

extension LoadScenario {
    var defaultWindow: Int {
        switch self {
        case .connect, .hold: 1
        case .ping: 16
        case .inv: 4
        case .blocks: 2
        }
    }
}
