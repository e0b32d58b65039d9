import PeerKit
import Testing

/// Negotiated version = min(ours, theirs) (`PROTOCOL` 5.6), with what follows from it on the wire.
@Suite(
    "The version spoken", .enabled(if: Python.isAvailable, Comment(rawValue: Python.unavailable)),
    .timeLimit(.minutes(2)))
struct NegotiatedVersionTests {
    @Test(arguments: [209, 31_800, 60_000, 60_001, 70_001, 70_015, 70_016, 80_000], Side.allCases)
    func theLowerOfBoth(_ version: Int, side: Side) async throws {
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with { rig in
                let (peer, commands) = try await shake(version, side, rig, foreign)
                #expect(peer.protocolVersion?.rawValue == Int32(min(version, 70_016)))
                // sendaddrv2 is there from 70016 on (BIP 155).
                #expect(commands == (version >= 70_016 ? ["sendaddrv2", "verack"] : ["verack"]))
                // A nonce is in pings above 60000 (BIP 31); the older ones are not answered.
                if version > 60_000 {
                    try await foreign.say("ping", ["nonce": "0x5"])
                    try await foreign.expect([["command": "pong", "fields": ["nonce": "0x5"]]])
                } else {
                    try await foreign.say([["command": "ping", "payload": ""]])
                    #expect(peer.queue(.getAddr) == .queued)
                    try await foreign.expect([["command": "getaddr"]])
                }
                try await foreign.close()
                #expect(try await rig.told.end() == .remoteClosed)
            }
        }
    }

    /// The handshake, and what the node said after its version.
    private func shake(
        _ version: Int, _ side: Side, _ rig: ForeignRig, _ foreign: ForeignPeer
    ) async throws -> (Peer, [String]) {
        let hello: [JSON] = [
            ["command": "version", "fields": ["version": .number(version)]], ["command": "verack"],
        ]
        var commands: [String]
        switch side {
        case .accepting:
            try await foreign.dial(rig.port)
            try await foreign.say(hello)
            try await foreign.hear("version")
            commands = try await foreign.hear(until: "verack").map(\.command)
        case .dialling:
            let port = try await foreign.listen()
            async let peer = rig.node.connect(to: ForeignRig.loopback(port))
            try await foreign.accept()
            try await foreign.hear("version")
            try await foreign.say(hello)
            commands = try await foreign.hear(until: "verack").map(\.command)
            _ = try await peer
        }
        return (try await rig.told.handshake(), commands)
    }
}
