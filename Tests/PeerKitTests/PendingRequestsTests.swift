import PeerWire
import Testing

@testable import PeerKit

/// What is pending with one peer, without a loop or a peer.
@Suite(.timeLimit(.minutes(1))) struct PendingRequestsTests {
    private let pending = PendingRequests()
    private let start = ContinuousClock.now
    private let known = Samples.hash(1)

    private func take(_ message: Message) {
        pending.take(message, genesis: Network.regtest.genesisHash, at: start)
    }

    private func add(_ request: any PendingRequest, _ id: UInt64, within limit: Duration = .seconds(10)) {
        pending.add(request, id: id, deadline: start + limit)
    }

    private func headers(_ locator: Hash256) -> (HeadersRequest, RequestAnswer<[BlockHeader]>) {
        let answer = RequestAnswer<[BlockHeader]>()
        return (HeadersRequest(GetHeadersMessage(locator: [locator]), answer), answer)
    }

    /// The `getheaders` that was given up and is asked for again is not sent twice, and its late answer is taken.
    @Test func theSameHeadersAgainGetTheLateAnswer() async {
        let (first, firstAnswer) = headers(known)
        let (other, _) = headers(Samples.hash(2))
        let (again, answer) = headers(known)
        add(first, 1, within: .seconds(1))
        #expect(pending.nextHeaders() === first)
        pending.expire(at: start + .seconds(1))
        #expect(await firstAnswer.value(whenCancelled: .success([])) == .failure(.timedOut))
        #expect(!pending.isEmpty)
        add(again, 2)
        add(other, 3)
        #expect(pending.nextHeaders() == nil)
        let header = Samples.header(after: known)
        take(.headers([header]))
        #expect(await answer.value(whenCancelled: .success([])) == .success([header]))
        // Only now it is the other's turn.
        #expect(pending.nextHeaders() === other)
        #expect(pending.nextHeaders() == nil)
        pending.remove(3)
        take(.headers([]))
        #expect(pending.isEmpty)
    }

    @Test func headersThatCouldNotBeSentMakeWay() async {
        let (first, answer) = headers(known)
        let (second, _) = headers(Samples.hash(2))
        add(first, 1)
        add(second, 2)
        #expect(pending.nextHeaders() === first)
        pending.failHeadersOnWire(.notSent(.queueFull))
        #expect(await answer.value(whenCancelled: .success([])) == .failure(.notSent(.queueFull)))
        #expect(pending.nextHeaders() === second)
    }

    /// A `blocktxn` answers one request, the first; a block answers all that wait for it.
    @Test func aBlockAnswersAllAndItsTransactionsOne() throws {
        let block = try Samples.block(1)
        let request = try GetBlockTransactionsMessage(blockHash: block.hash(), indexes: [0])
        let message = try #require(BlockTransactionsMessage(answering: request, from: block))
        let answers = (0..<4).map { _ in RequestAnswer<BlockTransactionsMessage>() }
        for (index, answer) in answers.enumerated() { add(BlockTransactionsRequest(request, answer), UInt64(index)) }
        take(.blockTransactions(message))
        #expect(answers.map(\.isGiven) == [true, false, false, false])
        take(.blockTransactions(message))
        #expect(answers.map(\.isGiven) == [true, true, false, false])
        let blocks = (0..<2).map { _ in RequestAnswer<[RequestedItem]>() }
        for (index, answer) in blocks.enumerated() {
            add(DataRequest(DataRequest.Items([.block(block.hash())]), answer), UInt64(10 + index))
        }
        take(.block(block))
        #expect(answers.allSatisfy(\.isGiven) && blocks.allSatisfy(\.isGiven))
        #expect(pending.isEmpty && pending.singles.isEmpty && pending.blockTransactions.isEmpty)
    }

    /// Deadlines come one after the other, and nothing is kept of what is over.
    @Test func deadlinesAreKeptApart() async {
        let answers = (0..<10).map { _ in RequestAnswer<Duration>() }
        for (index, answer) in answers.enumerated() {
            add(PingRequest(UInt64(index), sentAt: start, answer), UInt64(index), within: .seconds(10 - index))
        }
        #expect(pending.nextDeadline == start + .seconds(1))
        for second in 1...9 {
            pending.expire(at: start + .seconds(second))
            #expect(answers.filter(\.isGiven).count == second)
            #expect(pending.nextDeadline == start + .seconds(second + 1))
        }
        take(.pong(nonce: 0))
        #expect(await answers[0].value(whenCancelled: .failure(.cancelled)) == .success(.zero))
        #expect(pending.isEmpty && pending.pings.isEmpty)
    }

    /// However many are pending, an answer is found at once: with 1,000 this is quick, and each has its own.
    @Test func aThousandAreEachAnswered() throws {
        let all = try (0..<1_000).map { try Samples.transaction($0) }
        let answers = all.map { _ in RequestAnswer<[RequestedItem]>() }
        for (index, transaction) in all.enumerated() {
            add(DataRequest(DataRequest.Items([.transaction(transaction.hash())]), answers[index]), UInt64(index))
        }
        for (index, transaction) in all.enumerated().reversed() {
            #expect(!answers[index].isGiven)
            take(.transaction(transaction))
            #expect(answers[index].isGiven)
        }
        #expect(pending.isEmpty && pending.singles.isEmpty)
    }
}
