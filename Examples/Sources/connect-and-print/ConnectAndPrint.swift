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
        let (messages, heard) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingOldest(1_000))
        var configuration = PeerConfiguration(network: network)
        configuration.userAgent = UserAgent(name: "connect-and-print", version: "1.0.0")
        configuration.listeners.onMessage = { _, message in heard.yield("\(message.command)") }
        configuration.listeners.onDisconnect = { _, reason in heard.finish() }
        let node = try PeerNode(configuration)
        let peer = try await node.connect(to: target)
        Example.say("connected to \(peer): \(peer.version?.userAgent.displayText ?? "?")")
        var left = count
        for await line in messages {
            Example.say(line)
            left -= 1
            if left == 0 { break }
        }
        await node.shutdown(within: .seconds(5))
    }
}
