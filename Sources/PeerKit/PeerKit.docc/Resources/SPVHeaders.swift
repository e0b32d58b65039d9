import ExampleSupport
import PeerKit

// Downloads all block headers from a node and checks that each follows the one before it and has its proof of work:
// what a wallet that keeps no blocks does first.
@main struct SPVHeaders {
    static let usage = "spv-headers HOST:PORT [--network NAME] [--no-proof-of-work]"

    static func main() async {
        await Example.run {
            let arguments = try Arguments(usage: usage)
            try arguments.require(1...1)
            let network = try arguments.option("--network", Network.init(rawValue:)) ?? .mainnet
            let chain = HeaderChain(network: network, checksProofOfWork: !arguments.has("--no-proof-of-work"))
            try await sync(chain, from: arguments.values[0])
        }
    }

    static func sync(_ empty: HeaderChain, from target: String) async throws {
        var configuration = PeerConfiguration(network: empty.network)
        configuration.userAgent = UserAgent(name: "spv-headers", version: "1.0.0")
        // Nothing is offered, and nothing is to be announced.
        configuration.services = []
        configuration.relaysTransactions = false
        let node = try PeerNode(configuration)
        let peer = try await node.connect(to: target)

        // Question and answer: what comes is the answer to this request, or an error says why none came.
        var chain = empty
        while true {
            let headers = try await peer.headers(after: chain.locator, within: .seconds(60))
            try chain.append(headers)
            Example.say("\(chain.height) headers")
            // A node sends 2,000 at a time; fewer are the last ones.
            if headers.count < 2_000 { break }
        }
        Example.say("tip \(chain.tip) at height \(chain.height)")
        await node.shutdown(within: .seconds(5))
    }
}
