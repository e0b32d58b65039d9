import PeerSession
import PeerWire
import Testing

@Suite("Questions to the host during the handshake")
struct HostQuestionTests {
    private static let asking = SessionConfiguration.with {
        $0.asksNewestBlock = true
        $0.asksVersionAcceptance = true
    }

    @Test("outbound: the newest block before our version, acceptance after theirs")
    func outbound() {
        var rig = SessionRig(.outbound, Self.asking)
        #expect(!rig.session.isAwaitingHost)
        #expect(rig.take(.connected) == [.askNewestBlock])
        #expect(rig.session.state == .awaitingNewestBlock)
        #expect(rig.session.isAwaitingHost)
        #expect(rig.take(.newestBlock(height: 800_001)) == [.sendVersion(startHeight: 800_001)])
        #expect(!rig.session.isAwaitingHost)
        #expect(rig.take(.version(.sample())) == [.deliver, .askVersionAcceptance])
        #expect(rig.session.state == .awaitingAcceptance)
        #expect(rig.session.isAwaitingHost)
        #expect(rig.take(.versionAccepted) == [.sendAddressesV2, .sendVerack])
        #expect(rig.take(.verack) == [.deliver, .established(version: .current)])
    }

    @Test("inbound: acceptance first, and nothing is said of ourselves before it")
    func inbound() {
        var rig = SessionRig(.inbound, Self.asking)
        #expect(rig.take(.connected).isEmpty)
        #expect(rig.take(.version(.sample())) == [.deliver, .askVersionAcceptance])
        #expect(rig.take(.versionAccepted) == [.askNewestBlock])
        #expect(rig.session.isAwaitingHost)
        #expect(
            rig.take(.newestBlock(height: -1)) == [.sendVersion(startHeight: -1), .sendAddressesV2, .sendVerack])
        #expect(rig.take(.verack) == [.deliver, .established(version: .current)])
    }

    @Test("with extversion, ours follows the last answer", arguments: PeerSession.Direction.allCases)
    func extendedVersion(direction: PeerSession.Direction) {
        var configuration = Self.asking
        configuration.services = .extendedVersion
        var rig = SessionRig(direction, configuration)
        let version = SessionEvent.message(.version(.sample(services: .extendedVersion)), frameByteCount: 100)
        let events: [SessionEvent] =
            direction == .outbound
            ? [.connected, .newestBlock(height: 5), version] : [.connected, version, .versionAccepted]
        for event in events { rig.take(event) }
        if direction == .outbound {
            #expect(rig.take(.versionAccepted) == [.sendExtendedVersion])
        } else {
            #expect(rig.take(.newestBlock(height: 5)) == [.sendVersion(startHeight: 5), .sendExtendedVersion])
        }
        #expect(rig.session.state == .awaitingExtendedVersion)
        #expect(rig.take(.extendedVersion).last == .sendVerack)
    }

    @Test("each can be asked alone")
    func alone() {
        var rig = SessionRig(.inbound, .with { $0.asksNewestBlock = true })
        rig.take(.connected)
        #expect(rig.take(.version(.sample())) == [.deliver, .askNewestBlock])
        rig = SessionRig(.inbound, .with { $0.asksVersionAcceptance = true })
        rig.take(.connected)
        rig.take(.version(.sample()))
        #expect(
            rig.take(.versionAccepted) == [.sendVersion(startHeight: nil), .sendAddressesV2, .sendVerack])
    }

    @Test("a refusal goes out with the host's code", arguments: PeerSession.Direction.allCases)
    func refused(direction: PeerSession.Direction) {
        for code in [RejectCode.nonstandard, .obsolete, RejectCode(rawValue: 0x4f)] {
            var rig = SessionRig(in: .awaitingAcceptance, direction)
            #expect(
                rig.take(.versionRefused(code)) == [
                    .sendReject(command: .version, code: code, reason: .host),
                    .close(.versionRefused(code), flushFirst: true),
                ])
            #expect(rig.session.remote != nil)
        }
    }

    @Test("a version that our own rules refuse is not asked about")
    func refusedBefore() {
        var rig = SessionRig(.inbound, Self.asking)
        rig.take(.connected)
        #expect(
            rig.take(.version(.sample(208)))
                == [.close(.obsoleteVersion(ProtocolVersion(rawValue: 208)), flushFirst: false)])
        rig = SessionRig(.inbound, Self.asking)
        rig.take(.connected)
        #expect(
            rig.take(.version(.sample(nonce: SessionRig.key.makeNonce(random: 1))))
                == [.close(.selfConnection, flushFirst: false)])
    }

    @Test("the connection may end while an answer is awaited; the answer is then too late, and harmless")
    func ended() {
        for state in [PeerSession.State.awaitingNewestBlock, .awaitingAcceptance] {
            var rig = SessionRig(in: state)
            #expect(rig.take(.transportClosed(.reset)) == [.close(.remoteReset, flushFirst: false)])
            #expect(rig.take(state == .awaitingNewestBlock ? .newestBlock(height: 1) : .versionAccepted).isEmpty)
            #expect(rig.session.isClosed)
            #expect(!rig.session.isAwaitingHost)
        }
    }
}
