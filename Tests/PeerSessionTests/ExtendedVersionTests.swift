import PeerSession
import PeerWire
import Testing

/// Both sides offer bit 11: `extversion` goes in place of an immediate `verack`. Source: `PROTOCOL` 5.5.
@Suite("Negotiation of extversion")
struct ExtendedVersionTests {
    private static let offering = SessionConfiguration.with { $0.services = [.network, .extendedVersion] }
    private static let offered = VersionFacts.sample(services: [.network, .extendedVersion])

    private func rig(_ direction: PeerSession.Direction) -> SessionRig {
        SessionRig(in: .awaitingVersion, direction, Self.offering)
    }

    @Test("our extversion, theirs, then sendaddrv2 and verack")
    func negotiated() {
        var rig = rig(.outbound)
        #expect(rig.take(.version(Self.offered)) == [.deliver, .sendExtendedVersion])
        #expect(rig.session.state == .awaitingExtendedVersion)
        #expect(rig.take(.extendedVersion) == [.deliver, .sendAddressesV2, .sendVerack])
        #expect(rig.session.state == .awaitingVerack)
        #expect(rig.take(.verack) == [.deliver, .established(version: .current)])

        rig = self.rig(.inbound)
        #expect(
            rig.take(.version(Self.offered)) == [.deliver, .sendVersion(startHeight: nil), .sendExtendedVersion])
        #expect(rig.take(.extendedVersion) == [.deliver, .sendAddressesV2, .sendVerack])
        #expect(rig.take(.verack) == [.deliver, .established(version: .current)])
    }

    @Test("not unless both sides offer it", arguments: PeerSession.Direction.allCases)
    func oneSide(direction: PeerSession.Direction) {
        var rig = rig(direction)
        var actions = rig.take(.version(.sample(services: .network)))
        #expect(actions.last == .sendVerack)
        #expect(!actions.contains(.sendExtendedVersion))

        rig = SessionRig(in: .awaitingVersion, direction, .plain)
        actions = rig.take(.version(Self.offered))
        #expect(actions.last == .sendVerack)
        #expect(!actions.contains(.sendExtendedVersion))
    }

    @Test("a verack in place of theirs: fall back", arguments: PeerSession.Direction.allCases)
    func fallBack(direction: PeerSession.Direction) {
        var rig = rig(direction)
        rig.take(.version(Self.offered))
        #expect(
            rig.take(.verack)
                == [.sendAddressesV2, .sendVerack, .deliver, .established(version: .current)])
        #expect(rig.session.isEstablished)
    }

    @Test("sendaddrv2 on either side of theirs", arguments: PeerSession.Direction.allCases, [true, false])
    func withAddressesV2(direction: PeerSession.Direction, before: Bool) {
        var rig = rig(direction)
        rig.take(.version(Self.offered))
        let messages: [MessageFacts] =
            before ? [.sendAddressesV2, .extendedVersion] : [.extendedVersion, .sendAddressesV2]
        let sent = messages.flatMap { rig.take($0) }
        #expect(sent.count { $0 == .sendVerack } == 1)
        #expect(sent.count { $0 == .sendAddressesV2 } == 1)
        #expect(sent.count { $0 == .deliver } == 2)
        #expect(rig.session.preferences.wantsAddressesV2)
        #expect(rig.take(.verack) == [.deliver, .established(version: .current)])
    }

    @Test("a fall-back after sendaddrv2 sends the verack once")
    func fallBackAfterAddressesV2() {
        var rig = rig(.outbound)
        rig.take(.version(Self.offered))
        #expect(rig.take(.sendAddressesV2) == [.deliver])
        #expect(rig.take(.verack).count { $0 == .sendVerack } == 1)
    }

    @Test("one that was not negotiated is delivered and changes nothing", arguments: PeerSession.Direction.allCases)
    func notNegotiated(direction: PeerSession.Direction) {
        var rig = SessionRig(in: .awaitingVerack, direction)
        #expect(rig.take(.extendedVersion) == [.deliver])
        #expect(rig.session.state == .awaitingVerack)
        #expect(rig.take(.verack) == [.deliver, .established(version: .current)])
        // A node that takes it for negotiated sends its own late; that is harmless, too.
        #expect(rig.take(.extendedVersion) == [.deliver])
        #expect(rig.session.isEstablished)
    }

    @Test("unknown commands, the application's own and rejects pass while it is awaited")
    func tolerated() {
        var rig = rig(.inbound)
        rig.take(.version(Self.offered))
        for message in [MessageFacts.unknown(FactSamples.unknown), .custom(FactSamples.custom), .reject] {
            #expect(rig.take(message) == [.deliver])
            #expect(rig.session.state == .awaitingExtendedVersion)
        }
        #expect(rig.take(.extendedVersion).last == .sendVerack)
    }

    @Test("below 70016 no sendaddrv2 goes with it")
    func oldVersion() {
        var rig = rig(.outbound)
        rig.take(.version(.sample(70_015, services: [.network, .extendedVersion])))
        #expect(rig.take(.extendedVersion) == [.deliver, .sendVerack])
    }
}
