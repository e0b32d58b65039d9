import PeerSession
import PeerWire
import Testing

@Suite("What a handshake refuses and what it tolerates")
struct HandshakeRefusalTests {
    @Test("a version below the minimum of 209", arguments: [208, 106, 0, -1, Int32.min])
    func obsolete(version: Int32) {
        for direction in PeerSession.Direction.allCases {
            // No reject: there is none at these versions.
            var rig = SessionRig(in: .awaitingVersion, direction)
            let reason = DisconnectReason.obsoleteVersion(ProtocolVersion(rawValue: version))
            #expect(rig.take(.version(.sample(version))) == [.close(reason, flushFirst: false)])
            #expect(rig.session.remote?.protocolVersion.rawValue == version)
            rig = SessionRig(in: .awaitingVersion, direction)
            #expect(rig.take(.version(.sample(209))).last == .sendVerack)
        }
    }

    @Test("a version below a minimum that was set", arguments: PeerSession.Direction.allCases)
    func settableMinimum(direction: PeerSession.Direction) {
        let strict = SessionConfiguration.with { $0.minimumProtocolVersion = .compactBlocks }
        var rig = SessionRig(in: .awaitingVersion, direction, strict)
        #expect(
            rig.take(.version(.sample(70_013))) == [
                .sendReject(command: .version, code: .obsolete, reason: .obsoleteVersion(minimum: .compactBlocks)),
                .close(.obsoleteVersion(.feeFilter), flushFirst: true),
            ])
        rig = SessionRig(in: .awaitingVersion, direction, strict)
        #expect(
            rig.take(.version(.sample(70_001))) == [.close(.obsoleteVersion(.bloomFilter), flushFirst: false)])
        rig = SessionRig(in: .awaitingVersion, direction, strict)
        #expect(rig.take(.version(.sample(-1))).closeReason == .obsoleteVersion(ProtocolVersion(rawValue: -1)))
        rig = SessionRig(in: .awaitingVersion, direction, strict)
        #expect(rig.take(.version(.sample(70_014))).last == .sendVerack)
    }

    @Test("required services are asked of the peers we dial only")
    func services() {
        let picky = SessionConfiguration.with { $0.requiredServices = [.network, .bitcoinCash, .committedFilters] }
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
            rig.take(.version(.sample(70_001, services: [.network, .bitcoinCash])))
                == [.close(.missingServices(.committedFilters), flushFirst: false)])
        rig = SessionRig(in: .awaitingVersion, .outbound, picky)
        let enough: Services = [.network, .bitcoinCash, .committedFilters, .bloom]
        #expect(rig.take(.version(.sample(services: enough))).last == .sendVerack)
        rig = SessionRig(in: .awaitingVersion, .inbound, picky)
        #expect(rig.take(.version(.sample(services: []))).last == .sendVerack)
    }

    @Test("no reject goes to a peer below 70002, nor from a node that speaks less")
    func rejectIsVersioned() {
        for (version, rejects) in [(70_001, false), (70_002, true)] as [(Int32, Bool)] {
            var rig = SessionRig(in: .awaitingVerack, .inbound, remote: .sample(version))
            let reason = DisconnectReason.protocolViolation(.beforeVerack, command: .inventory)
            let actions = rig.take(FactSamples.facts(.inventory))
            #expect(actions.last == .close(reason, flushFirst: rejects))
            #expect(actions.count == (rejects ? 2 : 1))

            rig = SessionRig(in: .established, .inbound, remote: .sample(version))
            #expect(rig.take(.version(.sample(version))).count == (rejects ? 2 : 1))

            rig = SessionRig(in: .established, .inbound, remote: .sample(version))
            #expect(rig.take(.refused(command: .block, refusal: .truncated)).count == (rejects ? 2 : 1))

            rig = SessionRig(in: .awaitingAcceptance, .inbound, remote: .sample(version))
            #expect(rig.take(.versionRefused(.invalid)).count == (rejects ? 2 : 1))
        }
        let old = SessionConfiguration.with { $0.protocolVersion = .bloomFilter }
        var rig = SessionRig(in: .awaitingVersion, .inbound, old)
        #expect(
            rig.take(.verack)
                == [.close(.protocolViolation(.beforeVersion, command: .verack), flushFirst: false)])
    }

    /// bchd names the command it had expected; a reject says which message was refused (BIP 61).
    @Test("a reject names the refused command", arguments: FactSamples.all)
    func named(message: MessageFacts) {
        for state in [PeerSession.State.awaitingVersion, .awaitingExtendedVersion, .awaitingVerack, .established] {
            var rig = SessionRig(in: state, .inbound)
            for action in rig.take(message) {
                guard case .sendReject(let command, _, _) = action else { continue }
                #expect(command == message.command)
                #expect(
                    rig.session.isClosed, "a reject is followed by the close")
            }
        }
    }

    @Test("a second version or verack", arguments: PeerSession.Direction.allCases)
    func duplicates(direction: PeerSession.Direction) {
        for state in [PeerSession.State.awaitingExtendedVersion, .awaitingVerack, .established] {
            var rig = SessionRig(in: state, direction)
            #expect(
                rig.take(.version(.sample())) == [
                    .sendReject(command: .version, code: .duplicate, reason: .violation(.duplicateVersion)),
                    .close(.protocolViolation(.duplicateVersion, command: .version), flushFirst: true),
                ])
        }
        var rig = SessionRig(in: .established, direction)
        #expect(
            rig.take(.verack) == [
                .sendReject(command: .verack, code: .duplicate, reason: .violation(.duplicateVerack)),
                .close(.protocolViolation(.duplicateVerack, command: .verack), flushFirst: true),
            ])
    }

    @Test(
        "tolerated between version and verack, any number of times and in any order",
        arguments: PeerSession.Direction.allCases)
    func tolerated(direction: PeerSession.Direction) {
        let messages: [MessageFacts] = [
            .sendAddressesV2, .extendedVersion, .unknown(FactSamples.unknown), .custom(FactSamples.custom), .reject,
        ]
        for first in messages {
            for second in messages {
                var rig = SessionRig(in: .awaitingVerack, direction)
                for message in [first, second, first] {
                    #expect(rig.take(message) == [.deliver])
                    #expect(rig.session.state == .awaitingVerack)
                }
                #expect(rig.take(.verack) == [.deliver, .established(version: .current)])
            }
        }
    }

    @Test("only a reject is tolerated before the version", arguments: FactSamples.all)
    func first(message: MessageFacts) {
        for direction in PeerSession.Direction.allCases {
            var rig = SessionRig(in: .awaitingVersion, direction)
            let reason = rig.take(message).closeReason
            switch message {
            case .version, .reject: #expect(reason == nil)
            default: #expect(reason == .protocolViolation(.beforeVersion, command: message.command))
            }
        }
    }
}
