import PeerKit
import Testing

/// What becomes of each message that was queued with a completion.
@Suite(.timeLimit(.minutes(2))) struct CompletionTests {
    private typealias Outcome = Result<Void, SendError>

    private func error(_ outcome: Result<Void, SendError>?) -> SendError? {
        if case .failure(let error)? = outcome { error } else { nil }
    }

    @Test func successComesWhenTheKernelHasIt() async throws {
        let log = Log<Outcome>()
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            peer.queue(Samples.unknown(30_000)) { log.add($0) }
            let outcomes = try await log.wait(for: 1)
            #expect(error(outcomes.first) == nil)
            #expect(peer.pendingByteCount == 0)
            #expect(try await client.receiveFrame()?.payload.count == 30_000)
            peer.queue(try EncodedMessage(.getAddr, network: .regtest)) { log.add($0) }
            #expect(error(try await log.wait(for: 2).last) == nil)
            #expect(try await client.receiveFrame()?.command == "getaddr")
        }
    }

    @Test func aRefusalIsToldOnceToo() async throws {
        let log = Log<Outcome>()
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer(as: Raw.version(70_001))
            peer.queue(.sendHeaders) { log.add($0) }
            let gate = SendError.encoding(.versionGate(.sendHeaders, minimum: .sendHeaders))
            #expect(error(try await log.wait(for: 1).last) == gate)
            peer.queue(try EncodedMessage(.getAddr, network: .mainnet)) { log.add($0) }
            #expect(error(try await log.wait(for: 2).last) == .otherNetwork(.mainnet))
            await client.close()
            _ = try await rig.log.disconnectReason()
            peer.queue(.getAddr) { log.add($0) }
            #expect(error(try await log.wait(for: 3).last) == .disconnected)
        }
        #expect(log.all.count == 3)
    }

    @Test func whatIsLostWithThePeerIsToldAsLost() async throws {
        let log = Log<Outcome>()
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 4_096)
            for _ in 0..<20 { peer.queue(Samples.unknown(2_000_000)) { log.add($0) } }
            _ = try await client.receiveBytes(1)
            await client.reset()
            let outcomes = try await log.wait(for: 20)
            #expect(outcomes.contains { error($0) == .disconnected })
        }
        #expect(log.all.count == 20)
    }

    /// It may block without holding the loop.
    @Test func aCompletionRunsOnAWorker() async throws {
        let gate = Gate()
        let log = Log<Outcome>()
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            peer.queue(.getAddr) {
                gate.pass()
                log.add($0)
            }
            #expect(try await client.receiveFrame()?.command == "getaddr")
            try await client.send(.ping(nonce: 1))
            #expect(try await client.receiveFrame()?.command == "pong")
            #expect(log.all.isEmpty)
            gate.open()
            try await log.wait(for: 1)
        }
    }
}
