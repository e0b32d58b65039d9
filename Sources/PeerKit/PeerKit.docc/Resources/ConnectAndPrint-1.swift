import ExampleSupport
import PeerKit

// Connects to a node and prints what it calls itself.
@main struct ConnectAndPrint {
    static let usage = "connect-and-print HOST:PORT [--network NAME]"

    static func main() async {
        await Example.run {
            let arguments = try Arguments(usage: usage)
            try arguments.require(1...1)
            let network = try arguments.option("--network", Network.init(rawValue:)) ?? .mainnet
            try await connect(to: arguments.values[0], network)
        }
    }

    static func connect(to target: String, _ network: Network) async throws {
        var configuration = PeerConfiguration(network: network)
        configuration.userAgent = UserAgent(name: "connect-and-print", version: "1.0.0")
        let node = try PeerNode(configuration)

        let peer = try await node.connect(to: target)
        Example.say("connected to \(peer), which is \(peer.version?.userAgent.displayText ?? "nameless")")

        await node.shutdown(within: .seconds(5))
    }
}
