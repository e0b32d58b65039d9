import ExampleSupport
import PeerKit

// Two nodes with messages passed between them: whoever connects to the first is given a connection of its own to a
// target by the second, and everything either side says is said to the other. Until Ctrl-C.
@main struct Bridge {
    static let usage = "bridge ADDRESS:PORT [--network NAME]"

    static func main() async {
        await Example.run {
            let arguments = try Arguments(usage: usage)
            try arguments.require(1...1)
            let network = try arguments.option("--network", Network.init(rawValue:)) ?? .mainnet
            try await bridge(from: arguments.values[0], of: network)
        }
    }

    static func bridge(from address: String, of nearNetwork: Network) async throws {
        let (arrivals, arrived) = AsyncStream<(Peer, PeerMessages)>.makeStream()
        var near = PeerConfiguration(network: nearNetwork)
        near.userAgent = UserAgent(name: "bridge", version: "1.0.0")
        near.maxInboundPeers = 32
        // The sequence of a peer's messages is asked for here, before the first of them is delivered, so that none is
        // missed. They wait until somebody reads them, and when too many do, the peer has to wait too.
        near.listeners.onHandshake = { peer in arrived.yield((peer, peer.messages)) }
        // Messages that nobody listens to are not delivered at all, and the first may come with the handshake.
        near.listeners.onMessage = { _, _ in }

        let nearNode = try PeerNode(near)
        let server = try await nearNode.listen(on: address)
        Example.say("listening on \(server.address)")
        await withDiscardingTaskGroup { group in
            // Ends when the work is cancelled, and with it everything that was started here.
            for await (peer, messages) in arrivals {
                group.addTask { await join(peer, messages) }
            }
        }
        await nearNode.shutdown(within: .seconds(5))
    }

    /// What is to be done for one peer.
    static func join(_ near: Peer, _ messages: PeerMessages) async {
        for await message in messages { Example.say("\(near): \(message.command)") }
    }
}
