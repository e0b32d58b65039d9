import PeerKit
import PeerLoop
import Testing

/// The helpers that make and send a message, on real connections.
@Suite(.timeLimit(.minutes(2))) struct PushTests {
    private static let other = Hash256(word0: 9, word1: 9, word2: 9, word3: 9)

    private func next(_ client: RawClient) async throws -> Message {
        let frame = try #require(try await client.receiveFrame())
        let command = try #require(Command(frame.command))
        return try Message.decode(command: command, payload: frame.payload)
    }

    @Test func getblocksIsAskedOnceWhileItIsNotAnswered() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            #expect(peer.pushGetBlocks(locator: [Samples.hash], stop: Self.other) == .queued)
            #expect(peer.pushGetBlocks(locator: [Samples.hash], stop: Self.other) == .queued)
            #expect(peer.pushGetBlocks(locator: [Samples.hash]) == .queued)
            #expect(try await next(client) == .getBlocks(locator: [Samples.hash], stop: Self.other))
            #expect(try await next(client) == .getBlocks(locator: [Samples.hash]))
            // An answer ends that.
            try await client.send(.inventory([.block(Self.other)]))
            try await rig.log.wait { $0.last?.message?.kind == .inventory }
            #expect(peer.pushGetBlocks(locator: [Samples.hash]) == .queued)
            #expect(try await next(client) == .getBlocks(locator: [Samples.hash]))
        }
    }

    @Test func getheadersIsAskedOnceWhileItIsNotAnswered() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            #expect(peer.pushGetHeaders(locator: [Samples.hash, Self.other]) == .queued)
            #expect(peer.pushGetHeaders(locator: [Samples.hash, Self.other]) == .queued)
            // Apart from getblocks.
            #expect(peer.pushGetBlocks(locator: [Samples.hash, Self.other]) == .queued)
            #expect(peer.pushGetHeaders(locator: [Self.other], stop: Samples.hash) == .queued)
            #expect(try await next(client) == .getHeaders(locator: [Samples.hash, Self.other]))
            #expect(try await next(client) == .getBlocks(locator: [Samples.hash, Self.other]))
            #expect(try await next(client) == .getHeaders(locator: [Self.other], stop: Samples.hash))
            try await client.send(.headers([]))
            try await rig.log.wait { $0.last?.message?.kind == .headers }
            #expect(peer.pushGetHeaders(locator: [Self.other], stop: Samples.hash) == .queued)
            #expect(try await next(client) == .getHeaders(locator: [Self.other], stop: Samples.hash))
        }
    }

    @Test func aLocatorOverTheLimitIsRefused() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let locator = [Hash256](repeating: Samples.hash, count: 501)
            let refused = QueueOutcome.refused(
                .encoding(.limitExceeded(field: "locator count", value: 501, limit: 500)))
            #expect(peer.pushGetBlocks(locator: locator) == refused)
            #expect(peer.pushGetHeaders(locator: locator) == refused)
            await client.close()
        }
    }

    @Test(arguments: [false, true]) func aRejectHasAHashWhereItIsToHaveOne(_ waits: Bool) async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let cases: [(command: Command, given: Hash256?, sent: Hash256?)] = [
                (.transaction, Samples.hash, Samples.hash), (.block, Samples.hash, Samples.hash),
                (.transaction, nil, .zero), (.block, nil, .zero), (.version, nil, nil),
                (.getData, Samples.hash, nil), (Command(literal: "malformed"), nil, nil),
            ]
            for (command, given, sent) in cases {
                if waits {
                    try await peer.sendReject(of: command, .invalid, reason: "no", hash: given)
                } else {
                    #expect(peer.pushReject(of: command, .invalid, reason: "no", hash: given) == .queued)
                }
                let frame = try await client.receiveFrame()
                #expect(
                    try Raw.reject(in: frame)
                        == RejectMessage(command: command, code: .invalid, reason: "no", hash: sent))
            }
        }
    }

    /// Waiting for a reject ends when the kernel has it: what the application does next cannot overtake it.
    @Test func aRejectThatIsWaitedForIsRead() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            try await peer.sendReject(of: .block, .duplicate, reason: "seen", hash: Samples.hash)
            #expect(peer.pendingByteCount == 0)
            peer.disconnect()
            #expect(try await client.receiveToEnd().map(\.command) == ["reject"])
        }
    }

    @Test func aVersionWithoutRejectGetsNone() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer(as: Raw.version(70_001))
            let error = SendError.encoding(.versionGate(.reject, minimum: .reject))
            #expect(peer.pushReject(of: .block, .invalid, reason: "no") == .refused(error))
            await #expect(throws: error) { try await peer.sendReject(of: .block, .invalid, reason: "no") }
            #expect(peer.queue(.getAddr) == .queued)
            #expect(try await client.receiveFrame()?.command == "getaddr")
        }
    }

    @Test func whoWaitsForARejectHearsThatThePeerIsGone() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            await client.close()
            _ = try await rig.log.disconnectReason()
            #expect(peer.pushReject(of: .block, .invalid, reason: "no") == .refused(.disconnected))
            await #expect(throws: SendError.disconnected) {
                try await peer.sendReject(of: .block, .invalid, reason: "no")
            }
        }
    }
}
