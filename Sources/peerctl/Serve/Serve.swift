import ArgumentParser
import PeerKit

/// `peerctl serve`: a stand-in node.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs a stand-in node that peers can handshake with and download blocks from.",
        discussion: """
            Prints 'listening on ADDRESS:PORT' once its blocks are ready. Ends with a summary line on SIGINT or SIGTERM.

            Its chain is the network's genesis block, then the blocks of --blocks, then those of each --block-file. It \
            answers getheaders with their headers and getdata with blocks and transactions, as fast \
            as each peer reads, \
            and notfound for the rest. Made-up blocks link and have right merkle roots, but no proof of work and no \
            valid signatures. The same --network, --block-size and --seed give the same blocks.

            With --announce-rate it announces transactions that do not exist, with ids drawn from --seed, and answers \
            notfound to who asks for them. With --accept-blocks it takes the blocks of its peers, of any size, and \
            does not keep them.
            """)

    @OptionGroup var network: NetworkOption

    @OptionGroup var chain: ChainOptions

    @OptionGroup var traffic: TrafficOptions

    @Option(help: ArgumentHelp("Address to listen on; port 0 lets the system choose.", valueName: "host:port"))
    var listen = "127.0.0.1:0"

    @Option(help: "Inbound peers at once.")
    var maxPeers = 20_000

    @Option(help: "Inbound peers at once from one address; 0 means no limit.")
    var maxPeersPerIp = 0

    @Flag(help: "Events as JSON, one object a line.")
    var json = false

    @Flag(help: .hidden)
    var exitWithStdin = false

    func validate() throws {
        if maxPeers < 1 { throw ValidationError("--max-peers must be at least 1") }
        if maxPeersPerIp < 0 { throw ValidationError("--max-peers-per-ip must not be negative; 0 means no limit") }
    }

    func run() async throws {
        let end = Event()
        try Interruption.onFirst { end.happen() }
        if exitWithStdin { try StandardInput.onEnd { end.happen() } }
        try ServeSetup.raiseLimits(for: maxPeers)
        let served = try chain.makeChain(network.network) { end.hasHappened }

        var configuration = PeerConfiguration(network: network.network)
        // A stand-in serves whoever asks, however much.
        configuration.misbehaviour.isEnabled = false
        configuration.userAgent = UserAgent(name: "peerctl-serve", version: PeerKitVersion.current)
        configuration.maxInboundPeers = maxPeers
        configuration.maxInboundPeersPerAddress = maxPeersPerIp
        ChainServer(served).install(in: &configuration)
        let taker = traffic.acceptBlocks ? BlockTaker() : nil
        taker?.install(in: &configuration, chain: served)
        let node = try PeerNode(configuration)
        let server: PeerServer
        do {
            server = try await node.listen(on: listen)
        } catch let error as AddressError {
            throw CommandFailure.usage(
                "\(error); --listen takes a numeric address such as 127.0.0.1:\(network.network.defaultPort)")
        } catch {
            throw CommandFailure.failed("\(error)")
        }
        ServeReport(isJSON: json).listening(on: server.address, with: served)
        let announcing = traffic.announceRate > 0 ? Task { [self] in await announce(on: node) } : nil
        await end.wait()
        announcing?.cancel()
        server.stop()
        await node.shutdown(within: .seconds(5))
        ServeReport(isJSON: json).ended(node.statistics, blocksTaken: taker?.blockCount)
    }

    private func announce(on node: PeerNode) async {
        var announcer = TransactionAnnouncer(traffic, seed: chain.seed)
        await announcer.run(on: node)
    }
}

enum ServeSetup {
    /// Descriptors the process needs besides one for each peer: standard streams, epoll, wake-ups, listener, spare.
    static let otherDescriptors = 32

    static func raiseLimits(for peers: Int) throws {
        let limit: Int
        do {
            limit = try ProcessLimits.raiseDescriptorLimit()
        } catch {
            throw CommandFailure.failed("\(error)")
        }
        if limit < peers + otherDescriptors, limit < 1_024 {
            Output.error("note: only \(limit) descriptors are allowed (ulimit -n), so fewer than \(peers) peers fit")
        }
    }
}
