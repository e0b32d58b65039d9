import PeerKit
import Testing

/// A node on regtest that listens on 127.0.0.1, and what its listeners were told.
struct ForeignRig: Sendable {
    let node: PeerNode
    let server: PeerServer
    let told: Told

    var port: UInt16 { server.address.port }

    /// Runs `body` with a node, which is shut down at the end.
    static func with(
        _ change: (inout PeerConfiguration) -> Void = { _ in }, _ body: (ForeignRig) async throws -> Void
    ) async throws {
        let told = Told()
        var configuration = PeerConfiguration(network: .regtest)
        configuration.maxInboundPeersPerAddress = 0
        // The first ping goes at a random time within it, which is to be in no test that does not ask for pings.
        configuration.pingInterval = .seconds(365 * 86_400)
        configuration.listeners = told.listeners
        change(&configuration)
        let node = try PeerNode(configuration)
        do {
            let server = try await node.listen(on: "127.0.0.1:0")
            try await body(ForeignRig(node: node, server: server, told: told))
        } catch {
            await node.shutdown(within: .zero)
            throw error
        }
        await node.shutdown(within: .zero)
        #expect(await node.shutdown(within: .seconds(30)))
        await told.forget()
    }

    static func loopback(_ port: UInt16) -> SocketAddress { SocketAddress(ipv4: 127, 0, 0, 1, port: port) }

    /// The foreign peer has shaken hands with this node, as the side that dialled or that was dialled.
    func shakenPeer(_ side: Side, _ foreign: ForeignPeer) async throws -> Peer {
        switch side {
        case .accepting:
            try await foreign.dial(port)
            try await foreign.say([["command": "version"], ["command": "verack"]])
            _ = try await foreign.hear(until: "verack")
        case .dialling:
            let port = try await foreign.listen()
            async let peer = node.connect(to: Self.loopback(port))
            try await foreign.accept()
            try await foreign.hear("version")
            try await foreign.say([["command": "version"], ["command": "verack"]])
            _ = try await foreign.hear(until: "verack")
            _ = try await peer
        }
        return try await told.handshake()
    }
}

/// Which part the node under test plays.
enum Side: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case accepting
    case dialling

    var testDescription: String { rawValue }
}
