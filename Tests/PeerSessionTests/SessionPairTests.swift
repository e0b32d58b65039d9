import PeerSession
import PeerWire
import Testing

/// Two sessions joined back to back: what one sends arrives at the other at once, in order.
private struct SessionPair {
    struct End {
        var rig: SessionRig
        var inbox: [SessionEvent] = [.connected]
        var established: ProtocolVersion?
        var closed: DisconnectReason?
        var sent: [MessageFacts] = []
    }

    var ends: [End]
    var now = SessionRig.start

    init(dialling: SessionConfiguration, accepting: SessionConfiguration, nonces: (UInt64, UInt64) = (1, 2)) {
        ends = [
            End(rig: SessionRig(.outbound, dialling, nonce: nonces.0, seed: 1)),
            End(rig: SessionRig(.inbound, accepting, nonce: nonces.1, seed: 2)),
        ]
    }

    /// Exchanges messages until both are quiet.
    mutating func run() {
        while let index = ends.firstIndex(where: { !$0.inbox.isEmpty }) {
            ends[index].rig.now = now
            let event = ends[index].inbox.removeFirst()
            for action in ends[index].rig.take(event) { carryOut(action, of: index) }
        }
    }

    mutating func reachDeadline() {
        let times = ends.filter { $0.closed == nil }.map(\.rig.session.nextDeadline)
        guard let next = times.min() else { return }
        now = next
        for index in ends.indices { ends[index].inbox.append(.deadlineReached) }
        run()
    }

    private mutating func carryOut(_ action: SessionAction, of index: Int) {
        func send(_ message: MessageFacts) {
            ends[index].sent.append(message)
            ends[1 - index].inbox.append(.message(message, frameByteCount: 100))
        }
        let session = ends[index].rig.session
        switch action {
        case .sendVersion(let startHeight):
            send(
                .version(
                    VersionFacts(
                        protocolVersion: session.configuration.protocolVersion,
                        services: session.configuration.services, nonce: session.localNonce,
                        startHeight: startHeight ?? 0)))
        case .sendExtendedVersion: send(.extendedVersion)
        case .sendAddressesV2: send(.sendAddressesV2)
        case .sendVerack: send(.verack)
        case .sendXVerack: send(.xVerack)
        case .sendPing(let nonce): send(.ping(nonce: nonce, checksum: 0))
        case .sendPong(let nonce, _): send(.pong(nonce: nonce))
        case .sendReject: send(.reject)
        case .askNewestBlock: ends[index].inbox.insert(.newestBlock(height: Int32(index) + 10), at: 0)
        case .askVersionAcceptance: ends[index].inbox.insert(.versionAccepted, at: 0)
        case .established(let version):
            #expect(ends[index].established == nil)
            ends[index].established = version
        case .close(let reason, flushFirst: _):
            #expect(ends[index].closed == nil)
            ends[index].closed = reason
            ends[1 - index].inbox.append(.transportClosed(.endOfStream))
        case .deliver, .deliverAddresses, .remember, .postpone, .releasePostponed, .sendInventory, .discourage: break
        }
    }
}

@Suite("Two sessions back to back")
struct SessionPairTests {
    private static let versions: [Int32] = [209, 60000, 60001, 70001, 70002, 70015, 70016, 80000, .max]

    private func configuration(
        _ version: Int32, minimum: Int32 = 209, key: ConnectionNonce.Key = SessionRig.key
    ) -> SessionConfiguration {
        var configuration = SessionConfiguration(nonceKey: key)
        configuration.protocolVersion = ProtocolVersion(rawValue: version)
        configuration.minimumProtocolVersion = ProtocolVersion(rawValue: minimum)
        return configuration
    }

    @Test("establish at the lower version and keep each other alive", arguments: versions, versions)
    func establish(dialling: Int32, accepting: Int32) {
        var pair = SessionPair(dialling: configuration(dialling), accepting: configuration(accepting))
        pair.run()
        let negotiated = ProtocolVersion(rawValue: min(dialling, accepting))
        for end in pair.ends {
            #expect(end.established == negotiated)
            #expect(end.rig.session.negotiatedVersion == negotiated)
            #expect(end.rig.session.isEstablished)
            #expect(end.sent.count == (negotiated >= .featureNegotiation ? 3 : 2))
        }
        #expect(pair.ends[0].rig.session.remote?.nonce == 2)
        #expect(pair.ends[1].rig.session.remote?.nonce == 1)

        while pair.now < SessionRig.start + .seconds(3_600) { pair.reachDeadline() }
        for end in pair.ends {
            #expect(end.closed == nil)
            #expect((end.rig.session.lastPingMicroseconds == 0) == (negotiated > .pingNonce))
            #expect((29...31).contains(end.sent.count { $0.kind == .ping }))
            #expect((negotiated > .pingNonce ? 29...31 : 0...0).contains(end.sent.count { $0.kind == .pong }))
        }
    }

    @Test("a version too low for the other side ends both, each with its reason")
    func tooOld() {
        var pair = SessionPair(dialling: configuration(70002), accepting: configuration(70016, minimum: 70014))
        pair.run()
        #expect(pair.ends[1].closed == .obsoleteVersion(.reject))
        #expect(pair.ends[0].closed == .remoteClosed)
        #expect(pair.ends[1].sent == [.reject])
        #expect(pair.ends.allSatisfy { $0.established == nil })
    }

    @Test("a node that dials itself finds out at the accepting end")
    func selfConnection() {
        let node = configuration(70016)
        let marked = SessionRig.key.makeNonce(random: 99)
        var pair = SessionPair(dialling: node, accepting: node, nonces: (marked, 5))
        pair.run()
        #expect(pair.ends[1].closed == .selfConnection)
        #expect(pair.ends[0].closed == .remoteClosed)
    }

    @Test("nodes with different keys do not take each other for themselves")
    func differentNodes() {
        let other = ConnectionNonce.Key(8, 9)
        let nonces = (SessionRig.key.makeNonce(random: 1), other.makeNonce(random: 1))
        var pair = SessionPair(
            dialling: configuration(70016), accepting: configuration(70016, key: other), nonces: nonces)
        pair.run()
        #expect(pair.ends.allSatisfy { $0.established == .current })
    }

    @Test("an application that leaves ends both")
    func leave() {
        var pair = SessionPair(dialling: configuration(70016), accepting: configuration(70016))
        pair.run()
        pair.ends[0].inbox.append(.disconnectRequested)
        pair.run()
        #expect(pair.ends[0].closed == .requested)
        #expect(pair.ends[1].closed == .remoteClosed)
    }

    /// Whatever is asked of the hosts, offered and wanted, in all combinations.
    @Test("establish with any settings on either side", arguments: 0..<64)
    func settings(bits: Int) {
        func configuration(_ bits: Int) -> SessionConfiguration {
            .with {
                $0.asksNewestBlock = bits & 1 != 0
                $0.asksVersionAcceptance = bits & 2 != 0
                $0.services = bits & 4 != 0 ? [.network, .extendedVersion] : [.network]
            }
        }
        let settings = [configuration(bits & 7), configuration(bits >> 3)]
        var pair = SessionPair(dialling: settings[0], accepting: settings[1])
        pair.run()
        let isExtended = settings.allSatisfy { $0.services.contains(.extendedVersion) }
        for index in 0...1 {
            let end = pair.ends[index]
            #expect(end.established == .current)
            #expect(
                end.sent.map(\.kind)
                    == [.version] + (isExtended ? [.extendedVersion] : []) + [.sendAddressesV2, .verack])
            #expect(end.rig.session.preferences.wantsAddressesV2)
            let height: Int32 = settings[1 - index].asksNewestBlock ? Int32(1 - index) + 10 : 0
            #expect(end.rig.session.remote?.startHeight == height)
        }
    }
}
