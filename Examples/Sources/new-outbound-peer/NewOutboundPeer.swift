import ExampleSupport
import PeerKit

// An inbound and an outbound peer on loopback: one node listens, the other connects to it and says what it hears.
@main struct NewOutboundPeer {
    static func main() async {
        await Example.run { try await Example.within(.seconds(10), meet) }
    }

    static func meet() async throws {
        // What both nodes have in common. A port of 0 lets the system choose one.
        var configuration = PeerConfiguration(network: .simnet)
        configuration.userAgent = UserAgent(name: "peer", version: "1.0.0")
        let inboundNode = try PeerNode(configuration)
        let server = try await inboundNode.listen(on: "127.0.0.1:0")

        // Listeners are a part of the configuration. Each is called on a worker thread, never on the one that reads
        // and writes; those of one peer are called in the order of its messages. This one is asked, too: what it
        // returns would be the reason to turn the peer away.
        configuration.listeners.onVersion = { peer, version in
            Example.say("outbound: received version")
            return nil
        }
        let outboundNode = try PeerNode(configuration)

        // Returns once both sides have exchanged `version` and `verack`, or throws.
        let peer = try await outboundNode.connect(to: server.address)
        peer.disconnect()
        _ = await peer.waitForDisconnect()

        // What was heard is told to the end before a node is gone.
        await outboundNode.shutdown(within: .seconds(5))
        await inboundNode.shutdown(within: .seconds(5))
    }
}
