import PeerSession
import PeerWire
import Testing

@Suite("Progress of what was asked for")
struct ResponseProgressTests {
    private func rig(_ change: (inout SessionConfiguration) -> Void = { _ in }) -> SessionRig {
        let patient = SessionConfiguration.quiet {
            $0.idleTimeout = SessionConfiguration.longestDuration
            change(&$0)
        }
        return SessionRig(in: .established, .outbound, patient)
    }

    /// 3 transactions, 2 blocks and a proof.
    private let batch = InventoryFacts(
        FactSamples.items(.transaction, 3) + FactSamples.items(.block, 2) + FactSamples.items(.doubleSpendProof))

    @Test("each entry of a batch gives the rest its time anew")
    func batchProgress() {
        var rig = rig()
        #expect(rig.decide(.getData(batch)) == .send)
        let answers: [MessageFacts] = [
            .transaction(nil), .block(nil), .notFound(FactSamples.inventory(.transaction)), .doubleSpendProof(nil),
            .compactBlock(nil), .transaction(nil),
        ]
        for answer in answers {
            #expect(rig.session.nextDeadline == rig.now + .seconds(30))
            rig.now += .seconds(29)
            #expect(rig.session.awaits(.data))
            rig.take(answer)
        }
        #expect(!rig.session.awaits(.data))
    }

    @Test("a batch that stalls closes 30 s after its last entry")
    func stalls() {
        var rig = rig()
        #expect(rig.decide(.getData(batch)) == .send)
        rig.now += .seconds(29)
        rig.take(.transaction(nil))
        rig.now += .seconds(29)
        #expect(rig.take(.deadlineReached).isEmpty)
        rig.now += .seconds(1)
        #expect(rig.take(.deadlineReached) == [.close(.responseTimedOut(.data), flushFirst: false)])
    }

    @Test("what was not asked for is no progress")
    func unsolicited() {
        var rig = rig()
        #expect(rig.decide(.getData(FactSamples.inventory(.block, 2))) == .send)
        let deadline = rig.session.nextDeadline
        for _ in 0..<29 {
            rig.now += .seconds(1)
            rig.take(.transaction(nil))
            rig.take(.doubleSpendProof(nil))
            rig.take(.notFound(FactSamples.inventory(.transaction, 50)))
            rig.take(.notFound(InventoryFacts([])))
            rig.take(.inventory(FactSamples.inventory(.block)))
            #expect(rig.session.nextDeadline == deadline)
        }
        #expect(rig.reachDeadline() == [.close(.responseTimedOut(.data), flushFirst: false)])
    }

    @Test("notfound answers as many as it names, of any kind asked for")
    func notFound() {
        var rig = rig()
        let proof = FactSamples.items(.doubleSpendProof)
        #expect(rig.decide(.getData(InventoryFacts(FactSamples.items(.transaction, 3) + proof))) == .send)
        rig.take(.notFound(FactSamples.inventory(.transaction, 2)))
        #expect(rig.session.awaits(.data))
        rig.take(.notFound(InventoryFacts(proof)))
        #expect(rig.session.awaits(.data))
        rig.take(.notFound(FactSamples.inventory(.transaction, 9)))
        #expect(!rig.session.awaits(.data))
    }

    @Test("two batches are awaited together")
    func twoBatches() {
        var rig = rig()
        #expect(rig.decide(.getData(FactSamples.inventory(.block))) == .send)
        rig.now += .seconds(10)
        #expect(rig.decide(.getData(FactSamples.inventory(.transaction))) == .send)
        #expect(rig.session.nextDeadline == rig.now + .seconds(30))
        rig.take(.block(nil))
        #expect(rig.session.awaits(.data))
        rig.take(.transaction(nil))
        #expect(!rig.session.awaits(.data))
    }

    // MARK: Frames under way

    @Test("an answer under way is given its frame's time")
    func underWay() {
        var rig = rig()
        #expect(rig.decide(.getData(FactSamples.inventory(.block))) == .send)
        rig.now += .seconds(29)
        rig.take(.framePartlyReceived(command: .block, payloadByteCount: 16 << 20))
        #expect(rig.session.nextDeadline == rig.now + .seconds(60 + 1_024))
        rig.now += .seconds(1_000)
        #expect(rig.take(.deadlineReached).isEmpty)
        #expect(rig.take(.block(nil)) == [.deliver])
        #expect(!rig.session.awaits(.data))
    }

    @Test("a frame of another kind under way is no excuse")
    func otherFrame() {
        var rig = rig()
        #expect(rig.decide(.getHeaders(BlockRange(first: FactSamples.hash(1)))) == .send)
        rig.take(.framePartlyReceived(command: .block, payloadByteCount: 16 << 20))
        #expect(rig.session.nextDeadline == rig.now + .seconds(90))
        #expect(rig.reachDeadline() == [.close(.responseTimedOut(.headers), flushFirst: false)])
    }

    @Test("nor is it for a second answer that is due while the first is under way")
    func secondAnswer() {
        var rig = rig { $0.responseTimeouts.headers = .seconds(10) }
        #expect(rig.decide(.getHeaders(BlockRange(first: FactSamples.hash(1)))) == .send)
        #expect(rig.decide(.getBlockTransactions) == .send)
        rig.now += .seconds(9)
        rig.take(.framePartlyReceived(command: .headers, payloadByteCount: 16 << 10))
        // The headers have until 70 s, the transactions only until 30 s.
        #expect(rig.session.nextDeadline == SessionRig.start + .seconds(30))
        #expect(rig.reachDeadline() == [.close(.responseTimedOut(.blockTransactions), flushFirst: false)])
    }

    // MARK: Long blocks

    @Test("long blocks are accepted while one is awaited or direct relay is allowed, and capped otherwise")
    func cap() {
        var rig = rig()
        #expect(rig.session.blockLikePayloadCap == 4 << 20)
        #expect(rig.decide(.getData(FactSamples.inventory(.transaction))) == .send)
        #expect(rig.session.blockLikePayloadCap == 4 << 20)
        #expect(rig.decide(.getData(FactSamples.inventory(.block))) == .send)
        #expect(rig.session.blockLikePayloadCap == .max)
        rig.take(.block(nil))
        #expect(rig.session.blockLikePayloadCap == 4 << 20)
        #expect(rig.decide(.getBlockTransactions) == .send)
        #expect(rig.session.blockLikePayloadCap == .max)
        rig.take(.blockTransactions)
        #expect(rig.session.blockLikePayloadCap == 4 << 20)
        #expect(rig.decide(.sendCompact(SendCompactMessage(highBandwidth: true))) == .send)
        #expect(rig.session.blockLikePayloadCap == .max)
        #expect(rig.decide(.sendCompact(SendCompactMessage(highBandwidth: false))) == .send)
        #expect(rig.session.blockLikePayloadCap == 4 << 20)
    }

    /// Headers asked for behind sixteen blocks come behind sixteen blocks.
    @Test("while blocks that were asked for come, what was asked for behind them is not late; then it is")
    func behindBlocks() {
        var rig = rig { _ in }
        #expect(rig.decide(.getData(FactSamples.inventory(.block, 6))) == .send)
        #expect(rig.decide(.getHeaders(BlockRange(first: FactSamples.hash(1)))) == .send)
        for _ in 0..<6 {
            rig.now += .seconds(29)
            #expect(rig.take(.deadlineReached).isEmpty)
            rig.take(.block(nil))
            // What was not asked for gives no time.
            rig.take(.transaction(nil))
        }
        #expect(rig.session.nextDeadline == rig.now + .seconds(30))
        rig.take(.block(nil))
        #expect(rig.session.nextDeadline == rig.now + .seconds(30))
        #expect(rig.reachDeadline().closeReason == .responseTimedOut(.headers))
    }

    @Test("also when nothing limits the wait for it")
    func capWithoutDeadline() {
        var rig = rig {
            $0.responseTimeouts.data = nil
            $0.responseTimeouts.blockTransactions = nil
            $0.unrequestedBlockByteCap = 5
        }
        #expect(rig.session.blockLikePayloadCap == 5)
        for request in [MessageFacts.getData(FactSamples.inventory(.filteredBlock)), .getBlockTransactions] {
            #expect(rig.decide(request) == .send)
            #expect(rig.session.blockLikePayloadCap == .max)
            rig.take(.merkleBlock(nil))
            rig.take(.blockTransactions)
            #expect(rig.session.blockLikePayloadCap == 5)
        }
    }
}
