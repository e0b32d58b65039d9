import PeerSession
import PeerWire
import Testing

@Suite("What the peer wants and what it is allowed")
struct PreferenceTests {
    private func wish(_ highBandwidth: Bool, _ version: UInt64 = 1) -> MessageFacts {
        .sendCompact(SendCompactMessage(highBandwidth: highBandwidth, version: version))
    }

    @Test("sendheaders")
    func sendHeaders() {
        var rig = SessionRig(in: .established)
        #expect(!rig.session.preferences.wantsHeaders)
        #expect(rig.take(.sendHeaders) == [.deliver])
        #expect(rig.session.preferences.wantsHeaders)
    }

    @Test("sendcmpct of version 1 sets the mode and may change it again and again")
    func sendCompact() {
        var rig = SessionRig(in: .established)
        #expect(!rig.session.preferences.wantsCompactBlocks)
        for isHigh in [false, true, true, false, true] {
            #expect(rig.take(wish(isHigh)) == [.deliver])
            #expect(rig.session.preferences.wantsCompactBlocks)
            #expect(rig.session.preferences.wantsDirectBlockRelay == isHigh)
        }
    }

    @Test("sendcmpct of another version changes nothing", arguments: [0, 2, 3, UInt64.max])
    func otherVersions(version: UInt64) {
        var rig = SessionRig(in: .established)
        #expect(rig.take(wish(true, version)) == [.deliver])
        #expect(!rig.session.preferences.wantsCompactBlocks)
        #expect(!rig.session.preferences.wantsDirectBlockRelay)
        rig.take(wish(true))
        rig.take(wish(false, version))
        #expect(rig.session.preferences.wantsDirectBlockRelay)
        #expect(rig.decide(wish(true, version)) == .send)
        #expect(!rig.session.preferences.allowsDirectBlockRelay)
    }

    @Test("what they want and what we allow are kept apart")
    func bothWays() {
        var rig = SessionRig(in: .established)
        rig.take(wish(true))
        #expect(rig.session.preferences.wantsDirectBlockRelay)
        #expect(!rig.session.preferences.allowsDirectBlockRelay)
        #expect(rig.decide(wish(true)) == .send)
        #expect(rig.session.preferences.allowsDirectBlockRelay)
        rig.take(wish(false))
        #expect(!rig.session.preferences.wantsDirectBlockRelay)
        #expect(rig.session.preferences.allowsDirectBlockRelay)
        #expect(rig.decide(wish(false)) == .send)
        #expect(!rig.session.preferences.allowsDirectBlockRelay)
    }

    @Test("a held sendcmpct allows nothing until it is sent")
    func held() {
        var rig = SessionRig(in: .awaitingVerack)
        #expect(rig.decide(wish(true)) == .hold)
        #expect(!rig.session.preferences.allowsDirectBlockRelay)
        rig.take(.verack)
        #expect(rig.decide(wish(true)) == .send)
        #expect(rig.session.preferences.allowsDirectBlockRelay)
    }

    @Test("feefilter within the money there is", arguments: [0, 1, 1_000, 2_100_000_000_000_000])
    func feeFilter(rate: Int64) {
        var rig = SessionRig(in: .established)
        #expect(rig.session.preferences.feeFilter == 0)
        #expect(rig.take(.feeFilter(rate: rate)) == [.deliver])
        #expect(rig.session.preferences.feeFilter == rate)
    }

    @Test(
        "feefilter beyond it is an offence, not delivered, and changes nothing",
        arguments: [-1, 2_100_000_000_000_001, Int64.min, Int64.max])
    func feeFilterOutOfRange(rate: Int64) {
        var rig = SessionRig(in: .established)
        rig.take(.feeFilter(rate: 5))
        let actions = rig.take(.feeFilter(rate: rate))
        #expect(!actions.contains(.deliver))
        #expect(actions.isEmpty || actions.closeReason == .misbehaved(.feeFilterOutOfRange))
        #expect(rig.session.preferences.feeFilter == 5)
    }

    @Test("the relay flag, which filterload sets")
    func relay() {
        var rig = SessionRig(in: .established, .inbound, .with { $0.services = .bloom }, remote: .sample(relay: false))
        #expect(!rig.session.preferences.wantsTransactions)
        for message in [MessageFacts.filterAdd, .filterClear, .mempool] {
            #expect(rig.take(message) == [.deliver])
            #expect(!rig.session.preferences.wantsTransactions)
        }
        #expect(rig.take(.filterLoad) == [.deliver])
        #expect(rig.session.preferences.wantsTransactions)
    }

    @Test("a filterload that is refused or dropped sets nothing")
    func relayWithoutService() {
        for version in [70_010, 70_011] as [Int32] {
            var rig = SessionRig(in: .established, remote: .sample(version, relay: false))
            rig.take(.filterLoad)
            #expect(!rig.session.preferences.wantsTransactions)
        }
    }

    @Test("the height of the last block only rises")
    func height() {
        var rig = SessionRig(in: .established, remote: .sample(startHeight: 100))
        for (height, known) in [(99, 100), (101, 101), (100, 101), (-5, 101), (500, 500), (0, 500)] as [(Int32, Int32)]
        {
            rig.session.noteBlock(height: height)
            #expect(rig.session.preferences.lastBlockHeight == known)
        }
        rig = SessionRig(in: .established, remote: .sample(startHeight: -7))
        #expect(rig.session.preferences.lastBlockHeight == -7)
        rig.session.noteBlock(height: 1)
        #expect(rig.session.preferences.lastBlockHeight == 1)
    }

    @Test("the last block announced by inv")
    func lastAnnounced() {
        var rig = SessionRig(in: .established)
        let hashes = [FactSamples.hash(1), FactSamples.hash(2)]
        #expect(rig.session.preferences.lastAnnouncedBlock == nil)
        let blocks = hashes.map { InventoryVector(kind: .block, hash: $0) }
        rig.take(.inventory(InventoryFacts(blocks + FactSamples.items(.transaction))))
        #expect(rig.session.preferences.lastAnnouncedBlock == hashes[1])
        rig.take(.inventory(FactSamples.inventory(.transaction)))
        #expect(rig.session.preferences.lastAnnouncedBlock == hashes[1])
        // The host may reset it.
        rig.session.preferences.lastAnnouncedBlock = nil
        #expect(rig.session.preferences.lastAnnouncedBlock == nil)
    }

    @Test("the first xversion is answered, the second refused")
    func xVersion() {
        var rig = SessionRig(in: .established)
        #expect(rig.take(.xVersion) == [.sendXVerack, .deliver])
        #expect(rig.take(.xVerack) == [.deliver])
        #expect(
            rig.take(.xVersion) == [
                .sendReject(command: .xVersion, code: .duplicate, reason: .violation(.duplicateXVersion)),
                .close(.protocolViolation(.duplicateXVersion, command: .xVersion), flushFirst: true),
            ])
    }
}
