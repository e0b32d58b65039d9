import PeerKit
import PeerLoop
import Testing

/// What a node's listeners were told.
struct Heard: Sendable, CustomStringConvertible {
    enum Event: Sendable, Equatable {
        case message(Message)
        case handshake
        case writable
        case disconnected(DisconnectReason)
    }

    let peer: Peer
    let event: Event

    var description: String {
        switch event {
        case .message(let message): "\(peer.id): \(message.command)"
        case .handshake: "\(peer.id): handshake"
        case .writable: "\(peer.id): writable"
        case .disconnected(let reason): "\(peer.id): \(reason)"
        }
    }

    var reason: DisconnectReason? {
        if case .disconnected(let reason) = event { reason } else { nil }
    }

    var message: Message? {
        if case .message(let message) = event { message } else { nil }
    }
}

extension Log<Heard> {
    /// Listeners that write everything down here.
    var listeners: MessageListeners {
        var listeners = MessageListeners()
        listeners.onMessage = { self.add(Heard(peer: $0, event: .message($1))) }
        listeners.onHandshake = { self.add(Heard(peer: $0, event: .handshake)) }
        listeners.onWritable = { self.add(Heard(peer: $0, event: .writable)) }
        listeners.onDisconnect = { self.add(Heard(peer: $0, event: .disconnected($1))) }
        return listeners
    }

    /// The peer of the handshake with this number, counted from 0.
    func peer(_ index: Int = 0) async throws -> Peer {
        func handshakes(_ heard: [Heard]) -> [Heard] { heard.filter { $0.event == .handshake } }
        let heard = try await wait { handshakes($0).count > index }
        return handshakes(heard)[index].peer
    }

    /// Whatever else a test looks at: each peer ends once, and hears nothing afterwards.
    func expectEveryPeerEndedOnce() {
        for (peer, heard) in Dictionary(grouping: all, by: \.peer) {
            #expect(heard.filter { $0.reason != nil }.count == 1, "\(peer)")
            #expect(heard.last?.reason != nil, "\(peer)")
        }
    }

    /// The reason of the first disconnect.
    func disconnectReason() async throws -> DisconnectReason? {
        try await wait { $0.contains { $0.reason != nil } }.lazy.compactMap(\.reason).first
    }
}

/// A node on regtest that listens on 127.0.0.1, with a log of what its listeners were told.
struct NodeRig: Sendable {
    let node: PeerNode
    let server: PeerServer
    let log: Log<Heard>

    var port: UInt16 { server.address.port }
    var address: SocketAddress { SocketAddress(ipv4: 127, 0, 0, 1, port: port) }

    /// What the nodes of these tests have in common.
    static func configuration(_ network: Network, _ log: Log<Heard>) -> PeerConfiguration {
        var configuration = PeerConfiguration(network: network)
        configuration.maxInboundPeersPerAddress = 0
        // So that bloom messages are taken like others.
        configuration.services.insert(.bloom)
        // The first ping goes at a random time within it, which is to be in no test that does not ask for pings.
        configuration.pingInterval = .seconds(365 * 86_400)
        configuration.listeners = log.listeners
        return configuration
    }

    /// Runs `body` with a node, which is shut down at the end. `change` may replace the listeners.
    static func with(
        network: Network = .regtest, _ change: (inout PeerConfiguration) -> Void = { _ in },
        _ body: (NodeRig) async throws -> Void
    ) async throws {
        let log = Log<Heard>()
        var configuration = configuration(network, log)
        change(&configuration)
        let node = try PeerNode(configuration)
        do {
            let server = try await node.listen(on: "127.0.0.1:0")
            try await body(NodeRig(node: node, server: server, log: log))
        } catch {
            await node.shutdown(within: .zero)
            throw error
        }
        await node.shutdown(within: .zero)
        // The loop has ended; the listeners may take a little longer.
        #expect(await node.shutdown(within: .seconds(30)))
        log.expectEveryPeerEndedOnce()
    }

    /// Two nodes, of which the first has connected to the second.
    static func pair(
        _ change: (inout PeerConfiguration) -> Void = { _ in },
        _ body: (_ dialler: NodeRig, _ acceptor: NodeRig, _ outbound: Peer, _ inbound: Peer) async throws -> Void
    ) async throws {
        try await with(change) { dialler in
            try await with(change) { acceptor in
                let outbound = try await dialler.node.connect(to: acceptor.address)
                try await body(dialler, acceptor, outbound, try await acceptor.log.peer())
            }
        }
    }

    /// Until the loop has carried out what it was told before.
    func loopTurn() async {
        await withCheckedContinuation { done in node.onLoop { _ in done.resume() } }
    }

    /// Runs `body` while the loop stands still: what it queues comes to the loop together, and nothing goes out.
    func withLoopHeld<Value>(_ body: () async throws -> Value) async throws -> Value {
        let gate = Gate()
        let isHeld = Log<Bool>()
        defer { gate.open() }
        node.onLoop { _ in
            isHeld.add(true)
            gate.pass()
        }
        try await isHeld.wait(for: 1)
        return try await body()
    }

    /// A raw client that has shaken hands, and this node's side of it.
    func rawPeer(
        as version: VersionMessage = Raw.version(), receiveBuffer: Int32? = nil
    ) async throws -> (client: RawClient, peer: Peer) {
        let known = log.all.filter { $0.event == .handshake }.count
        let client = try RawClient(port: port, receiveBuffer: receiveBuffer)
        try await client.handshake(as: version)
        return (client, try await log.peer(known))
    }
}
