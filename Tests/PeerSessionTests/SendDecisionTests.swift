import PeerSession
import PeerWire
import Testing

@Suite("What becomes of a message that is to be sent")
struct SendDecisionTests {
    private static let handshaking: [PeerSession.State] = [
        .connecting, .awaitingNewestBlock, .awaitingVersion, .awaitingAcceptance, .awaitingExtendedVersion,
        .awaitingVerack,
    ]

    @Test("held before the handshake is done, sent after it, refused after the close", arguments: FactSamples.all)
    func states(message: MessageFacts) {
        for state in Self.handshaking {
            var rig = SessionRig(in: state)
            #expect(rig.decide(message) == .hold)
        }
        var rig = SessionRig(in: .established)
        #expect(rig.decide(message) == .send)
        rig = SessionRig(in: .closed)
        #expect(rig.decide(message) == .refuseClosed)
    }

    @Test("held up to the cap and not beyond", arguments: handshaking)
    func cap(state: PeerSession.State) {
        var rig = SessionRig(in: state, .outbound, .with { $0.heldByteCap = 1_000 })
        #expect(rig.decide(.getAddresses, byteCount: 600) == .hold)
        #expect(rig.decide(.getAddresses, byteCount: 401) == .refuseFull)
        // What was refused takes no room.
        #expect(rig.decide(.getAddresses, byteCount: 400) == .hold)
        #expect(rig.decide(.getAddresses, byteCount: 1) == .refuseFull)
    }

    @Test("the first is held whatever its size")
    func first() {
        var rig = SessionRig(in: .awaitingVersion)
        #expect(rig.decide(.block(nil), byteCount: 32 << 20) == .hold)
        #expect(rig.decide(.getAddresses, byteCount: 24) == .refuseFull)
    }

    @Test("the default cap is 1 MiB")
    func defaultCap() {
        var rig = SessionRig(in: .connecting)
        for _ in 0..<16 { #expect(rig.decide(.headers(count: 0), byteCount: 1 << 16) == .hold) }
        #expect(rig.decide(.getAddresses, byteCount: 1) == .refuseFull)
    }

    @Test("once established all that was held goes, and room is no question any more")
    func afterwards() {
        var rig = SessionRig(in: .awaitingVerack, .outbound, .with { $0.heldByteCap = 1_000 })
        let held: [MessageFacts] = [.getHeaders(BlockRange(first: FactSamples.hash(1))), .getAddresses, .sendHeaders]
        for message in held { #expect(rig.decide(message, byteCount: 300) == .hold) }
        #expect(rig.decide(.block(nil), byteCount: 300) == .refuseFull)
        // Nothing that was only held is awaited.
        #expect(!rig.session.awaits(.headers))
        rig.take(.verack)
        for message in held { #expect(rig.decide(message, byteCount: 300) == .send) }
        #expect(rig.session.awaits(.headers))
        #expect(rig.decide(.block(nil), byteCount: 64 << 20) == .send)
    }

    @Test("what is held is refused after a close before the handshake was done")
    func closedBefore() {
        var rig = SessionRig(in: .awaitingVersion)
        #expect(rig.decide(.getAddresses) == .hold)
        rig.take(.transportClosed(.reset))
        #expect(rig.decide(.getAddresses) == .refuseClosed)
    }

    // MARK: Repeated requests

    private static let requests: [@Sendable (BlockRange) -> MessageFacts] = [
        { .getBlocks($0) }, { .getHeaders($0) },
    ]

    @Test("the same getblocks or getheaders twice in a row is sent once", arguments: requests.indices)
    func repeated(kind: Int) {
        let request = Self.requests[kind]
        var rig = SessionRig(in: .established)
        let range = BlockRange(first: FactSamples.hash(1), stop: FactSamples.hash(2))
        #expect(rig.decide(request(range)) == .send)
        #expect(rig.decide(request(range)) == .skip)
        // Other messages in between change nothing.
        #expect(rig.decide(.getAddresses) == .send)
        rig.take(.notFound(InventoryFacts([])))
        #expect(rig.decide(request(range)) == .skip)
    }

    @Test("once answered the same may be asked again: the peer's chain may have grown", arguments: requests.indices)
    func repeatedAfterTheAnswer(kind: Int) {
        let request = Self.requests[kind]
        let answers: [MessageFacts] = [.inventory(InventoryFacts([])), .headers(count: 0)]
        var rig = SessionRig(in: .established)
        let range = BlockRange(first: FactSamples.hash(1), stop: FactSamples.hash(2))
        #expect(rig.decide(request(range)) == .send)
        rig.take(answers[1 - kind])
        #expect(rig.decide(request(range)) == .skip)
        rig.take(answers[kind])
        #expect(rig.decide(request(range)) == .send)
        #expect(rig.decide(request(range)) == .skip)
    }

    @Test("without a locator a block is asked for, and again where it is wanted again", arguments: requests.indices)
    func withoutLocator(kind: Int) {
        var rig = SessionRig(in: .established)
        for _ in 0..<2 {
            #expect(rig.decide(Self.requests[kind](BlockRange(first: .zero, stop: FactSamples.hash(2)))) == .send)
        }
    }

    @Test(
        "another beginning or end is another request, and so is the first again after it", arguments: requests.indices)
    func different(kind: Int) {
        let request = Self.requests[kind]
        var rig = SessionRig(in: .established)
        let first = BlockRange(first: FactSamples.hash(1), stop: FactSamples.hash(2))
        let otherStart = BlockRange(first: FactSamples.hash(3), stop: FactSamples.hash(2))
        let otherStop = BlockRange(first: FactSamples.hash(1), stop: FactSamples.hash(4))
        for range in [first, otherStart, otherStop, first, otherStop, first] {
            #expect(rig.decide(request(range)) == .send)
        }
    }

    @Test("getblocks and getheaders are told apart, and so are peers")
    func apart() {
        let range = BlockRange(first: FactSamples.hash(1))
        let group = SessionGroup.plain()
        for seed in 0..<2 as Range<UInt64> {
            var rig = SessionRig(.outbound, group: group, seed: seed)
            rig.take(.connected)
            rig.take(.version(.sample()))
            rig.take(.verack)
            #expect(rig.decide(.getBlocks(range)) == .send)
            #expect(rig.decide(.getHeaders(range)) == .send)
            #expect(rig.decide(.getBlocks(range)) == .skip)
            #expect(rig.decide(.getHeaders(range)) == .skip)
        }
    }

    @Test("a skipped request does not move the deadline of the one that was sent")
    func skippedDeadline() {
        var rig = SessionRig(in: .established, .outbound, .quiet())
        let request = MessageFacts.getHeaders(BlockRange(first: FactSamples.hash(1)))
        #expect(rig.decide(request) == .send)
        let deadline = rig.session.nextDeadline
        rig.now += .seconds(50)
        #expect(rig.decide(request) == .skip)
        #expect(rig.session.nextDeadline == deadline)
    }

    @Test("a request that was only held does not make the sent one a repetition")
    func heldFirst() {
        var rig = SessionRig(in: .awaitingVerack)
        let request = MessageFacts.getBlocks(BlockRange(first: FactSamples.hash(1)))
        #expect(rig.decide(request) == .hold)
        #expect(rig.decide(request) == .hold)
        rig.take(.verack)
        #expect(rig.decide(request) == .send)
        #expect(rig.decide(request) == .skip)
    }
}
