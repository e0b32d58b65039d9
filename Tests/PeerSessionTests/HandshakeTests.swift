import PeerSession
import PeerWire
import Testing

@Suite("Handshake, step by step")
struct HandshakeTests {
    @Test("outbound: version at once, verack for the version, established by the verack")
    func outbound() {
        var rig = SessionRig(.outbound)
        #expect(rig.session.state == .connecting)
        #expect(rig.session.negotiatedVersion == .current)
        #expect(rig.take(.connected) == [.sendVersion])
        #expect(rig.session.state == .awaitingVersion)
        #expect(rig.session.remote == nil)
        #expect(rig.take(.version(.sample(70015))) == [.deliver, .sendVerack])
        #expect(rig.session.state == .awaitingVerack)
        #expect(!rig.session.isEstablished)
        #expect(rig.take(.verack) == [.deliver, .established(version: .noValidationRelay)])
        #expect(rig.session.isEstablished)
        #expect(rig.session.remote == .sample(70015))
        #expect(rig.session.negotiatedVersion == .noValidationRelay)
        #expect(rig.session.direction == .outbound)
        #expect(rig.session.localNonce == SessionRig.nonce)
    }

    @Test("inbound: nothing before the version, then version and verack together")
    func inbound() {
        var rig = SessionRig(.inbound)
        #expect(rig.take(.connected).isEmpty)
        #expect(rig.take(.version(.sample())) == [.deliver, .sendVersion, .sendVerack])
        #expect(rig.take(.verack) == [.deliver, .established(version: .current)])
        #expect(rig.session.direction == .inbound)
    }

    @Test("tolerated between version and verack, any number of times", arguments: PeerSession.Direction.allCases)
    func tolerated(direction: PeerSession.Direction) throws {
        var rig = SessionRig(in: .awaitingVerack, direction)
        let unknown = try #require(Command("wtxidrelay"))
        let events: [SessionEvent] = [
            .sendAddressesV2, .extendedVersion, .message(kind: nil, command: unknown),
            .message(kind: .reject, command: .reject),
        ]
        for event in events + events {
            #expect(rig.take(event) == [.deliver])
            #expect(rig.session.state == .awaitingVerack)
        }
        #expect(rig.take(.verack) == [.deliver, .established(version: .current)])
    }

    @Test("a getaddr right behind the verack is delivered after establishment")
    func getAddressesAtOnce() {
        var rig = SessionRig(in: .awaitingVerack, .inbound)
        rig.take(.verack)
        #expect(rig.take(.message(kind: .getAddresses, command: .getAddresses)) == [.deliver])
    }

    @Test("a peer that rejects our version and closes")
    func rejectedByPeer() {
        var rig = SessionRig(in: .awaitingVersion, .outbound)
        #expect(rig.take(.message(kind: .reject, command: .reject)) == [.deliver])
        #expect(rig.take(.transportClosed(.endOfStream)) == [.close(.remoteClosed, flushFirst: false)])
    }

    // MARK: Refusals

    @Test("a version below the minimum", arguments: PeerSession.Direction.allCases)
    func obsolete(direction: PeerSession.Direction) {
        // No reject: at 208 there is none.
        for version in [208, 0, -1, Int32.min] {
            var rig = SessionRig(in: .awaitingVersion, direction)
            let reason = DisconnectReason.obsoleteVersion(ProtocolVersion(rawValue: version))
            #expect(rig.take(.version(.sample(version))) == [.close(reason, flushFirst: false)])
            #expect(rig.session.remote?.protocolVersion.rawValue == version)
        }
        let strict = SessionConfiguration(nonceKey: SessionRig.key, minimumProtocolVersion: .compactBlocks)
        var rig = SessionRig(in: .awaitingVersion, direction, strict)
        #expect(
            rig.take(.version(.sample(70013))) == [
                .sendReject(command: .version, code: .obsolete, reason: .obsoleteVersion(minimum: .compactBlocks)),
                .close(.obsoleteVersion(.feeFilter), flushFirst: true),
            ])
        rig = SessionRig(in: .awaitingVersion, direction, strict)
        #expect(
            rig.take(.version(.sample(70001))) == [.close(.obsoleteVersion(.bloomFilter), flushFirst: false)])
        rig = SessionRig(in: .awaitingVersion, direction, strict)
        #expect(rig.take(.version(.sample(70014))).last == .sendVerack)
    }

    @Test("required services are asked of the peers we dial only")
    func services() {
        let picky = SessionConfiguration(
            nonceKey: SessionRig.key, requiredServices: [.network, .bitcoinCash, .committedFilters])
        var rig = SessionRig(in: .awaitingVersion, .outbound, picky)
        #expect(
            rig.take(.version(.sample(services: [.network, .xthin]))) == [
                .sendReject(
                    command: .version, code: .nonstandard,
                    reason: .missingServices([.bitcoinCash, .committedFilters])),
                .close(.missingServices([.bitcoinCash, .committedFilters]), flushFirst: true),
            ])
        rig = SessionRig(in: .awaitingVersion, .outbound, picky)
        #expect(
            rig.take(.version(.sample(70001, services: [.network, .bitcoinCash])))
                == [.close(.missingServices(.committedFilters), flushFirst: false)])
        rig = SessionRig(in: .awaitingVersion, .outbound, picky)
        let enough: Services = [.network, .bitcoinCash, .committedFilters, .bloom]
        #expect(rig.take(.version(.sample(services: enough))) == [.deliver, .sendVerack])
        rig = SessionRig(in: .awaitingVersion, .inbound, picky)
        #expect(rig.take(.version(.sample(services: []))) == [.deliver, .sendVersion, .sendVerack])
    }

    @Test("no reject goes to a peer below 70002, nor from a node that speaks less")
    func rejectIsVersioned() {
        for (version, rejects) in [(70001, false), (70002, true)] as [(Int32, Bool)] {
            var rig = SessionRig(in: .awaitingVerack, .inbound, remote: .sample(version))
            let reason = DisconnectReason.protocolViolation(.beforeVerack, command: .inventory)
            let actions = rig.take(.message(kind: .inventory, command: .inventory))
            #expect(actions.last == .close(reason, flushFirst: rejects))
            #expect(actions.count == (rejects ? 2 : 1))

            rig = SessionRig(in: .established, .inbound, remote: .sample(version))
            #expect(rig.take(.version(.sample(version))).count == (rejects ? 2 : 1))

            rig = SessionRig(in: .established, .inbound, remote: .sample(version))
            #expect(rig.take(.refused(command: .block, refusal: .undecodable)).count == (rejects ? 2 : 1))
        }
        let old = SessionConfiguration(nonceKey: SessionRig.key, protocolVersion: .bloomFilter)
        var rig = SessionRig(in: .awaitingVersion, .inbound, old)
        #expect(
            rig.take(.verack)
                == [.close(.protocolViolation(.beforeVersion, command: .verack), flushFirst: false)])
    }

    // MARK: Self-connections

    @Test("any nonce of the node is recognised, by either side", arguments: PeerSession.Direction.allCases)
    func selfConnection(direction: PeerSession.Direction) {
        for index in 0..<1_000 as Range<UInt32> {
            var rig = SessionRig(in: .awaitingVersion, direction)
            let nonce = SessionRig.key.makeNonce(random: index &* 0x9e37_79b9)
            #expect(
                rig.take(.version(.sample(nonce: nonce))) == [.close(.selfConnection, flushFirst: false)])
        }
    }

    @Test("the session's own nonce is recognised even when it is not marked")
    func ownNonce() {
        var rig = SessionRig(in: .awaitingVersion)
        #expect(!SessionRig.key.isOwn(SessionRig.nonce))
        #expect(
            rig.take(.version(.sample(nonce: SessionRig.nonce))) == [.close(.selfConnection, flushFirst: false)])
    }

    @Test("a missing nonce is not ours, even where ours is 0")
    func missingNonce() {
        var rig = SessionRig(.outbound, nonce: 0)
        rig.take(.connected)
        #expect(rig.take(.version(.sample(nonce: 0))) == [.deliver, .sendVerack])
    }

    @Test("self-connections can be allowed")
    func selfAllowed() {
        let lenient = SessionConfiguration(nonceKey: SessionRig.key, allowSelfConnections: true)
        var rig = SessionRig(in: .awaitingVersion, .inbound, lenient)
        #expect(rig.take(.version(.sample(nonce: SessionRig.nonce))).last == .sendVerack)
    }

    // MARK: Deadline

    @Test("the handshake has 30 s from connected, whatever comes in between", arguments: PeerSession.Direction.allCases)
    func deadline(direction: PeerSession.Direction) {
        var rig = SessionRig(direction)
        // Connecting is the transport's to bound.
        #expect(rig.session.nextDeadline > SessionRig.start + .seconds(99 * 365 * 86_400))
        rig.now += .seconds(100)
        #expect(rig.take(.deadlineReached).isEmpty)
        rig.take(.connected)
        let limit = SessionRig.start + .seconds(130)
        #expect(rig.session.nextDeadline == limit)
        rig.now += .seconds(20)
        rig.take(.version(.sample()))
        #expect(rig.session.nextDeadline == limit)
        rig.now += .seconds(9)
        rig.take(.sendAddressesV2)
        #expect(rig.session.nextDeadline == limit)
        rig.now = limit - .nanoseconds(1)
        #expect(rig.take(.deadlineReached).isEmpty)
        rig.now = limit
        #expect(rig.take(.deadlineReached) == [.close(.handshakeTimedOut, flushFirst: false)])
        #expect(rig.session.nextDeadline > limit + .seconds(99 * 365 * 86_400))
    }

    @Test("a peer that never speaks is closed at the deadline")
    func silent() {
        var rig = SessionRig(in: .awaitingVersion, .inbound)
        #expect(rig.reachDeadline() == [.close(.handshakeTimedOut, flushFirst: false)])
        #expect(rig.now == SessionRig.start + .seconds(30))
    }
}
