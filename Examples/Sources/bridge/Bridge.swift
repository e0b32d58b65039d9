import ExampleSupport
import PeerKit

// Two nodes with messages passed between them: whoever connects to the first is given a connection of its own to a
// target by the second, and everything either side says is said to the other. Until Ctrl-C.
@main struct Bridge {
    static let usage = "bridge ADDRESS:PORT HOST:PORT [--network NAME] [--to NETWORK]"

    static func main() async {
        await Example.run {
            let arguments = try Arguments(usage: usage)
            try arguments.require(2...2)
            let network = try arguments.option("--network", Network.init(rawValue:)) ?? .mainnet
            let far = try arguments.option("--to", Network.init(rawValue:)) ?? network
            try await bridge(from: arguments.values[0], of: network, to: arguments.values[1], of: far)
        }
    }

    static func bridge(
        from address: String, of nearNetwork: Network, to target: String, of farNetwork: Network
    ) async throws {
        let (arrivals, arrived) = AsyncStream<(Peer, PeerMessages)>.makeStream()
        var near = PeerConfiguration(network: nearNetwork)
        near.userAgent = UserAgent(name: "bridge", version: "1.0.0")
        near.maxInboundPeers = 32
        // The sequence of a peer's messages is asked for here, before the first of them is delivered, so that none is
        // missed. They wait until somebody reads them, and when too many do, the peer has to wait too.
        near.listeners.onHandshake = { peer in arrived.yield((peer, peer.messages)) }
        // Messages that nobody listens to are not delivered at all, and the first may come with the handshake.
        near.listeners.onMessage = { _, _ in }
        var far = PeerConfiguration(network: farNetwork)
        far.userAgent = near.userAgent

        let nearNode = try PeerNode(near)
        let farNode = try PeerNode(far)
        let server = try await nearNode.listen(on: address)
        Example.say("listening on \(server.address)")
        await withDiscardingTaskGroup { group in
            // Ends when the work is cancelled, and with it everything that was started here.
            for await (peer, messages) in arrivals {
                group.addTask { await join(peer, messages, with: target, through: farNode) }
            }
        }
        await nearNode.shutdown(within: .seconds(5))
        await farNode.shutdown(within: .seconds(5))
    }

    /// Connects to the target for one peer, and carries messages both ways until either is gone.
    static func join(_ near: Peer, _ nearMessages: PeerMessages, with target: String, through node: PeerNode) async {
        defer { near.disconnect() }
        do {
            let far = try await node.connect(to: target, messages: .bounded(64))
            defer { far.disconnect() }
            let farMessages = far.messages
            Example.say("joined: \(near) and \(far)")
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await carry(nearMessages, to: far) }
                group.addTask { await carry(farMessages, to: near) }
                await group.next()
                group.cancelAll()
            }
            Example.say("parted: \(near) and \(far)")
        } catch {
            Example.complain("error: \(near): \(error)")
        }
    }

    /// Carries messages one way: the next one is taken when the kernel has the one before, so a slow reader on one side
    /// slows the writer on the other side down, and nothing piles up in between.
    static func carry(_ messages: PeerMessages, to peer: Peer) async {
        for await message in messages where isForOthers(message) {
            do {
                try await peer.send(message)
            } catch .encoding {
                // It is of a version that this peer does not speak.
                continue
            } catch {
                return
            }
        }
    }

    /// False for what each node settles with its own peer.
    static func isForOthers(_ message: Message) -> Bool {
        switch message {
        case .version, .verack, .ping, .pong, .sendAddressesV2, .extendedVersion, .xVersion, .xVerack: false
        default: true
        }
    }
}
