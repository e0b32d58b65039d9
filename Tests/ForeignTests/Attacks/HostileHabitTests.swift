import PeerKit
import Testing

/// Habits of hostile peers, or of unusual ones, that bchd does not bear, and what it forgets.
@Suite(
    "Hostile habits", .enabled(if: Python.isAvailable, Comment(rawValue: Python.unavailable)), .serialized,
    .timeLimit(.minutes(2)))
struct HostileHabitTests {
    /// bchd queues a pong for each, without bound.
    @Test("a peer that floods pings and never reads") func pingFlood() async throws {
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with({ $0.listeners.onMessage = nil }) { rig in
                let growth = try await MemoryGrowth.measure {
                    let flood = try await foreign.order(
                        "flood",
                        [
                            "port": .number(Int(rig.port)), "command": "ping", "fields": ["nonce": "0x1"],
                            "seconds": 60,
                        ])
                    #expect(flood["outcome"] == "ended")
                    let sent = flood["sent"]?.number ?? 0
                    print("pings that were sent before the end: \(sent >> 10) KiB")
                    #expect(sent < 64 << 20)
                }
                growth.expect(below: 16 << 20, "a flood of pings whose pongs are not read")
                #expect(try await rig.told.end() == .repliesUnread)
                try await foreign.order("release")
            }
        }
    }

    /// At bchd the idle timer stays stopped after an unknown command, and such a peer is kept for good.
    @Test("an unknown command does not switch the idle timeout off", arguments: Side.allCases)
    func unknownCommandAndSilence(_ side: Side) async throws {
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with({ $0.idleTimeout = .milliseconds(400) }) { rig in
                let peer = try await rig.shakenPeer(side, foreign)
                try await foreign.say([["command": "wtfisthis", "payload": "01"]])
                #expect(try await foreign.drain().frames.isEmpty)
                #expect(try await rig.told.end() == .idle)
                #expect(!peer.isConnected)
                try await foreign.close()
            }
        }
    }

    /// Nor is half a frame after it any better than silence.
    @Test("an unknown command does not switch the frame timeout off") func unknownCommandAndHalfAFrame() async throws {
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with({
                $0.frameTimeout = .milliseconds(400)
                $0.slowestByteRate = 1 << 30
            }) { rig in
                _ = try await rig.shakenPeer(.accepting, foreign)
                try await foreign.say([
                    ["command": "wtfisthis", "payload": "01"], ["command": "inv", "zeros": 10, "length": 1_000],
                ])
                #expect(try await foreign.drain().frames.isEmpty)
                #expect(try await rig.told.end() == .frameTimedOut(command: .inventory))
                try await foreign.close()
            }
        }
    }

    /// bchd has the listener and never calls it.
    @Test("the listener of cfcheckpt is called", arguments: Side.allCases) func checkpoints(_ side: Side) async throws {
        let hash = try SampleChain().genesis
        let (heard, continuation) = AsyncStream<CommittedFilterCheckpointsMessage>.makeStream()
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with({
                $0.listeners.onMessage = nil
                $0.listeners.onCommittedFilterCheckpoints = { continuation.yield($1) }
            }) { rig in
                _ = try await rig.shakenPeer(side, foreign)
                try await foreign.say(
                    "cfcheckpt", ["type": 0, "stop": JSON(hash), "headers": [JSON(hash), JSON(.zero)]])
                let expected = CommittedFilterCheckpointsMessage(stopHash: hash, filterHeaders: [hash, .zero])
                #expect(await heard.first { _ in true } == expected)
                try await foreign.close()
            }
        }
    }
}
