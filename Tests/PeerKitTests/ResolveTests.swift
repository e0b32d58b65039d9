import PeerKit
import PeerLoop
import Testing

/// How names become addresses.
@Suite(.timeLimit(.minutes(1))) struct ResolveTests {
    private struct Unknown: Error, Equatable {}

    @Test func theCallbackIsAskedForNames() async throws {
        try await NodeRig.with { acceptor in
            let asked = Log<HostAndPort>()
            let address = acceptor.address
            try await NodeRig.with({
                $0.resolveHost = { target in
                    asked.add(target)
                    return [address]
                }
            }) { dialler in
                let peer = try await dialler.node.connect(to: "somewhere.invalid:4711")
                #expect(peer.address == address)
                #expect(asked.all == [try HostAndPort("somewhere.invalid:4711")])
                // What is a number needs no one to look it up.
                _ = try await dialler.node.connect(to: address.description)
                #expect(asked.all.count == 1)
            }
        }
    }

    @Test func eachOfItsAddressesIsTried() async throws {
        try await NodeRig.with { acceptor in
            let addresses = [SocketAddress(ipv4: 127, 0, 0, 1, port: 1), acceptor.address]
            try await NodeRig.with({ $0.resolveHost = { _ in addresses } }) { dialler in
                let peer = try await dialler.node.connect(to: "a.invalid")
                #expect(peer.address == acceptor.address)
            }
        }
    }

    @Test func whatItThrowsIsThrown() async throws {
        try await NodeRig.with({ $0.resolveHost = { _ in throw Unknown() } }) { rig in
            await #expect(throws: Unknown()) { try await rig.node.connect(to: "a.invalid") }
        }
        try await NodeRig.with({ $0.resolveHost = { _ in [] } }) { rig in
            await #expect(throws: AddressError.unresolvable(host: "a.invalid", reason: "no address")) {
                try await rig.node.connect(to: "a.invalid")
            }
        }
    }

    @Test func itMayBlockWithoutHoldingTheNode() async throws {
        let gate = Gate()
        try await NodeRig.with({ configuration in
            configuration.resolveHost = { _ in
                gate.pass()
                throw Unknown()
            }
        }) { rig in
            let connecting = Task { try await rig.node.connect(to: "a.invalid") }
            let client = try RawClient(port: rig.port)
            try await client.handshake()
            gate.open()
            await #expect(throws: Unknown()) { try await connecting.value }
        }
    }

    @Test func withAProxyNamesAreNotLookedUpHere() async throws {
        let proxy = SocketAddress(ipv4: 192, 0, 2, 1, port: 9050)
        try await NodeRig.with { acceptor in
            let address = acceptor.address
            try await NodeRig.with({ $0.proxy = proxy }) { rig in
                await #expect(throws: NodeError.nameNotLookedUp("localhost")) {
                    try await rig.node.connect(to: "localhost:1")
                }
                #expect(NodeError.nameNotLookedUp("localhost").description.contains("resolveHost"))
                _ = try await rig.node.connect(to: address.description)
            }
            try await NodeRig.with({
                $0.proxy = proxy
                $0.resolveHost = { _ in [address] }
            }) { rig in
                _ = try await rig.node.connect(to: "localhost:1")
            }
        }
    }
}
