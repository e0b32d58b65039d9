import ExampleSupport
import PeerKit

// Connects to a node and prints what it says, one line a message, until Ctrl-C.
@main struct ConnectAndPrint {
    static let usage = "connect-and-print HOST:PORT [--network NAME] [--count MESSAGES]"

    static func main() async {
        await Example.run {
            let arguments = try Arguments(usage: usage)
            try arguments.require(1...1)
            let network = try arguments.option("--network", Network.init(rawValue:)) ?? .mainnet
            let count = try arguments.option("--count") { UInt($0) } ?? .max
            try await connect(to: arguments.values[0], network, count)
        }
    }

    static func connect(to target: String, _ network: Network, _ count: UInt) async throws {
        var configuration = PeerConfiguration(network: network)
        configuration.userAgent = UserAgent(name: "connect-and-print", version: "1.0.0")
        let node = try PeerNode(configuration)

        // Returns once the handshake is done. Messages are kept from the first one on, so that none is missed.
        let peer = try await node.connect(to: target, messages: .bounded(64))
        Example.say("connected to \(peer), which is \(peer.version?.userAgent.displayText ?? "nameless")")

        // Ends when the peer is gone or the work is cancelled. While a line is printed the peer waits: it is read no
        // further than a few messages ahead.
        var left = count
        for await message in peer.messages {
            // The summary is cleaned: what a stranger writes must not reach a terminal as it is.
            Example.say("\(message.command) \(message.summary)")
            left -= 1
            if left == 0 { break }
        }
        await node.shutdown(within: .seconds(5))
    }
}
