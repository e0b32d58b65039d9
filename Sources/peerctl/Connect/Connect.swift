import ArgumentParser
import Glibc
import PeerKit
import PeerLoop

/// `peerctl connect`: handshakes with a node and shows what it says.
struct Connect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Connects to a node and shows its messages, one a line.",
        discussion: """
            Prints what the node says of itself, then each message after its 'version', until \
            Ctrl-C or what --count or \
            --duration ask for. Exit code 1 when the node cannot be reached or leaves first.
            """)

    @Argument(help: ArgumentHelp("The node; the network's port when it is left out.", valueName: "host:port"))
    var target: String

    @OptionGroup var network: NetworkOption

    @Option(help: "Ends after this many messages; 'version' and 'verack' do not count.")
    var count: Int?

    @Option(help: ArgumentHelp("Ends this long after the handshake.", valueName: "seconds"))
    var duration: Double?

    @Option(help: ArgumentHelp("How long connecting and the handshake may take together.", valueName: "seconds"))
    var timeout = 10.0

    @Flag(help: "JSON, one object a line; messages as 'peerctl decode' shows them.")
    var json = false

    /// Beyond three years a number of seconds is a slip of the hand.
    private static let maxSeconds = 1e8

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count must be at least 1") }
        for (name, seconds) in [("--duration", duration ?? 1), ("--timeout", timeout)] {
            // Written so that a number that is none fails, too.
            guard seconds > 0, seconds <= Self.maxSeconds else {
                throw ValidationError("\(name) must be more than 0 seconds and at most \(Int(Self.maxSeconds))")
            }
        }
    }

    func run() async throws {
        try checkTarget()
        let session = ConnectSession(limit: count, report: try ConnectReport(isJSON: json))
        try Interruption.onFirst { session.interrupt() }
        let node = try makeNode(for: session)
        dial(node, session)
        switch await session.start.wait() {
        case .established: break
        case .interrupted: throw CommandFailure.interrupted
        case .failed(let failure): throw failure
        }
        if let duration { Self.after(.seconds(duration)) { session.finish(.duration) } }
        let end = await session.end.wait()
        await report(end, of: session)
        await node.shutdown(within: .seconds(1))
        if let failure = end.commandFailure(target: target) { throw failure }
    }

    /// A listener may be stuck in writing to somebody who does not read: that must not keep the command from ending.
    private func report(_ end: ConnectEnd, of session: ConnectSession) async {
        let done = Event()
        // On a thread of its own, which may be stuck with it.
        guard let writer = try? WorkerPool(workers: 1, name: "report") else { return session.reportEnd(end) }
        Task.detached {
            await writer.run { session.reportEnd(end) }
            done.happen()
        }
        // Where somebody reads, only the machine is slow.
        Self.after(.seconds(1)) { if !Self.isOutputRead { done.happen() } }
        Self.after(.seconds(10)) { done.happen() }
        await done.wait()
    }

    private static var isOutputRead: Bool {
        var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        return poll(&output, 1, 0) == 1 && output.revents & Int16(POLLOUT) != 0
    }

    private func checkTarget() throws(CommandFailure) {
        do throws(AddressError) {
            let parts = try HostAndPort(target, defaultPort: network.network.defaultPort)
            if parts.port == 0 { throw AddressError.malformed(target) }
        } catch {
            throw .usage("\(error)")
        }
    }

    private func makeNode(for session: ConnectSession) throws -> PeerNode {
        var configuration = PeerConfiguration(network: network.network)
        configuration.userAgent = UserAgent(name: "peerctl-connect", version: PeerKitVersion.current)
        // A console serves nothing.
        configuration.services = [.bitcoinCash]
        configuration.connectTimeout = .seconds(timeout)
        configuration.handshakeTimeout = .seconds(timeout)
        configuration.goodbyeTimeout = .milliseconds(500)
        configuration.listeners.onMessage = { session.received($1, from: $0) }
        configuration.listeners.onHandshake = { session.handshaken($0) }
        configuration.listeners.onDisconnect = { session.left($0, $1) }
        return try PeerNode(configuration)
    }

    /// Each address of the host is tried, and resolving it takes its time, too: so all of it has one deadline. That
    /// leaves a little more, because the node's own time limits say better what was waited for.
    private func dial(_ node: PeerNode, _ session: ConnectSession) {
        let seconds = timeout == timeout.rounded() ? "\(Int(timeout))" : "\(timeout)"
        let dialling = (target: target, network: network.network, seconds: seconds)
        Task.detached {
            do {
                _ = try await node.connect(to: dialling.target)
            } catch {
                session.start.settle(
                    .failed(ConnectFailure.make(error, dialling.target, dialling.network, dialling.seconds)))
            }
        }
        Self.after(.seconds(timeout) + .milliseconds(250)) {
            session.start.settle(
                .failed(.failed("cannot connect to \(dialling.target): no handshake within \(dialling.seconds) s")))
        }
    }

    private static func after(_ duration: Duration, _ body: @escaping @Sendable () -> Void) {
        Task.detached {
            try await Task.sleep(for: duration)
            body()
        }
    }
}

/// Why there is no handshake, in a line that says what to do where something can be done.
enum ConnectFailure {
    private static func otherSpeech(_ network: Network) -> String {
        "it does not speak on \(network); --network names another network"
    }

    static func make(
        _ error: any Error, _ target: String, _ network: Network, _ timeout: String
    ) -> CommandFailure {
        guard case NodeError.connectFailed(let address, let reason) = error else { return .failed("\(error)") }
        let text = "cannot connect to \(address): "
        return switch reason {
        case .connectFailed(let errno): .failed(text + SystemText.message(errno))
        case .connectTimedOut: .failed(text + "no answer within \(timeout) s")
        case .handshakeTimedOut: .failed(text + "connected, but no handshake within \(timeout) s")
        case .refusedFrame(.wrongMagic, _): .failed(text + otherSpeech(network))
        // What is no header at all may begin with any length.
        case .refusedFrame(.payloadTooLong, let command) where MessageKind(command) == nil:
            .failed(text + otherSpeech(network))
        case .remoteClosed, .remoteReset:
            .failed(text + "\(reason) before the handshake was done (--network \(network))")
        default: .failed(text + "\(reason)")
        }
    }
}
