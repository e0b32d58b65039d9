import PeerKit
import PeerLoop
import Testing

/// Cancellation races with completion, many times: each call ends once, in one way or the other. A call that never
/// ended would be ended by the time limit, and one that ended twice would trap.
@Suite(.timeLimit(.minutes(5))) struct CancellationRaceTests {
    private static let rounds = 2_000

    /// Runs `body` in a task that is cancelled after some turns of others: more when the last one was cancelled in time
    /// and fewer when it was not, so that the race is close. True when each side won one at least.
    private func race<Value: Sendable>(
        _ isCancellation: (any Error) -> Bool, _ body: @escaping @Sendable (Int) async throws -> Value,
        done: (Value) async throws -> Void = { _ in }
    ) async throws -> Bool {
        var completed = 0
        var turns = 0
        for round in 0..<Self.rounds {
            let task = Task { try await body(round) }
            for _ in 0..<turns { await Task.yield() }
            task.cancel()
            do {
                let value = try await task.value
                completed += 1
                turns -= min(turns, 1 + turns / 8)
                try await done(value)
            } catch  where isCancellation(error) {
                turns += 1 + turns / 8
            }
        }
        return completed > 0 && completed < Self.rounds
    }

    @Test func connecting() async throws {
        try await NodeRig.with { acceptor in
            try await NodeRig.with { dialler in
                let isClose = try await race({ $0 as? NodeError == .cancelled }) { _ in
                    try await dialler.node.connect(to: acceptor.address)
                } done: {
                    $0.disconnect()
                    #expect(await $0.waitForDisconnect() == .requested)
                }
                #expect(isClose)
                // Nobody is left of those that were cancelled.
                try await until { dialler.node.statistics.connectedPeers == 0 }
                try await until { acceptor.node.statistics.connectedPeers == 0 }
            }
        }
    }

    @Test func sendingAndAsking() async throws {
        try await NodeRig.pair { _, acceptor, outbound, inbound in
            let isSendClose = try await race({ $0 as? SendError == .cancelled }) { round in
                try await outbound.send(.pong(nonce: UInt64(round)))
            }
            let isPingClose = try await race({ $0 as? RequestError == .cancelled }) { _ in try await outbound.ping() }
            #expect(isSendClose && isPingClose)
            #expect(outbound.isConnected && inbound.isConnected)
            #expect(try await outbound.ping() > .zero)
        }
    }

    /// A third party: the deadline.
    @Test func deadlines() async throws {
        // The session does not give up what is not answered in all that time.
        try await NodeRig.with({ $0.responseTimeouts.headers = nil }) { rig in
            let (client, peer) = try await rig.rawPeer()
            let isClose = try await race({ $0 as? RequestError == .cancelled }) { round in
                // It is never answered, and given up at some time between.
                do {
                    _ = try await peer.headers(after: [Samples.hash(round)], within: .microseconds(round % 500))
                } catch RequestError.timedOut {}
            }
            #expect(isClose)
            // One was sent and not answered; the others waited for it.
            _ = try await client.receiveGetHeaders()
            try await client.send(.headers([]))
            async let headers = peer.headers(after: [Samples.hash])
            #expect(try await client.receiveGetHeaders().locator == [Samples.hash])
            try await client.send(.headers([]))
            #expect(try await headers == [])
        }
    }

    @Test func listening() async throws {
        try await NodeRig.with { rig in
            let isClose = try await race({ $0 as? NodeError == .cancelled }) { _ in
                try await rig.node.listen(on: "127.0.0.1:0")
            } done: {
                $0.stop()
            }
            #expect(isClose)
        }
    }

    @Test func waitingForTheEnd() async throws {
        try await NodeRig.pair { dialler, acceptor, outbound, inbound in
            for round in 0..<Self.rounds {
                let task = Task { await inbound.waitForDisconnect() }
                for _ in 0..<(round % 16) { await Task.yield() }
                task.cancel()
                #expect(await task.value == nil)
            }
            for _ in 0..<100 {
                let peer = try await dialler.node.connect(to: acceptor.address)
                let tasks = (0..<20).map { _ in Task { await peer.waitForDisconnect() } }
                peer.disconnect()
                for task in tasks.prefix(10) { task.cancel() }
                for task in tasks.prefix(10) {
                    let reason = await task.value
                    #expect(reason == nil || reason == .requested)
                }
                for task in tasks.suffix(10) { #expect(await task.value == .requested) }
            }
        }
    }

    /// Fewer rounds, as each needs a node of its own.
    @Test func shuttingDown() async throws {
        for round in 0..<50 {
            let log = Log<Heard>()
            let node = try PeerNode(NodeRig.configuration(.regtest, log))
            let rig = NodeRig(node: node, server: try await node.listen(on: "127.0.0.1:0"), log: log)
            let (client, _) = try await rig.rawPeer()
            let ending = Task { await node.shutdown(within: .seconds(60)) }
            for _ in 0..<(round * 4) { await Task.yield() }
            ending.cancel()
            await client.close()
            _ = await ending.value
            #expect(await node.shutdown(within: .seconds(30)))
            log.expectEveryPeerEndedOnce()
        }
    }
}
