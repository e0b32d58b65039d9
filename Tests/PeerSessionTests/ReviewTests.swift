import PeerSession
import PeerWire
import Testing

/// Answers that honest nodes give in another way than asked, and ways to seem to answer for ever.
@Suite("Answers of other kinds")
struct OtherAnswerTests {
    private func rig(_ change: (inout SessionConfiguration) -> Void = { _ in }) -> SessionRig {
        let patient = SessionConfiguration.quiet {
            $0.idleTimeout = SessionConfiguration.longestDuration
            change(&$0)
        }
        return SessionRig(in: .established, .outbound, patient)
    }

    // MARK: A block for getblocktxn

    /// Bitcoin Cash Node answers a `getblocktxn` of a block more than ten deep with the whole block (`PROTOCOL` 3).
    @Test("a whole block answers getblocktxn")
    func blockForBlockTransactions() {
        var rig = rig()
        #expect(rig.decide(.getBlockTransactions) == .send)
        #expect(rig.take(.block(nil)) == [.deliver])
        #expect(!rig.session.awaits(.blockTransactions))
        #expect(rig.session.blockLikePayloadCap == 4 << 20)
    }

    @Test("a block that was asked for with getdata does not: the transactions may be long and still come")
    func blockForData() {
        var rig = rig()
        #expect(rig.decide(.getBlockTransactions) == .send)
        #expect(rig.decide(.getData(FactSamples.inventory(.block))) == .send)
        rig.take(.block(nil))
        #expect(!rig.session.awaits(.data))
        #expect(rig.session.awaits(.blockTransactions))
        #expect(rig.session.blockLikePayloadCap == .max)
        rig.take(.block(nil))
        #expect(!rig.session.awaits(.blockTransactions))
    }

    /// Three blocks may be under way at once (`PROTOCOL` 4.3), and each rest of one may be long.
    @Test("each getblocktxn has its answer")
    func severalBlockTransactions() {
        var rig = rig()
        for _ in 0..<3 { #expect(rig.decide(.getBlockTransactions) == .send) }
        for answer in [MessageFacts.blockTransactions, .block(nil), .blockTransactions] {
            #expect(rig.session.blockLikePayloadCap == .max)
            #expect(rig.session.nextDeadline == rig.now + .seconds(30))
            rig.now += .seconds(29)
            rig.take(answer)
        }
        #expect(!rig.session.awaits(.blockTransactions))
        #expect(rig.session.blockLikePayloadCap == 4 << 20)
    }

    @Test("nor does a filtered or compact block")
    func otherBlocks() {
        for message in [MessageFacts.merkleBlock(nil), .compactBlock(nil)] {
            var rig = rig()
            #expect(rig.decide(.getBlockTransactions) == .send)
            rig.take(message)
            #expect(rig.session.awaits(.blockTransactions))
        }
    }

    @Test("a block under way for getblocktxn is given its frame's time")
    func blockUnderWay() {
        var rig = rig()
        #expect(rig.decide(.getBlockTransactions) == .send)
        rig.now += .seconds(29)
        rig.take(.framePartlyReceived(command: .block, payloadByteCount: 16 << 20))
        #expect(rig.session.nextDeadline == rig.now + .seconds(60 + 1_024))
    }

    // MARK: Entries that nobody answers

    /// Neither node answers an entry of a kind it does not know, not even with `notfound` (`PROTOCOL` 2.5).
    @Test("entries of unknown kinds are not awaited")
    func unknownKinds() {
        let odd = FactSamples.items(InventoryKind(rawValue: 77), 3)
        var rig = rig()
        #expect(rig.decide(.getData(InventoryFacts(odd))) == .send)
        #expect(!rig.session.awaits(.data))
        #expect(rig.decide(.getData(InventoryFacts(odd + FactSamples.items(.transaction)))) == .send)
        rig.take(.transaction(nil))
        #expect(!rig.session.awaits(.data))
    }

    // MARK: For ever under way

    /// One frame is excused, as it may be the answer. When it was not, the next one has begun too late.
    @Test("frames that follow each other slowly do not put off a deadline for ever")
    func trickledFrames() {
        var rig = rig()
        #expect(rig.decide(.getData(FactSamples.inventory(.block))) == .send)
        let empty = MessageFacts.notFound(InventoryFacts([]))
        for _ in 0..<10 where !rig.session.isClosed {
            rig.take(.framePartlyReceived(command: .notFound, payloadByteCount: 1))
            rig.pass(.seconds(59))
            // In one read: the end of a frame, and the whole header of the next.
            if !rig.session.isClosed { rig.take(empty) }
        }
        #expect(rig.session.isClosed)
        #expect(rig.elapsed <= .seconds(3 * 59))
    }

    @Test("a frame that began in time has its own, also when it is looked at later")
    func begunInTime() {
        var rig = rig()
        #expect(rig.decide(.getData(FactSamples.inventory(.block))) == .send)
        rig.now += .seconds(30)
        rig.take(.framePartlyReceived(command: .block, payloadByteCount: 16 << 10))
        rig.now += .seconds(60)
        rig.take(.framePartlyReceived(command: .block, payloadByteCount: 16 << 10))
        #expect(rig.take(.deadlineReached).isEmpty)
        #expect(rig.session.nextDeadline == SessionRig.start + .seconds(30 + 61))
    }
}
