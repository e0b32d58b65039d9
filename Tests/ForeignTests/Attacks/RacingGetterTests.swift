import PeerKit
import Testing

/// What bchd lets race: `TimeConnected`, `LocalAddr`, `Addr`, `NA`, `WantsCompactBlocks` and their like. Here all that
/// is known of a peer is asked for on many threads while it changes; ThreadSanitizer sees what is wrong.
@Suite(
    "Getters on many threads", .enabled(if: Python.isAvailable, Comment(rawValue: Python.unavailable)),
    .timeLimit(.minutes(2)))
struct RacingGetterTests {
    @Test("from before the handshake until after the end", arguments: Side.allCases)
    func everyGetter(_ side: Side) async throws {
        try await ForeignPeer.with { foreign in
            let (met, continuation) = AsyncStream<Peer>.makeStream()
            try await ForeignRig.with({ configuration in
                let tell = configuration.listeners.onMessage
                configuration.pingInterval = .milliseconds(5)
                configuration.listeners.onMessage = { peer, message in
                    // The first there is of a peer: its handshake is not done.
                    if case .version = message { continuation.yield(peer) }
                    tell?(peer, message)
                }
            }) { rig in
                async let asked = Self.askAround(met)
                _ = try await rig.shakenPeer(side, foreign)
                for round in 0..<40 {
                    try await foreign.say([
                        ["command": "sendcmpct", "fields": ["announce": .number(round % 2), "version": 1]],
                        ["command": "sendheaders"],
                        [
                            "command": "inv",
                            "fields": ["items": [["block", .text(String(repeating: "11", count: 32))]]],
                        ],
                        ["command": "feefilter", "fields": ["rate": .number(round)]],
                        ["command": "ping", "fields": ["nonce": .text("0x\(round + 1)")]],
                    ])
                    _ = try await foreign.hear(until: "pong")
                }
                try await foreign.close()
                #expect(try await rig.told.end() == .remoteClosed)
                continuation.finish()
                let rounds = await asked
                print("getters asked \(rounds) times")
                #expect(rounds > 0)
            }
        }
    }

    /// Asks on several threads until the peer is gone. How often.
    private static func askAround(_ met: AsyncStream<Peer>) async -> Int {
        guard let peer = await met.first(where: { _ in true }) else { return 0 }
        return await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var rounds = 0
                    repeat {
                        Self.ask(peer, sets: rounds % 2 == 0)
                        rounds += 1
                        await Task.yield()
                    } while peer.statistics.protocolVersion == nil || peer.isConnected
                    return rounds
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    var rounds = 0
                    while let preferences = await peer.preferences {
                        _ = preferences.wantsHeaders
                        _ = (await peer.snapshot, await peer.localAddress)
                        _ = await peer.knows(.block(.zero))
                        rounds += 1
                    }
                    return rounds
                }
            }
            return await group.reduce(0, +)
        }
    }

    /// All that is answered at once; half of the time what may be set is set.
    private static func ask(_ peer: Peer, sets: Bool) {
        let statistics = peer.statistics
        _ = (statistics.connectedAt, statistics.lastReceivedAt, statistics.lastSentAt)
        _ = (peer.id, peer.address, peer.direction, peer.description, peer.isInbound)
        _ = (peer.connectedAt, peer.networkAddress, peer.lastReceivedAt, peer.lastSentAt)
        _ = (peer.version?.userAgent, peer.services, peer.userAgent, peer.protocolVersion)
        _ = (peer.isVersionKnown, peer.isVerackReceived, peer.startHeight, peer.timeOffsetSeconds)
        _ = (peer.lastBlockHeight, peer.lastAnnouncedBlock, peer.lastPingSentAt, peer.awaitedPingNonce)
        _ = (peer.wantsCompactBlocks, peer.wantsHeaders, peer.wantsTransactions, peer.wantsDirectBlockRelay)
        _ = (peer.isConnected, peer.isWritable, peer.pendingByteCount, peer.isSyncPeer, peer.allowsDirectBlockRelay)
        if sets {
            peer.isSyncPeer.toggle()
            peer.allowsDirectBlockRelay.toggle()
        }
    }
}
