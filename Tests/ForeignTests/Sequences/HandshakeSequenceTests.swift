import PeerKit
import Testing

/// The orders of messages of `PROTOCOL` 5.1-5.5, as each of the nodes of today keeps to them.
@Suite(
    "Handshakes as other nodes make them", .enabled(if: Python.isAvailable, Comment(rawValue: Python.unavailable)),
    .timeLimit(.minutes(2)))
struct HandshakeSequenceTests {
    private static let sendCompact: JSON = ["command": "sendcmpct", "fields": ["announce": 1, "version": 1]]

    @Test("bchd dials: the whole negotiation is ours to begin, then sendcmpct") func bchdDials() async throws {
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with { rig in
                try await foreign.dial(rig.port)
                try await foreign.say("version", ["agent": "/bchd:0.22.2(EB32.0)/", "services": "0x125"])
                let heard = try await foreign.hear(3).map(\.command)
                #expect(heard == ["version", "sendaddrv2", "verack"])
                try await foreign.say([["command": "verack"], Self.sendCompact])
                _ = try await rig.told.handshake()
                #expect(try await rig.told.message(.sendCompact) == .sendCompact(highBandwidth: true))
                try await foreign.close()
            }
        }
    }

    /// Nothing but this may come before verack at bchd: it closes at a second sendaddrv2 or any other message.
    @Test("bchd accepts: version and verack come together, and nothing of ours is in the way") func bchdAccepts()
        async throws
    {
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with { rig in
                let port = try await foreign.listen()
                async let dialled = rig.node.connect(to: ForeignRig.loopback(port))
                try await foreign.accept()
                try await foreign.hear("version")
                try await foreign.say([["command": "version"], ["command": "verack"], Self.sendCompact])
                #expect(try await foreign.hear(2).map(\.command) == ["sendaddrv2", "verack"])
                let peer = try await dialled
                // The next thing said is the application's.
                #expect(peer.queue(.getAddr) == .queued)
                #expect(try await foreign.hear(1).map(\.command) == ["getaddr"])
                try await foreign.close()
            }
        }
    }

    /// Its getaddr follows its verack at once, when ours may not have arrived.
    @Test("Bitcoin Cash Node dials: getaddr right behind its verack") func nodeDials() async throws {
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with { rig in
                try await foreign.dial(rig.port)
                try await foreign.say("version", ["services": "0x425"])
                try await foreign.hear("version")
                try await foreign.say([["command": "sendaddrv2"], ["command": "verack"], ["command": "getaddr"]])
                #expect(try await foreign.hear(2).map(\.command) == ["sendaddrv2", "verack"])
                let peer = try await rig.told.handshake()
                #expect(try await rig.told.message(.getAddresses) == .getAddresses)
                // What was negotiated shows in how addresses are told.
                let address = PeerAddress(
                    NetworkAddress(services: .network, high: 0, low: 0xffff_cb00_7107, port: 8333))
                #expect(await peer.pushAddresses([address]).count == 1)
                let entries = try await foreign.hear("addrv2").fields["entries"]?.list ?? []
                #expect(entries.first?["address"] == "cb007107" && entries.first?["network"] == 1)
                try await foreign.close()
            }
        }
    }

    /// It is shy: nothing comes from it before our version, nor from us before its version.
    @Test("Bitcoin Cash Node accepts: version, sendaddrv2 and verack in one") func nodeAccepts() async throws {
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with { rig in
                let port = try await foreign.listen()
                async let dialled = rig.node.connect(to: ForeignRig.loopback(port))
                try await foreign.accept()
                try await foreign.hear("version")
                try await foreign.say([["command": "version"], ["command": "sendaddrv2"], ["command": "verack"]])
                #expect(try await foreign.hear(2).map(\.command) == ["sendaddrv2", "verack"])
                let peer = try await dialled
                #expect(await peer.preferences?.wantsAddressesV2 == true)
                try await foreign.say([
                    ["command": "sendheaders"],
                    ["command": "sendcmpct", "fields": ["announce": 0, "version": 1]],
                ])
                _ = try await rig.told.message(.sendCompact)
                let preferences = try #require(await peer.preferences)
                #expect(preferences.wantsHeaders)
                try await foreign.close()
            }
        }
    }

    private static let withExtendedVersion: JSON = ["services": "0x821"]
    private static let extendedVersion: JSON = ["command": "extversion", "fields": ["entries": [["0x0", "64"]]]]

    @Test("extversion where both advertise it", arguments: Side.allCases) func extendedVersion(_ side: Side)
        async throws
    {
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with({ $0.services.insert(.extendedVersion) }) { rig in
                try await begin(side, rig, foreign)
                try await foreign.expect([Self.extendedVersion])
                try await foreign.say([Self.extendedVersion])
                #expect(try await foreign.hear(2).map(\.command) == ["sendaddrv2", "verack"])
                try await foreign.say([["command": "sendaddrv2"], ["command": "verack"]])
                _ = try await rig.told.handshake()
                try await foreign.close()
            }
        }
    }

    @Test("extversion advertised and not sent: verack falls back", arguments: Side.allCases)
    func fallback(_ side: Side) async throws {
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with({ $0.services.insert(.extendedVersion) }) { rig in
                try await begin(side, rig, foreign)
                try await foreign.expect([Self.extendedVersion])
                try await foreign.say("verack")
                #expect(try await foreign.hear(2).map(\.command) == ["sendaddrv2", "verack"])
                _ = try await rig.told.handshake()
                try await foreign.close()
            }
        }
    }

    /// As far as both versions with extversion advertised.
    private func begin(_ side: Side, _ rig: ForeignRig, _ foreign: ForeignPeer) async throws {
        switch side {
        case .accepting:
            try await foreign.dial(rig.port)
            try await foreign.say("version", Self.withExtendedVersion)
            try await foreign.hear("version")
        case .dialling:
            let port = try await foreign.listen()
            Task { try? await rig.node.connect(to: ForeignRig.loopback(port)) }
            try await foreign.accept()
            try await foreign.hear("version")
            try await foreign.say("version", Self.withExtendedVersion)
        }
    }
}
