import PeerWire
import Testing

@testable import PeerSession

@Suite struct MisbehaviourSessionTests {
    /// However often the host tells of an offence, the session closes with the one that reaches the threshold.
    @Test(arguments: Offence.allCases) func theHostsOffencesAddUp(_ offence: Offence) {
        var plain = PlainSession()
        let weight = MisbehaviourPolicy.defaultWeight(of: offence)
        let each = Int(weight.persistent) + Int(weight.transient)
        let allowed = each == 0 ? 500 : (100 + each - 1) / each - 1
        for _ in 0..<allowed { #expect(plain.take(.misbehaved(offence)) == []) }
        #expect(plain.score == each * allowed)
        let last = plain.take(.misbehaved(offence))
        #expect(last == (each == 0 ? [] : discourages(offence)))
        #expect(plain.session.isClosed == (each > 0))
        // A costly request that was not too much is no offence.
        #expect(plain.session.offenceCount == (offence.isRequest ? 1 : allowed + 1))
    }

    @Test func differentOffencesAddUp() {
        var plain = PlainSession()
        for offence in [Offence.tooManyHeaders, .tooManyAddresses, .unrequestedBlock, .tooManyInventoryItems] {
            #expect(plain.take(.misbehaved(offence)) == [])
        }
        #expect(plain.take(.misbehaved(.unrequestedHeaders)) == discourages(.unrequestedHeaders))
    }

    @Test func whatIsOverTimeDecays() {
        var plain = PlainSession()
        for _ in 0..<4 { plain.take(.misbehaved(.unrequestedHeaders)) }
        #expect(plain.score == 80)
        plain.pass(.seconds(60))
        #expect(plain.score == 40)
        plain.pass(.seconds(120))
        #expect(plain.score == 10)
        for _ in 0..<4 { #expect(plain.take(.misbehaved(.unrequestedHeaders)) == []) }
        #expect(plain.take(.misbehaved(.unrequestedHeaders)) == discourages(.unrequestedHeaders))
    }

    @Test func aPolicyThatIsOffClosesNothingByScore() {
        var plain = PlainSession { $0.misbehaviour.isEnabled = false }
        for _ in 0..<100 { #expect(plain.take(.misbehaved(.invalidBlock)) == []) }
        for _ in 0..<1_000 { #expect(plain.receive(.getBlockTransactions) == [.deliver]) }
        #expect(plain.score == 0)
        #expect(plain.session.offenceCount == 100)
        // What ends a connection by itself still does.
        let actions = plain.take(.refused(command: .ping, refusal: .wrongMagic))
        #expect(actions == [.close(.refusedFrame(.wrongMagic, command: .ping), flushFirst: false)])
    }

    /// A frame of another network discourages at once, one that is too long only ends the connection.
    @Test func aRefusedFrameIsWeighedBeforeTheClose() {
        var plain = PlainSession()
        #expect(plain.take(.refused(command: .ping, refusal: .wrongMagic)).first == .discourage(.wrongMagic))
        plain = PlainSession()
        #expect(
            plain.take(.refused(command: .filterLoad, refusal: .limitExceeded)).first
                == .discourage(.tooManyBloomHashFunctions))
        plain = PlainSession()
        let actions = plain.take(.refused(command: .block, refusal: .payloadTooLong))
        #expect(!actions.contains(.discourage(.payloadTooLong)))
        #expect(plain.session.isClosed)
        #expect(plain.session.offenceCount == 1)
    }

    // MARK: Costly requests

    /// How many of each at once are just allowed.
    static let requests: [(MessageFacts, Int, Offence)] = [
        (.getBlockTransactions, 19, .manyBlockTransactionRequests),
        (.mempool, 3, .manyMempoolRequests),
        (.getCommittedFilterMempool, 3, .manyCommittedFilterMempoolRequests),
        (.getData(.transactions(50_000)), 19, .manyDataRequests),
        (.getData(.blocks(5_000)), 199, .manyDataRequests),
    ]

    @Test(arguments: requests) func costlyRequestsAreTooManyAtOnce(
        _ request: MessageFacts, _ allowed: Int, _ offence: Offence
    ) {
        var plain = PlainSession { $0.services = .bloom }
        for _ in 0..<allowed { #expect(plain.receive(request) == [.deliver]) }
        #expect(plain.score < 100)
        #expect(plain.session.offenceCount == 0)
        #expect(plain.receive(request) == discourages(offence), "and the message goes nowhere")
        #expect(plain.session.offenceCount == 1)
    }

    /// A peer that asks much is not better for reading slowly, nor worse.
    @Test func postponedRequestsAreWeighedOnceWhenTheyCome() {
        var plain = PlainSession()
        plain.take(.sendQueue(pendingByteCount: 2 << 20, sentByteCount: 0))
        for _ in 0..<2 { #expect(plain.receive(.getBlockTransactions) == [.postpone]) }
        #expect(plain.score == 10)
        let released = plain.take(.sendQueue(pendingByteCount: 0, sentByteCount: 2 << 20))
        #expect(released == [.releasePostponed, .releasePostponed])
        for _ in 0..<2 {
            var list = ActionList()
            let event = SessionEvent.message(.getBlockTransactions, frameByteCount: 24)
            plain.session.handlePostponed(event, at: plain.now, into: &list)
            #expect(list.count == 1 && list[0] == .deliver)
        }
        #expect(plain.score == 10)
        for _ in 0..<17 { plain.receive(.getBlockTransactions) }
        #expect(plain.receive(.getBlockTransactions) == discourages(.manyBlockTransactionRequests))
    }

    @Test func aMempoolRequestWithoutTheServiceIsRefusedAndCostsNothing() {
        var plain = PlainSession()
        plain.receive(.mempool)
        #expect(plain.session.isClosed)
        #expect(plain.score == 0)
        #expect(plain.session.offenceCount == 1)
        plain = PlainSession(version: 70010)
        for _ in 0..<10 { #expect(plain.receive(.mempool) == []) }
        #expect(plain.score == 0)
    }

    @Test func aPartOfAMessageWeighsItsPart() {
        var plain = PlainSession { $0.misbehaviour[.manyDataRequests].transient = 50 }
        plain.receive(.getData(.transactions(1_000)))
        #expect(plain.score == 1)
        for _ in 0..<49 { plain.receive(.getData(.transactions(1_000))) }
        #expect(plain.score == 50)
        plain.receive(.getData(.transactions(0)))
        #expect(plain.score == 50)
    }

    @Test func lateNegotiationIsNotedAndDelivered() {
        var plain = PlainSession()
        #expect(plain.receive(.sendAddressesV2) == [.deliver])
        #expect(plain.receive(.extendedVersion) == [.deliver])
        #expect(plain.session.offenceCount == 2)
        #expect(plain.score == 0)
        plain = PlainSession { $0.misbehaviour[.lateExtendedVersion].persistent = 100 }
        #expect(plain.receive(.extendedVersion) == discourages(.lateExtendedVersion))
    }

    @Test(arguments: [-1, 0, 2_100_000_000_000_000, 2_100_000_000_000_001] as [Int64])
    func aFeeOutOfRangeIsAnOffence(_ rate: Int64) {
        var plain = PlainSession()
        let isFine = (0...2_100_000_000_000_000).contains(rate)
        #expect(plain.receive(.feeFilter(rate: rate)) == (isFine ? [.deliver] : []))
        #expect(plain.score == (isFine ? 0 : 20))
        #expect(plain.session.offenceCount == (isFine ? 0 : 1))
    }
}
