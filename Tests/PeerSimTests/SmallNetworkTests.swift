import PeerSession
import PeerSim
import PeerWire
import Testing

@Suite("A scenario built by hand")
struct SmallNetworkTests {
    /// Two nodes; what each has heard.
    private final class Heard {
        var commands: [String] = []
        var reasons: [DisconnectReason] = []
    }

    @Test("two nodes shake hands, ask and answer, ping for an hour, and end")
    func askAndAnswer() throws {
        let simulation = Simulation(seed: 7)
        let alice = simulation.addNode("alice")
        let bob = simulation.addNode("bob")
        let heard = Heard()
        bob.listeners.onMessage = { peer, message in
            if case .getAddresses = message { peer.queue(.addresses([])) }
        }
        alice.listeners.onMessage = { _, message in heard.commands.append("\(message.command)") }
        alice.listeners.onDisconnect = { _, reason in heard.reasons.append(reason) }
        let peer = simulation.connect(alice, to: bob)
        peer.queue(.getAddr)
        try simulation.run(for: .seconds(60))
        #expect(peer.isEstablished)
        #expect(heard.commands.prefix(3) == ["version", "sendaddrv2", "verack"])
        #expect(heard.commands.contains("addr"))
        try simulation.run(for: .seconds(3_600))
        #expect(peer.isEstablished)
        #expect((29...31).contains(heard.commands.count { $0 == "pong" }))
        peer.disconnect()
        let report = try simulation.finish()
        #expect(heard.reasons == [.requested])
        #expect(report.handshakeCount == 2)
    }
}
