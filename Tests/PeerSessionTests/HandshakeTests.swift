import PeerSession
import PeerWire
import Testing

@Suite("Handshake, step by step")
struct HandshakeTests {
    @Test("outbound: version at once, sendaddrv2 and verack for the version, established by the verack")
    func outbound() {
        var rig = SessionRig(.outbound)
        #expect(rig.session.state == .connecting)
        #expect(rig.session.negotiatedVersion == .current)
        #expect(rig.take(.connected) == [.sendVersion(startHeight: nil)])
        #expect(rig.session.state == .awaitingVersion)
        #expect(rig.session.remote == nil)
        #expect(rig.take(.version(.sample())) == [.deliver, .sendAddressesV2, .sendVerack])
        #expect(rig.session.state == .awaitingVerack)
        #expect(!rig.session.isEstablished)
        #expect(rig.take(.verack) == [.deliver, .established(version: .current)])
        #expect(rig.session.isEstablished)
        #expect(rig.session.remote == .sample())
        #expect(rig.session.direction == .outbound)
        #expect(rig.session.localNonce == SessionRig.nonce)
    }

    @Test("inbound: nothing before the version, then version, sendaddrv2 and verack together")
    func inbound() {
        var rig = SessionRig(.inbound)
        #expect(rig.take(.connected).isEmpty)
        #expect(
            rig.take(.version(.sample()))
                == [.deliver, .sendVersion(startHeight: nil), .sendAddressesV2, .sendVerack])
        #expect(rig.take(.verack) == [.deliver, .established(version: .current)])
        #expect(rig.session.direction == .inbound)
    }

    @Test("the lower version is spoken", arguments: [209, 60_000, 70_001, 70_015, 70_016, 70_017, Int32.max])
    func negotiated(version: Int32) {
        let lower = ProtocolVersion(rawValue: min(version, 70_016))
        for direction in PeerSession.Direction.allCases {
            var rig = SessionRig(in: .awaitingVersion, direction)
            rig.take(.version(.sample(version)))
            #expect(rig.session.negotiatedVersion == lower)
            #expect(rig.take(.verack).last == .established(version: lower))
            #expect(rig.session.remote?.protocolVersion.rawValue == version)
        }
        let offered = SessionConfiguration.with { $0.protocolVersion = ProtocolVersion(rawValue: 60_002) }
        var rig = SessionRig(in: .awaitingVersion, .inbound, offered)
        rig.take(.version(.sample(version)))
        #expect(rig.session.negotiatedVersion.rawValue == min(version, 60_002))
    }

    @Test("sendaddrv2 goes to 70016 and above, where it is wanted", arguments: PeerSession.Direction.allCases)
    func addressesV2(direction: PeerSession.Direction) {
        for (version, isSent) in [(70_015, false), (70_016, true), (70_017, true)] as [(Int32, Bool)] {
            var rig = SessionRig(in: .awaitingVersion, direction)
            #expect(rig.take(.version(.sample(version))).contains(.sendAddressesV2) == isSent)
        }
        var rig = SessionRig(in: .awaitingVersion, direction, .with { $0.asksForAddressesV2 = false })
        let actions = rig.take(.version(.sample()))
        #expect(!actions.contains(.sendAddressesV2))
        #expect(actions.last == .sendVerack)
    }

    @Test("a peer that sends sendaddrv2 before its verack reads addrv2, and not one that sends it later")
    func wantsAddressesV2() {
        for state in [PeerSession.State.awaitingVerack, .awaitingExtendedVersion] {
            var rig = SessionRig(in: state)
            #expect(!rig.session.preferences.wantsAddressesV2)
            rig.take(.sendAddressesV2)
            #expect(rig.session.preferences.wantsAddressesV2)
            rig.take(.verack)
            #expect(rig.session.preferences.wantsAddressesV2)
        }
        var rig = SessionRig(in: .established)
        #expect(rig.take(.sendAddressesV2) == [.deliver])
        #expect(!rig.session.preferences.wantsAddressesV2)
    }

    @Test("what the version says is kept as the peer's preferences")
    func preferences() {
        for relay in [true, false] {
            var rig = SessionRig(in: .awaitingVersion)
            rig.take(.version(.sample(startHeight: 812_345, relay: relay)))
            #expect(rig.session.preferences.wantsTransactions == relay)
            #expect(rig.session.preferences.lastBlockHeight == 812_345)
        }
    }

    @Test("a peer that rejects our version and closes")
    func rejectedByPeer() {
        var rig = SessionRig(in: .awaitingVersion, .outbound)
        #expect(rig.take(.reject) == [.deliver])
        #expect(rig.take(.transportClosed(.endOfStream)) == [.close(.remoteClosed, flushFirst: false)])
    }

    /// Bitcoin Cash Node sends `getaddr` right behind its `verack`, and others their first announcements.
    @Test("messages right behind the verack are handled", arguments: PeerSession.Direction.allCases)
    func earlyMessages(direction: PeerSession.Direction) {
        var rig = SessionRig(in: .awaitingVerack, direction)
        rig.take(.verack)
        #expect(rig.take(.getAddresses) == [.deliver])
        #expect(rig.take(.ping(nonce: 3, checksum: 4)) == [.sendPong(nonce: 3, checksum: 4), .deliver])
        #expect(rig.take(.sendHeaders) == [.deliver])
        #expect(rig.session.preferences.wantsHeaders)
        #expect(rig.take(.inventory(FactSamples.inventory(.block))) == [.remember, .deliver])
    }

    // MARK: Deadline

    /// Each state of the handshake, the events that keep one in it, and whether the host is awaited.
    @Test(
        "the handshake has 30 s from connected, whatever comes in between",
        arguments: [
            PeerSession.State.awaitingNewestBlock, .awaitingVersion, .awaitingAcceptance, .awaitingExtendedVersion,
            .awaitingVerack,
        ], PeerSession.Direction.allCases)
    func deadline(state: PeerSession.State, direction: PeerSession.Direction) {
        var rig = SessionRig(in: state, direction)
        let limit = SessionRig.start + .seconds(30)
        #expect(rig.session.nextDeadline == limit)
        for _ in 0..<29 {
            rig.now += .seconds(1)
            #expect(rig.take(.deadlineReached).isEmpty)
            // Neither what comes from the peer nor what the node is busy with gives it more time.
            rig.take(.enteredLane)
            rig.take(.leftLane)
            rig.take(.readingPaused)
            rig.take(.readingResumed)
            if !rig.session.isAwaitingHost {
                rig.take(.framePartlyReceived(command: .verack, payloadByteCount: 0))
                rig.take(.reject)
            }
            #expect(rig.session.nextDeadline == limit)
        }
        rig.take(.readingPaused)
        rig.now = limit - .nanoseconds(1)
        #expect(rig.take(.deadlineReached).isEmpty)
        rig.now = limit
        #expect(rig.take(.deadlineReached) == [.close(.handshakeTimedOut, flushFirst: false)])
    }

    @Test("the time to connect is not the session's")
    func connecting() {
        for direction in PeerSession.Direction.allCases {
            var rig = SessionRig(direction)
            #expect(rig.session.nextDeadline > SessionRig.start + .seconds(99 * 365 * 86_400))
            rig.now += .seconds(100)
            #expect(rig.take(.deadlineReached).isEmpty)
            rig.take(.connected)
            #expect(rig.session.nextDeadline == SessionRig.start + .seconds(130))
        }
    }

    @Test("the time is settable")
    func settable() {
        var rig = SessionRig(in: .awaitingVersion, .inbound, .with { $0.handshakeTimeout = .milliseconds(5) })
        #expect(rig.reachDeadline() == [.close(.handshakeTimedOut, flushFirst: false)])
        #expect(rig.elapsed == .milliseconds(5))
    }
}
