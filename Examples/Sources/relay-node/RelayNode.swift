import ExampleSupport
import PeerKit

// Accepts peers and relays transactions among them, until Ctrl-C.
@main struct RelayNode {
    static let usage = "relay-node ADDRESS:PORT [--network NAME] [--connect HOST:PORT] [--send TRANSACTION]"

    static func main() async {
        await Example.run {
            let arguments = try Arguments(usage: usage)
            try arguments.require(1...1)
            let network = try arguments.option("--network", Network.init(rawValue:)) ?? .mainnet
            let target = try arguments.option("--connect") { $0 }
            let first = try arguments.option("--send") { text in
                bytes(hexadecimal: text).flatMap { try? Transaction(bytes: $0) }
            }
            let relay = Relay()
            if let first { relay.add(first) }
            try await run(relay, on: arguments.values[0], network, connectingTo: target)
        }
    }

    static func run(_ relay: Relay, on address: String, _ network: Network, connectingTo target: String?) async throws {
        var configuration = PeerConfiguration(network: network)
        configuration.userAgent = UserAgent(name: "relay-node", version: "1.0.0")
        configuration.maxInboundPeers = 125
        configuration.listeners.onHandshake = { peer in Example.say("joined: \(peer)") }
        configuration.listeners.onDisconnect = { peer, reason in Example.say("left: \(peer): \(reason)") }
        relay.install(in: &configuration)

        let node = try PeerNode(configuration)
        let server = try await node.listen(on: address)
        Example.say("listening on \(server.address)")
        if let target { _ = try await node.connect(to: target) }

        // Ends when the work is cancelled. Announcements go out in batches, a few dozen milliseconds apart, and never
        // to a peer that is known to have the transaction: among others, to the one it came from.
        for await hash in relay.arrivals {
            Example.say("relaying \(hash)")
            node.announce([.transaction(hash)])
        }
        await node.shutdown(within: .seconds(5))
    }
}
