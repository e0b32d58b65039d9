import PeerKit
import PeerLoop
import Testing

/// Each thing the Go package tells of a peer, asked for by itself, on real connections.
@Suite(.timeLimit(.minutes(2))) struct GetterTests {
    @Test func whatThePeerSaidOfItself() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer(
                as: Raw.version(70_015, services: [.network, .bloom], height: 123))
            #expect(peer.isConnected && peer.isVersionKnown && peer.isVerackReceived)
            #expect(peer.services == [.network, .bloom] && peer.startHeight == 123 && peer.lastBlockHeight == 123)
            #expect(peer.userAgent == UserAgent(name: "raw", version: "1"))
            #expect(peer.protocolVersion?.rawValue == 70_015 && peer.version?.protocolVersion.rawValue == 70_015)
            #expect(peer.isInbound && peer.direction == .inbound && peer.id > 0)
            #expect(peer.description == "\(peer.address) (inbound)")
            await client.close()
        }
    }

    @Test func theVersionIsKnownBeforeTheVerackIsReceived() async throws {
        let log = Log<[Bool]>()
        @Sendable func note(_ peer: Peer) { log.add([peer.isVersionKnown, peer.isVerackReceived, peer.isConnected]) }
        try await NodeRig.with({ configuration in
            configuration.listeners = MessageListeners()
            configuration.listeners.onVersion = { peer, _ in
                note(peer)
                return nil
            }
            configuration.listeners.onDisconnect = { peer, _ in note(peer) }
        }) { rig in
            let client = try RawClient(port: rig.port)
            try await client.send(.version(Raw.version()))
            try await log.wait(for: 1)
            await client.close()
            try await log.wait(for: 2)
            // Nothing was said here, so nothing is known.
            try await RawClient(port: rig.port).close()
            #expect(
                try await log.wait(for: 3) == [[true, false, false], [true, false, false], [false, false, false]])
        }
    }

    @Test func nothingIsMadeUpForAPeerThatSaidNothing() async throws {
        let log = Log<Peer>()
        try await NodeRig.with({
            $0.listeners = MessageListeners()
            $0.listeners.onDisconnect = { peer, _ in log.add(peer) }
        }) { rig in
            try await RawClient(port: rig.port).close()
            let peer = try #require(try await log.wait(for: 1).first)
            #expect(peer.services == nil && peer.userAgent == nil && peer.startHeight == nil)
            #expect(peer.lastBlockHeight == nil && peer.lastAnnouncedBlock == nil && peer.timeOffsetSeconds == nil)
            #expect(peer.protocolVersion == nil && peer.version == nil)
            #expect(peer.lastReceivedAt == nil && peer.lastSentAt == nil && peer.receivedByteCount == 0)
            #expect(peer.awaitedPingNonce == nil && peer.lastPingSentAt == nil && peer.lastPingMicroseconds == nil)
            peer.updateLastBlockHeight(5)
            #expect(peer.lastBlockHeight == nil)
            #expect(await peer.localAddress == nil)
        }
    }

    @Test func addressesOfBothSides() async throws {
        try await NodeRig.pair { dialler, acceptor, outbound, inbound in
            #expect(outbound.address == acceptor.address && !outbound.isInbound)
            #expect(await inbound.localAddress == acceptor.address)
            #expect(await outbound.localAddress == inbound.address)
            let services = try #require(outbound.services)
            #expect(
                outbound.networkAddress
                    == NetworkAddress(services: services, ipv4: 127, 0, 0, 1, port: acceptor.port))
            outbound.disconnect()
            _ = try await dialler.log.disconnectReason()
            #expect(await outbound.localAddress == nil)
            #expect(outbound.address == acceptor.address)
        }
    }

    @Test func countsAndTimes() async throws {
        try await NodeRig.with { rig in
            let begin = ContinuousClock.now
            let (client, peer) = try await rig.rawPeer()
            try await client.send(.ping(nonce: 1))
            #expect(try await client.receiveFrame()?.command == "pong")
            try await until { peer.sentMessageCount == 4 && peer.receivedMessageCount == 3 }
            #expect(peer.receivedByteCount == (await client.sentByteCount))
            try await until { peer.pendingByteCount == 0 }
            #expect(peer.sentByteCount == (await client.receivedByteCount))
            for time in [peer.connectedAt, peer.lastReceivedAt, peer.lastSentAt] {
                let time = try #require(time)
                #expect(time >= begin && time <= .now)
            }
            #expect(try #require(peer.lastReceivedAt) >= peer.connectedAt)
        }
    }

    /// An outbound connection is as old as the connection, not as the attempt.
    @Test func theTimeConnectedIsThatOfTheConnection() async throws {
        try await NodeRig.pair { dialler, _, outbound, inbound in
            #expect(outbound.connectedAt <= .now && inbound.connectedAt <= .now)
            let snapshot = try #require(await outbound.snapshot)
            #expect(snapshot.statistics.connectedAt == outbound.connectedAt)
        }
    }

    @Test func theLastPing() async throws {
        try await NodeRig.with({ $0.pingInterval = .milliseconds(50) }) { rig in
            let (client, peer) = try await rig.rawPeer()
            let ping = try #require(try await client.receiveFrame())
            let nonce = ping.payload.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            #expect(ping.command == "ping" && peer.awaitedPingNonce == nonce)
            #expect(peer.lastPingMicroseconds == nil)
            let sent = try #require(peer.lastPingSentAt)
            #expect(sent >= peer.connectedAt && sent <= .now)
            // No second ping goes while the first is not answered.
            try await client.send(Raw.frame("pong", ping.payload))
            try await until { peer.lastPingMicroseconds != nil }
            #expect(peer.minimumPingMicroseconds == peer.lastPingMicroseconds)
            let next = try #require(try await client.receiveFrame())
            #expect(next.command == "ping" && next.payload != ping.payload)
            #expect(try #require(peer.lastPingSentAt) > sent)
            #expect(peer.awaitedPingNonce != nonce)
        }
    }

    @Test(arguments: [Int64.min, .max]) func aTimeOffsetIsBounded(_ timestamp: Int64) async throws {
        try await NodeRig.with { rig in
            var version = Raw.version()
            version.timestamp = timestamp
            let (client, peer) = try await rig.rawPeer(as: version)
            #expect(peer.timeOffsetSeconds == Int64(timestamp < 0 ? Int32.min : .max))
            #expect(peer.statistics.timeOffsetSeconds == peer.timeOffsetSeconds)
            await client.close()
        }
    }

    @Test func theTimeOffsetOfTwoNodesOfOneMachineIsNext() async throws {
        try await NodeRig.pair { _, _, outbound, inbound in
            for peer in [outbound, inbound] {
                let offset = try #require(peer.timeOffsetSeconds)
                #expect((-30...0).contains(offset))
            }
        }
    }

    @Test func theStatisticsHaveAllOfIt() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer(as: Raw.version(80_000, height: 5))
            peer.isSyncPeer = true
            try await client.send(.inventory([.block(Samples.hash)]))
            try await rig.log.wait { $0.last?.message?.kind == .inventory }
            let statistics = peer.statistics
            #expect(statistics.id == peer.id && statistics.address == peer.address)
            #expect(statistics.remoteVersion?.rawValue == 80_000 && statistics.protocolVersion == .current)
            #expect(statistics.startHeight == 5 && statistics.lastBlockHeight == 5)
            #expect(statistics.lastAnnouncedBlock == Samples.hash && statistics.isSyncPeer)
            #expect(statistics.awaitedPingNonce == nil && statistics.lastPingSentAt == nil)
            #expect(statistics.connectedAt == peer.connectedAt && statistics.services == peer.services)
        }
    }

    @Test func peersOfOneSoftwareShareItsName() async throws {
        try await NodeRig.with { rig in
            let (first, one) = try await rig.rawPeer()
            let (second, other) = try await rig.rawPeer()
            func place(_ peer: Peer) -> UnsafeRawPointer? {
                peer.userAgent?.bytes.withUnsafeBytes { $0.baseAddress }
            }
            #expect(place(one) != nil && place(one) == place(other))
            await first.close()
            await second.close()
        }
    }

    /// The names of peers of one software are shared, and those of others are not mixed up with them.
    @Test func manyNamesAreKeptApart() async throws {
        try await NodeRig.with { rig in
            var ends: [(client: RawClient, peer: Peer, name: UserAgent)] = []
            for number in 0..<100 {
                var version = Raw.version()
                version.userAgent = UserAgent(name: "node\(number % 90)", version: "1")
                let (client, peer) = try await rig.rawPeer(as: version)
                ends.append((client, peer, version.userAgent))
            }
            for end in ends { #expect(end.peer.userAgent == end.name && end.peer.version?.userAgent == end.name) }
        }
    }

    /// From before the handshake until after the end, while everything changes: for the sanitizers, and so that what
    /// is read together fits together.
    @Test func everyThreadMayAskAtAnyTime() async throws {
        let peers = Log<Peer>()
        try await NodeRig.with({
            $0.pingInterval = .milliseconds(5)
            $0.listeners = MessageListeners()
            $0.listeners.onVersion = { peer, _ in
                peers.add(peer)
                return nil
            }
            $0.listeners.onDisconnect = { peer, _ in peers.add(peer) }
        }) { rig in
            let client = try RawClient(port: rig.port)
            try await client.send(.version(Raw.version()))
            let peer = try #require(try await peers.wait(for: 1).first)
            try await withThrowingTaskGroup { group in
                for number in 0..<4 as Range<Int32> {
                    group.addTask {
                        repeat {
                            let statistics = peer.statistics
                            #expect(statistics.startHeight == 77 && statistics.lastBlockHeight ?? 0 >= 77)
                            #expect(statistics.lastPingMicroseconds == nil || statistics.lastPingSentAt != nil)
                            peer.isSyncPeer = number == 0
                            peer.updateLastBlockHeight(77 + number)
                            _ = [peer.wantsHeaders, peer.wantsCompactBlocks, peer.isVerackReceived, peer.isWritable]
                            await Task.yield()
                        } while peers.all.count < 2
                    }
                }
                try await client.send([.verack, .sendHeaders, .inventory([.block(Samples.hash)])])
                for _ in 0..<50 {
                    let frame = try await client.receiveFrame()
                    if let frame, frame.command == "ping" { try await client.send(Raw.frame("pong", frame.payload)) }
                }
                await client.close()
                try await group.waitForAll()
            }
            #expect(peer.wantsHeaders && peer.lastAnnouncedBlock == Samples.hash && peer.lastBlockHeight == 80)
        }
    }
}
