import PeerKit
import Testing

/// Self connection (`PROTOCOL` 5.6): a nonce of this node's own, in whatever way it comes back, ends the connection.
@Suite(
    "A connection of the node to itself", .enabled(if: Python.isAvailable, Comment(rawValue: Python.unavailable)),
    .timeLimit(.minutes(2)))
struct SelfConnectionTests {
    @Test("dialled directly") func direct() async throws {
        try await ForeignRig.with { rig in
            await #expect(throws: NodeError.self) { try await rig.node.connect(to: rig.server.address) }
            // Either end may be the one that finds it; the other sees the stream end.
            let ends = [try await rig.told.end(), try await rig.told.end()]
            #expect(ends.contains(.selfConnection), "\(ends)")
        }
    }

    @Test("by a go-between that repeats the nonce of a dial, while it lasts and afterwards", arguments: [true, false])
    func nonceSentBack(lasting: Bool) async throws {
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with { rig in
                let port = try await foreign.listen()
                let dialling = Task { try? await rig.node.connect(to: ForeignRig.loopback(port)) }
                try await foreign.accept()
                let nonce = try #require(try await foreign.hear("version").fields["nonce"])
                if !lasting {
                    try await foreign.close()
                    #expect(try await rig.told.end() == .remoteClosed)
                }
                try await foreign.dial(rig.port, on: "back")
                try await foreign.say([["command": "version", "fields": ["nonce": nonce]]], on: "back")
                #expect(try await foreign.drain(on: "back").frames.isEmpty)
                #expect(try await rig.told.end() == .selfConnection)
                try await foreign.close(on: "back")
                if lasting { try await foreign.close() }
                _ = await dialling.value
            }
        }
    }

    @Test(
        "a missing nonce and nonce 1 are nobody's",
        arguments: [["cut": 72], ["nonce": "0x0"], ["nonce": "0x1"]] as [JSON])
    func nobodysNonce(_ version: JSON) async throws {
        try await Case(
            row: Row("nonce", .connected, says: [["command": "version", "fields": version]], .goesOn), side: .accepting
        ).play()
    }

    @Test("kept where the configuration allows it") func allowed() async throws {
        try await ForeignRig.with({ $0.allowsSelfConnections = true }) { rig in
            let peer = try await rig.node.connect(to: rig.server.address)
            #expect(peer.isConnected)
        }
    }
}
