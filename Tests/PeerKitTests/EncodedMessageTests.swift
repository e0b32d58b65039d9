import PeerKit
import Testing

/// Bytes that were encoded before go to peers that understand them.
@Suite(.timeLimit(.minutes(2))) struct EncodedMessageTests {
    private static let versions = [
        209, 210, 31_401, 31_402, 59_999, 60_000, 60_001, 60_002, 70_000, 70_001, 70_002, 70_012, 70_013, 70_014,
        70_016,
    ].map { ProtocolVersion(rawValue: $0) }

    /// The range that a message claims, against encoding it at each version.
    @Test(arguments: MessageKind.allCases) func aMessageKnowsWhereItsBytesAreTheSame(_ kind: MessageKind) throws {
        try expectRange(of: Samples.message(kind))
        try expectRange(of: .unknown(Samples.message(kind).command, WireBytes([])))
    }

    private func expectRange(of message: Message) throws {
        func encoded(_ version: ProtocolVersion) -> [UInt8]? { try? message.frame(magic: 1, protocolVersion: version) }
        for version in Self.versions {
            let range = message.versions(encodedAsAt: version)
            #expect(range.contains(version))
            for other in Self.versions where range.contains(other) {
                #expect(encoded(other) == encoded(version), "\(message.command) at \(version) and \(other)")
            }
        }
    }

    @Test func oldPeersGetNoBytesOfNewVersions() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer(as: Raw.version(60_000))
            let ping = try EncodedMessage(.ping(nonce: 7), network: .regtest)
            #expect(peer.queue(ping) == .refused(.otherVersion(ProtocolVersion(rawValue: 60_000))))
            let headers = try EncodedMessage(.sendHeaders, network: .regtest)
            await #expect(throws: SendError.otherVersion(ProtocolVersion(rawValue: 60_000))) {
                try await peer.send(headers)
            }
            let old = try EncodedMessage(
                .ping(nonce: nil), network: .regtest, protocolVersion: ProtocolVersion(rawValue: 60_000))
            #expect(peer.queue(old) == .queued)
            // What is the same at both goes, whatever it was encoded for.
            try await peer.send(try EncodedMessage(.getAddr, network: .regtest))
            #expect(
                try await client.receiveFrames(2)
                    == [RawFrame(command: "ping", payload: []), RawFrame(command: "getaddr", payload: [])])
            #expect(peer.pendingByteCount == 0)
        }
    }

    @Test func peersGetNoBytesOfOtherNetworks() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let foreign = try EncodedMessage(.getAddr, network: .mainnet)
            #expect(peer.queue(foreign) == .refused(.otherNetwork(.mainnet)))
            let outcome = await rig.node.outcome(ofBroadcasting: foreign)
            #expect(outcome.takenCount == 0)
            #expect(outcome.refused == [.init(peer: peer, error: .otherNetwork(.mainnet))])
            peer.queue(.getAddr)
            #expect(try await client.receiveFrame()?.command == "getaddr")
        }
    }
}
