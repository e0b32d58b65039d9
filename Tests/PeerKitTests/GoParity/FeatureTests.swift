import PeerKit
import PeerLoop
import TestSupport
import Testing

/// Features of the Go package that no other suite here is named for, on real connections.
@Suite(.timeLimit(.minutes(2))) struct GoFeatureTests {
    /// What a node says of itself to the side it dials.
    private func saidVersion(_ change: (inout PeerConfiguration) -> Void) async throws -> VersionMessage {
        let log = Log<VersionMessage>()
        try await NodeRig.with(change) { rig in
            let listener = try BlockingListener()
            async let dialled = rig.node.connect(to: SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port))
            let client = try await RawClient(acceptedBy: listener)
            log.add(try await client.answerHandshake())
            _ = try await dialled
        }
        return try #require(log.all.first)
    }

    // MARK: Configuration

    @Test func theTestNetworkIsTheDefault() async throws {
        let configuration = PeerConfiguration()
        #expect(configuration.network == .testnet3)
        #expect(configuration.wireLimits == PeerConfiguration(network: .testnet3).wireLimits)
        let node = try PeerNode(configuration)
        let server = try await node.listen(on: "127.0.0.1:0")
        let client = try RawClient(port: server.address.port)
        try await client.handshake(network: .testnet3)
        await node.shutdown(within: .zero)
    }

    @Test func userAgentNameVersionAndComments() async throws {
        let version = try await saidVersion {
            $0.userAgent = UserAgent(name: "mine", version: "2.6.41", comments: ["one", "two"])
        }
        #expect(version.userAgent.description == "/mine:2.6.41(one; two)/")
    }

    @Test func theServicesOffered() async throws {
        #expect(try await saidVersion { $0.services = [.networkLimited] }.services == [.networkLimited])
    }

    @Test(arguments: [false, true]) func transactionsAreNotWanted(_ relays: Bool) async throws {
        #expect(try await saidVersion { $0.relaysTransactions = relays }.relay == relays)
    }

    @Test(arguments: [209, 70_001, 70_015] as [Int32])
    func theProtocolVersionOfferedCapsWhatIsSpoken(_ number: Int32) async throws {
        let version = ProtocolVersion(rawValue: number)
        try await NodeRig.with({ $0.protocolVersion = version }) { rig in
            let (client, peer) = try await rig.rawPeer()
            #expect(peer.protocolVersion == version && peer.version?.protocolVersion == .current)
            #expect((peer.pushReject(of: .block, .invalid, reason: "") == .queued) == (version >= .reject))
            await client.close()
        }
        #expect(try await saidVersion { $0.protocolVersion = version }.protocolVersion == version)
    }

    @Test func theHighestProtocolVersionIs70016() {
        #expect(ProtocolVersion.current.rawValue == 70_016)
        #expect(PeerConfiguration().protocolVersion == .current)
        #expect(PeerConfiguration().minimumProtocolVersion.rawValue == 209)
    }

    @Test func theDefaultsOfTheInventory() {
        let inventory = PeerConfiguration().inventory
        #expect(inventory.trickleInterval == .milliseconds(50))
        #expect(inventory.maxKnownItems == 2_000 && inventory.maxItemsPerMessage == 5_000)
    }

    // MARK: Peers

    @Test func everyConnectionHasANonceOfItsOwn() async throws {
        try await NodeRig.with { rig in
            var nonces: Set<UInt64> = []
            for _ in 0..<20 {
                let client = try RawClient(port: rig.port)
                nonces.insert(try await client.handshake().nonce)
            }
            #expect(nonces.count == 20 && !nonces.contains(0))
        }
    }

    @Test func bothSidesWriteWhileTheyRead() async throws {
        let count: UInt64 = 2_000
        try await NodeRig.pair { dialler, acceptor, outbound, inbound in
            func pongs(_ heard: [Heard]) -> [UInt64] {
                heard.compactMap { if case .pong(let nonce)? = $0.message { nonce } else { nil } }
            }
            await withTaskGroup { group in
                for peer in [outbound, inbound] {
                    group.addTask { for nonce in 0..<count { peer.queue(.pong(nonce: nonce)) } }
                }
            }
            for log in [dialler.log, acceptor.log] {
                let heard = try await log.wait { pongs($0).count == count }
                #expect(pongs(heard) == Array(0..<count))
            }
        }
    }

    @Test func aPingIsSentWithoutBeingAsked() async throws {
        try await NodeRig.with({ $0.pingInterval = .milliseconds(20) }) { rig in
            let (client, peer) = try await rig.rawPeer()
            var nonces: Set<[UInt8]> = []
            for _ in 0..<3 {
                let ping = try #require(try await client.receiveFrame())
                #expect(ping.command == "ping" && ping.payload.count == 8)
                nonces.insert(ping.payload)
                try await client.send(Raw.frame("pong", ping.payload))
            }
            #expect(nonces.count == 3 && peer.isConnected)
            await client.close()
        }
    }

    @Test func disconnectingTwiceIsDisconnectingOnce() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            peer.disconnect()
            peer.disconnect()
            #expect(try await client.receiveToEnd().isEmpty)
            await client.close()
            #expect(try await rig.log.disconnectReason() == .requested)
            peer.disconnect()
            #expect(!peer.isConnected)
            // The rig looks whether the end was told once.
        }
    }

    @Test func aBlockComesWithItsBytes() async throws {
        let log = Log<[UInt8]>()
        try await NodeRig.with({
            $0.listeners = MessageListeners()
            $0.listeners.onBlock = { _, block in log.add(block.bytes.array) }
        }) { rig in
            let (client, block) = (try RawClient(port: rig.port), try Samples.message(.block))
            try await client.handshake()
            try await client.send(block)
            let payload = try block.payload()
            #expect(try await log.wait(for: 1) == [payload])
        }
    }

    // MARK: Bloom filters

    private static let bloom: [MessageKind] = [.filterLoad, .filterAdd, .filterClear, .mempool]

    @Test(arguments: bloom) func bloomWithoutTheServiceEndsTheConnection(_ kind: MessageKind) async throws {
        try await NodeRig.with({ $0.services = [.network] }) { rig in
            let (client, _) = try await rig.rawPeer()
            try await client.send([Samples.message(kind), .getAddr])
            #expect(try Raw.reject(in: try await client.receiveFrame())?.command == kind.command)
            await client.close()
            #expect(
                try await rig.log.disconnectReason()
                    == .protocolViolation(.withoutBloomService, command: kind.command))
            #expect(!rig.log.all.contains { $0.message?.kind == kind })
        }
    }

    @Test(arguments: bloom) func bloomOfAnOldPeerWithoutTheServiceIsIgnored(_ kind: MessageKind) async throws {
        try await NodeRig.with({ $0.services = [.network] }) { rig in
            let (client, peer) = try await rig.rawPeer(as: Raw.version(70_010))
            try await client.send([Samples.message(kind), .getAddr], version: ProtocolVersion(rawValue: 70_010))
            let heard = try await rig.log.wait { $0.last?.message == .getAddresses }
            #expect(!heard.contains { $0.message?.kind == kind } && peer.isConnected)
            await client.close()
        }
    }

    @Test(arguments: bloom) func bloomWithTheServiceIsDelivered(_ kind: MessageKind) async throws {
        try await NodeRig.with({ $0.services = [.network, .bloom] }) { rig in
            let (client, _) = try await rig.rawPeer()
            try await client.send(Samples.message(kind))
            try await rig.log.wait { $0.last?.message?.kind == kind }
        }
    }
}
