import PeerSession
import PeerWire
import Testing

/// Two sessions joined back to back: what one sends arrives at the other at once, in order.
private struct SessionPair {
    struct End {
        var session: PeerSession
        let configuration: SessionConfiguration
        var inbox: [SessionEvent] = []
        var established: ProtocolVersion?
        var closed: DisconnectReason?
        var sent = 0
    }

    var ends: [End]
    var now = SessionRig.start

    init(dialling: SessionConfiguration, accepting: SessionConfiguration, nonces: (UInt64, UInt64) = (1, 2)) {
        func end(_ configuration: SessionConfiguration, _ direction: PeerSession.Direction, _ nonce: UInt64) -> End {
            let session = PeerSession(
                configuration: configuration, direction: direction, localNonce: nonce, seed: nonce,
                at: SessionRig.start)
            return End(session: session, configuration: configuration, inbox: [.connected])
        }
        ends = [end(dialling, .outbound, nonces.0), end(accepting, .inbound, nonces.1)]
    }

    /// Exchanges messages until both are quiet.
    mutating func run() {
        var actions = ActionList()
        while let index = ends.firstIndex(where: { !$0.inbox.isEmpty }) {
            let event = ends[index].inbox.removeFirst()
            ends[index].session.handle(event, at: now, into: &actions)
            for action in actions.array { carryOut(action, of: index) }
            actions.removeAll()
        }
    }

    mutating func reachDeadline() {
        let times = ends.filter { $0.closed == nil }.map(\.session.nextDeadline)
        guard let next = times.min() else { return }
        now = next
        for index in ends.indices { ends[index].inbox.append(.deadlineReached) }
        run()
    }

    private mutating func carryOut(_ action: SessionAction, of index: Int) {
        func send(_ event: SessionEvent) {
            ends[index].sent += 1
            ends[1 - index].inbox.append(event)
        }
        switch action {
        case .sendVersion:
            let configuration = ends[index].configuration
            send(
                .version(
                    VersionFacts(
                        protocolVersion: configuration.protocolVersion, services: configuration.services,
                        timestamp: 0, nonce: ends[index].session.localNonce)))
        case .sendVerack: send(.verack)
        case .sendPing(let nonce): send(.ping(nonce: nonce, checksum: 0))
        case .sendPong(let nonce, _): send(.pong(nonce: nonce))
        case .sendReject: send(.message(kind: .reject, command: .reject))
        case .deliver: break
        case .established(let version):
            #expect(ends[index].established == nil)
            ends[index].established = version
        case .close(let reason, flushFirst: _):
            #expect(ends[index].closed == nil)
            ends[index].closed = reason
            ends[1 - index].inbox.append(.transportClosed(.endOfStream))
        }
    }
}

@Suite("Two sessions back to back")
struct SessionPairTests {
    private static let versions: [Int32] = [209, 60000, 60001, 70001, 70002, 70015, 70016, 80000, .max]

    private func configuration(
        _ version: Int32, minimum: Int32 = 209, key: ConnectionNonce.Key = SessionRig.key
    ) -> SessionConfiguration {
        SessionConfiguration(
            nonceKey: key, protocolVersion: ProtocolVersion(rawValue: version),
            minimumProtocolVersion: ProtocolVersion(rawValue: minimum))
    }

    @Test("establish at the lower version and keep each other alive", arguments: versions, versions)
    func establish(dialling: Int32, accepting: Int32) {
        var pair = SessionPair(dialling: configuration(dialling), accepting: configuration(accepting))
        pair.run()
        let negotiated = ProtocolVersion(rawValue: min(dialling, accepting))
        for end in pair.ends {
            #expect(end.established == negotiated)
            #expect(end.session.negotiatedVersion == negotiated)
            #expect(end.session.isEstablished)
            #expect(end.sent == 2)
        }
        #expect(pair.ends[0].session.remote?.nonce == 2)
        #expect(pair.ends[1].session.remote?.nonce == 1)

        while pair.now < SessionRig.start + .seconds(3_600) { pair.reachDeadline() }
        for end in pair.ends {
            #expect(end.closed == nil)
            #expect((end.session.lastPingMicroseconds == 0) == (negotiated > .pingNonce))
            // Thirty pings, or with the peer's pongs sixty; two messages of the handshake.
            let perPing = negotiated > .pingNonce ? 2 : 1
            #expect((29 * perPing...31 * perPing).contains(end.sent - 2))
        }
    }

    @Test("a version too low for the other side ends both, each with its reason")
    func tooOld() {
        var pair = SessionPair(dialling: configuration(70002), accepting: configuration(70016, minimum: 70014))
        pair.run()
        #expect(pair.ends[1].closed == .obsoleteVersion(.reject))
        #expect(pair.ends[0].closed == .remoteClosed)
        #expect(pair.ends[1].sent == 1)
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
}
