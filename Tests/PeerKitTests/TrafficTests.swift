import PeerKit
import PeerLoop
import Testing

/// What onRead and onWrite tell.
private enum Traffic: Sendable, Equatable {
    case read(ReadEvent)
    case message(Command)
    case wrote(WriteEvent)
    case disconnected(DisconnectReason)

    var read: ReadEvent? { if case .read(let event) = self { event } else { nil } }
    var wrote: WriteEvent? { if case .wrote(let event) = self { event } else { nil } }
    var isEnd: Bool { if case .disconnected = self { true } else { false } }
}

extension Log<Traffic> {
    fileprivate func listen(_ configuration: inout PeerConfiguration) {
        configuration.listeners.onRead = { self.add(.read($1)) }
        configuration.listeners.onWrite = { self.add(.wrote($1)) }
        let onMessage = configuration.listeners.onMessage
        configuration.listeners.onMessage = {
            self.add(.message($1.command))
            onMessage?($0, $1)
        }
        let onDisconnect = configuration.listeners.onDisconnect
        configuration.listeners.onDisconnect = {
            self.add(.disconnected($1))
            onDisconnect?($0, $1)
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct TrafficTests {
    @Test func everyFrameIsToldOfBeforeItsMessage() async throws {
        let log = Log<Traffic>()
        try await NodeRig.with(log.listen) { rig in
            let (client, _) = try await rig.rawPeer()
            try await client.send([.ping(nonce: 1), Samples.unknown(70_000)])
            let all = try await log.wait { $0.contains(.message(Command(literal: "box"))) }
            let reads = all.compactMap(\.read)
            #expect(reads.map(\.command.description) == ["version", "verack", "ping", "box"])
            #expect(reads.map(\.kind) == [.version, .verack, .ping, nil])
            #expect(reads.map(\.byteCount) == [24 + 93, 24, 32, 70_024])
            #expect(reads.allSatisfy { $0.error == nil && $0.refusal == nil })
            for read in reads {
                let place = try #require(all.firstIndex(of: .read(read)))
                let message = try #require(all.firstIndex(of: .message(read.command)))
                #expect(place < message)
            }
        }
    }

    /// What a frame that is refused is told as.
    private func refusal(of bytes: [UInt8], inPieces: [Int] = []) async throws -> ReadEvent {
        let log = Log<Traffic>()
        var event: ReadEvent?
        try await NodeRig.with(log.listen) { rig in
            let (client, peer) = try await rig.rawPeer()
            let received = peer.statistics.receivedByteCount
            var sent = 0
            for end in inPieces + [bytes.count] {
                try await client.send(Array(bytes[sent..<end]))
                sent = end
                // Each piece is read by itself.
                try await until { peer.statistics.receivedByteCount == received + UInt64(end) }
            }
            _ = try await client.receiveToEnd()
            await client.close()
            let all = try await log.wait { $0.contains { $0.isEnd } }
            #expect(all.last?.isEnd == true)
            event = all.compactMap(\.read).last
        }
        return try #require(event)
    }

    @Test func aRefusedFrameIsToldOfWithItsError() async throws {
        let checksum = try await refusal(of: Raw.frame("ping", [UInt8](repeating: 1, count: 8), checksum: 5))
        #expect(checksum.refusal == .checksumMismatch)
        #expect(checksum.command == .ping)
        #expect(checksum.byteCount == 32)

        let foreign = try await refusal(of: Raw.frame("ping", magic: Network.mainnet.magic))
        #expect(foreign.refusal == .wrongMagic)
        #expect(foreign.byteCount == 24)

        let long = try await refusal(of: Raw.frame("ping", [UInt8](repeating: 1, count: 9)))
        #expect(long.error == .frame(.payloadTooLong(.ping, length: 9, limit: 8)))
        #expect(long.byteCount == 24)

        let short = try await refusal(of: Raw.frame("inv", [2, 0]))
        #expect(short.refusal == .truncated)
        #expect(short.byteCount == 26)
        if case .payload(.inventory, _)? = short.error {} else { Issue.record("\(short)") }
    }

    @Test func aFrameThatCameInPiecesIsCountedWhole() async throws {
        let bytes = Raw.frame("box", [UInt8](repeating: 1, count: 1_000), checksum: 5)
        let event = try await refusal(of: bytes, inPieces: [10, 500])
        #expect(event.refusal == .checksumMismatch)
        #expect(event.byteCount == 1_024)
    }

    /// A large one is hashed and decoded by a worker; what follows it is told of behind it.
    @Test func aLargeFrameThatIsRefusedIsToldOfInItsTurn() async throws {
        let large = [UInt8](repeating: 1, count: 100_000)
        let checksum = try await refusal(of: Raw.frame("box", large, checksum: 5))
        #expect(checksum.refusal == .checksumMismatch)
        #expect(checksum.byteCount == 100_024)
        let malformed = try await refusal(of: Raw.frame("inv", [0xfe, 0xff, 0xff, 0xff, 0xff] + large))
        #expect(malformed.refusal == .limitExceeded)
        #expect(malformed.command == .inventory)
        #expect(malformed.byteCount == 100_029)
        let behind = try await refusal(of: Raw.frame("box", large) + Raw.frame("inv", [2, 0]))
        #expect(behind.command == .inventory)
        let foreign = try await refusal(of: Raw.frame("box", large) + Raw.frame("inv", magic: 7))
        #expect(foreign.refusal == .wrongMagic)
        #expect(foreign.byteCount == 24)
    }

    @Test func everyWriteIsToldOfInOrder() async throws {
        let log = Log<Traffic>()
        try await NodeRig.with(log.listen) { rig in
            let (client, peer) = try await rig.rawPeer()
            peer.queue(Samples.unknown(100_000))
            try await client.send(.ping(nonce: 1))
            _ = try await client.receiveFrames(2)
            peer.queue(try EncodedMessage(.getAddr, network: .regtest))
            rig.node.broadcast(.mempool)
            let all = try await log.wait { $0.contains { $0.wrote?.command == .mempool } }
            let writes = all.compactMap(\.wrote)
            #expect(writes.count == Int(peer.statistics.sentMessageCount))
            #expect(writes.map(\.command.description).filter { $0 != "sendaddrv2" }.prefix(2) == ["version", "verack"])
            let others = writes.suffix(4)
            #expect(Set(others.prefix(2).map(\.command.description)) == ["box", "pong"])
            #expect(others.suffix(2).map(\.kind) == [.getAddresses, .mempool])
            #expect(others.first { $0.kind == nil }?.byteCount == 100_024)
            #expect(writes.allSatisfy { $0.outcome == .sent && $0.missedCount == 0 })
        }
    }

    @Test func whatThePeerDidNotTakeIsToldOfBeforeItsEnd() async throws {
        let log = Log<Traffic>()
        try await NodeRig.with(log.listen) { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 4_096)
            for _ in 0..<20 { peer.queue(Samples.unknown(2_000_000)) }
            peer.queue(.getAddr)
            // What the loop has not even taken over when the peer is gone is told of by completions only.
            await rig.loopTurn()
            _ = try await client.receiveBytes(1)
            await client.reset()
            let all = try await log.wait { $0.contains { $0.isEnd } }
            #expect(all.last?.isEnd == true)
            let writes = all.compactMap(\.wrote)
            #expect(writes.filter { $0.byteCount == 2_000_024 }.count == 20)
            #expect(writes.last?.kind == .getAddresses)
            #expect(writes.last?.outcome == .notSent(.disconnected))
            // Nothing is sent after something was not.
            let firstLost = try #require(writes.firstIndex { $0.outcome != .sent })
            #expect(writes[firstLost...].allSatisfy { $0.outcome == .notSent(.disconnected) })
        }
    }

    @Test func aHeldMessageThatCannotBeSentIsToldOf() async throws {
        let log = Log<Traffic>()
        try await NodeRig.with(log.listen) { rig in
            let client = try RawClient(port: rig.port)
            try await client.send([.version(Raw.version(70_001))])
            let peer = try #require(try await rig.log.wait(for: 1).first?.peer)
            #expect(peer.queue(.sendHeaders) == .queued)
            #expect(peer.queue(.getAddr) == .queued)
            try await client.send([.verack])
            let all = try await log.wait { $0.contains { $0.wrote?.kind == .getAddresses } }
            let event = try #require(all.compactMap(\.wrote).first { $0.kind == .sendHeaders })
            #expect(event.outcome == .notSent(.encoding(.versionGate(.sendHeaders, minimum: .sendHeaders))))
            #expect(event.byteCount == 0)
        }
    }

    @Test func whatWasHeldForAPeerThatLeftIsToldOf() async throws {
        let log = Log<Traffic>()
        try await NodeRig.with(log.listen) { rig in
            let client = try RawClient(port: rig.port)
            try await client.send([.version(Raw.version())])
            let peer = try #require(try await rig.log.wait(for: 1).first?.peer)
            #expect(peer.queue(.getAddr) == .queued)
            await client.reset()
            let all = try await log.wait { $0.contains { $0.isEnd } }
            #expect(all.compactMap(\.wrote).last?.outcome == .notSent(.disconnected))
            #expect(all.compactMap(\.wrote).last?.kind == .getAddresses)
        }
    }

    /// In the midst of what waits: only what follows is told of, and all of that.
    @Test func listenersOfOnePeerMayBeSetWhileItRuns() async throws {
        let log = Log<Traffic>()
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 4_096)
            peer.queue(Samples.unknown(2_000_000))
            peer.queue(Samples.unknown(2_000_000))
            peer.updateListeners {
                $0.onRead = { log.add(.read($1)) }
                $0.onWrite = { log.add(.wrote($1)) }
            }
            peer.queue(.getAddr)
            #expect(try await client.receiveFrames(3).last?.command == "getaddr")
            try await client.send(.mempool)
            let all = try await log.wait { $0.contains { $0.read != nil } && $0.contains { $0.wrote != nil } }
            #expect(all.compactMap(\.wrote).map(\.command) == [.getAddresses])
            #expect(all.compactMap(\.wrote).map(\.outcome) == [.sent])
            #expect(all.compactMap(\.read).map(\.command) == [.mempool])
            peer.setListeners(nil)
            try await client.send(.ping(nonce: 1))
            #expect(try await client.receiveFrame()?.command == "pong")
            #expect(log.all.count == all.count)
        }
    }

    /// A listener that does not keep up misses events and hears how many.
    @Test func whatTheListenerMissesIsCounted() async throws {
        let log = Log<Traffic>()
        let gate = Gate()
        try await NodeRig.with({
            $0.writeEventLimit = 4
            $0.listeners.onWrite = {
                gate.pass()
                log.add(.wrote($1))
            }
        }) { rig in
            let client = try RawClient(port: rig.port)
            try await client.handshake()
            // Listeners are held with the first write, so the peer is not heard of.
            for nonce in 0..<50 {
                rig.node.broadcast(.ping(nonce: UInt64(nonce)))
                #expect(try await client.receiveFrame()?.command == "ping")
            }
            await client.close()
            try await until { rig.node.statistics.connectedPeers == 0 }
            #expect(log.all.isEmpty)
            gate.open()
            let peer = try await rig.log.peer()
            _ = try await rig.log.disconnectReason()
            let writes = log.all.compactMap(\.wrote)
            #expect(writes.count == 5)
            #expect(writes.reduce(0) { $0 + 1 + $1.missedCount } == Int(peer.statistics.sentMessageCount))
            #expect(writes.last?.kind == .ping)
            #expect(writes.last.map { $0.missedCount > 40 } == true)
        }
    }
}
