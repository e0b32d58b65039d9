import PeerKit
import PeerLoop
import TestSupport
import Testing

/// What the application is asked during a handshake.
@Suite(.timeLimit(.minutes(1))) struct HostQuestionTests {
    @Test func theNewestBlockIsAskedForEachHandshake() async throws {
        let heights = Lock<Int32>(100)
        try await NodeRig.with({
            $0.newestBlock = {
                heights.withLock { height in
                    height += 1
                    return height
                }
            }
        }) { rig in
            for height in 101...103 {
                let client = try RawClient(port: rig.port)
                #expect(try await client.handshake().startHeight == Int32(height))
                await client.close()
            }
        }
    }

    @Test func aDialledPeerIsToldTheNewestBlockToo() async throws {
        try await NodeRig.pair({ $0.newestBlock = { 7 } }) { _, _, outbound, inbound in
            #expect(outbound.version?.startHeight == 7 && inbound.version?.startHeight == 7)
        }
    }

    /// A slow answer holds its own peer, and what that sends waits, in order.
    @Test func whatComesBeforeTheAnswerWaits() async throws {
        let gate = Gate()
        try await NodeRig.with({ configuration in
            configuration.newestBlock = {
                gate.pass()
                return 5
            }
        }) { rig in
            let client = try RawClient(port: rig.port)
            let large = Samples.unknown(60_000)
            try await client.send([.version(Raw.version()), .verack, .sendHeaders, large, .ping(nonce: 3)])
            // Cut inside a frame, so that the decoder has a part of one.
            let last = try Message.feeFilter(rate: 1).frame(magic: Network.regtest.magic)
            try await client.send(Array(last.prefix(26)))
            try await until { rig.node.statistics.receivedByteCount > 60_200 }
            #expect(rig.log.all.allSatisfy { $0.message?.kind == .version })
            gate.open()
            try await client.send(Array(last.dropFirst(26)))
            let heard = try await rig.log.wait { $0.contains { $0.message?.kind == .feeFilter } }
            #expect(
                heard.compactMap(\.message).dropFirst().elementsEqual([
                    .verack, .sendHeaders, large, .ping(nonce: 3), .feeFilter(rate: 1),
                ]))
            #expect(try await client.receiveFrames(4).map(\.command) == ["version", "sendaddrv2", "verack", "pong"])
        }
    }

    @Test(arguments: [false, true]) func aVersionMayBeRejected(isDialled: Bool) async throws {
        let accepted = Log<Bool>()
        try await NodeRig.with({ configuration in
            configuration.listeners.onVersion = { _, version in
                let isGood = version.startHeight != 13
                accepted.add(isGood)
                return isGood ? nil : VersionRejection(.nonstandard, "no thirteens")
            }
        }) { rig in
            let client: RawClient
            if isDialled {
                let listener = try BlockingListener()
                let address = SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port)
                let dial = Task { try await rig.node.connect(to: address) }
                client = try await RawClient(acceptedBy: listener)
                _ = try await client.receiveFrame()
                try await client.send(.version(Raw.version(height: 13)))
                await #expect(throws: NodeError.self) { try await dial.value }
            } else {
                client = try RawClient(port: rig.port)
                try await client.send([.version(Raw.version(height: 13)), .verack])
            }
            let reject = try Raw.reject(in: await client.receiveFrame())
            #expect(reject == RejectMessage(command: .version, code: .nonstandard, reason: "no thirteens"))
            #expect(try await client.receiveFrame() == nil)
            await client.close()
            #expect(try await rig.log.disconnectReason() == .versionRefused(.nonstandard))
            let (good, _) = try await rig.rawPeer()
            #expect(accepted.all == [false, true])
            await good.close()
        }
    }

    @Test func anAnswerThatNeverComesEndsTheHandshake() async throws {
        let gate = Gate()
        defer { gate.open() }
        try await NodeRig.with({ configuration in
            configuration.handshakeTimeout = .milliseconds(200)
            configuration.listeners.onVersion = { _, _ in
                gate.pass()
                return nil
            }
        }) { rig in
            let client = try RawClient(port: rig.port)
            try await client.send([.version(Raw.version()), .verack])
            // What comes as the time runs out may be left unread, which resets the connection.
            #expect((try? await client.receiveToEnd()) ?? [] == [])
            await client.close()
            gate.open()
            #expect(try await rig.log.disconnectReason() == .handshakeTimedOut)
        }
    }

    @Test func theTextOfARejectionIsBounded() {
        let long = VersionRejection(.invalid, String(repeating: "ä", count: 100))
        #expect(long.reason.utf8.count == 110)
        #expect(VersionRejection(.invalid, "").reason == "")
    }
}
