import PeerSession
import PeerWire
import Testing

/// A request, what is awaited for it and how long, and what answers it. Source: `PROTOCOL` 6.2.
struct ResponseRow: CustomTestStringConvertible, Sendable {
    let request: MessageFacts
    let kind: ResponseKind
    let seconds: Int64
    let setting: any WritableKeyPath<ResponseTimeouts, Duration?> & Sendable
    let answers: [MessageFacts]

    var testDescription: String { "\(request.command)" }
}

private let rows: [ResponseRow] = [
    ResponseRow(
        request: .getHeaders(BlockRange(first: FactSamples.hash(1))), kind: .headers, seconds: 90, setting: \.headers,
        answers: [.headers(count: 0), .headers(count: 2_000)]),
    ResponseRow(
        request: .getData(FactSamples.inventory(.block)), kind: .data, seconds: 30, setting: \.data,
        answers: [
            .block(nil), .block(FactSamples.hash(1)), .merkleBlock(nil), .compactBlock(nil),
            .notFound(FactSamples.inventory(.block)),
        ]),
    ResponseRow(
        request: .getData(FactSamples.inventory(.compactBlock)), kind: .data, seconds: 30, setting: \.data,
        answers: [
            .block(nil), .merkleBlock(nil), .compactBlock(nil), .notFound(FactSamples.inventory(.compactBlock)),
        ]),
    ResponseRow(
        request: .getData(FactSamples.inventory(.transaction)), kind: .data, seconds: 30, setting: \.data,
        answers: [.transaction(nil), .notFound(FactSamples.inventory(.transaction))]),
    ResponseRow(
        request: .getData(FactSamples.inventory(.doubleSpendProof)), kind: .data, seconds: 30, setting: \.data,
        answers: [.doubleSpendProof(nil), .notFound(FactSamples.inventory(.doubleSpendProof))]),
    ResponseRow(
        request: .getBlocks(BlockRange(first: FactSamples.hash(1), stop: FactSamples.hash(2))), kind: .blockInventory,
        seconds: 30, setting: \.blockInventory, answers: [.inventory(FactSamples.inventory(.block))]),
    ResponseRow(
        request: .getCommittedFilters, kind: .committedFilters, seconds: 30, setting: \.committedFilters,
        answers: [.committedFilter]),
    ResponseRow(
        request: .getCommittedFilterMempool, kind: .committedFilters, seconds: 30, setting: \.committedFilters,
        answers: [.committedFilter]),
    ResponseRow(
        request: .getCommittedFilterHeaders, kind: .committedFilterHeaders, seconds: 30,
        setting: \.committedFilterHeaders, answers: [.committedFilterHeaders]),
    ResponseRow(
        request: .getCommittedFilterCheckpoints, kind: .committedFilterCheckpoints, seconds: 30,
        setting: \.committedFilterCheckpoints, answers: [.committedFilterCheckpoints]),
    ResponseRow(
        request: .getBlockTransactions, kind: .blockTransactions, seconds: 30, setting: \.blockTransactions,
        answers: [.blockTransactions, .block(nil)]),
]

@Suite("Response deadlines")
struct ResponseDeadlineTests {
    /// A session that watches nothing but responses.
    private func rig(_ change: (inout ResponseTimeouts) -> Void = { _ in }) -> SessionRig {
        let patient = SessionConfiguration.quiet {
            $0.idleTimeout = SessionConfiguration.longestDuration
            change(&$0.responseTimeouts)
        }
        return SessionRig(in: .established, .outbound, patient)
    }

    private func isDue(_ rig: SessionRig) -> Bool {
        rig.session.nextDeadline < rig.now + .seconds(365 * 86_400)
    }

    @Test("an answer that does not come closes at its deadline", arguments: rows)
    func overdue(row: ResponseRow) {
        var rig = rig()
        #expect(rig.decide(row.request) == .send)
        #expect(rig.session.awaits(row.kind))
        #expect(rig.session.nextDeadline == rig.now + .seconds(row.seconds))
        rig.now = rig.session.nextDeadline - .nanoseconds(1)
        #expect(rig.take(.deadlineReached).isEmpty)
        #expect(rig.reachDeadline() == [.close(.responseTimedOut(row.kind), flushFirst: false)])
    }

    @Test("behind much that waits a request has the time that a slow reader may take", arguments: rows)
    func behindMuch(row: ResponseRow) {
        var rig = rig { _ in }
        rig.take(.sendQueue(pendingByteCount: 2 << 20, sentByteCount: 0))
        #expect(rig.decide(row.request) == .send)
        // 2 MiB at 16 KiB a second.
        rig.take(.sendQueue(pendingByteCount: 0, sentByteCount: 2 << 20))
        #expect(rig.session.nextDeadline == rig.now + .seconds(row.seconds) + .seconds(128))
    }

    @Test("its answer ends it, and nothing else does", arguments: rows)
    func answered(row: ResponseRow) {
        for answer in row.answers {
            var rig = rig()
            #expect(rig.decide(row.request) == .send)
            rig.take(answer)
            #expect(!rig.session.awaits(row.kind), "\(answer)")
            #expect(!isDue(rig))
        }
        let commands = Set(row.answers.map(\.command))
        for other in FactSamples.all where !commands.contains(other.command) {
            var rig = rig()
            #expect(rig.decide(row.request) == .send)
            let deadline = rig.session.nextDeadline
            rig.now += .seconds(1)
            rig.take(other)
            if rig.session.isClosed { continue }
            #expect(rig.session.awaits(row.kind), "\(other)")
            #expect(rig.session.nextDeadline == deadline, "\(other)")
        }
    }

    @Test("the time is settable and can be none", arguments: rows)
    func settable(row: ResponseRow) {
        var rig = rig { $0[keyPath: row.setting] = .seconds(3) }
        #expect(rig.decide(row.request) == .send)
        #expect(rig.session.nextDeadline == rig.now + .seconds(3))
        rig = self.rig { $0[keyPath: row.setting] = nil }
        #expect(rig.decide(row.request) == .send)
        #expect(!isDue(rig))
        // It is awaited all the same.
        #expect(rig.session.awaits(row.kind))
        rig.take(row.answers[0])
        #expect(!rig.session.awaits(row.kind))
    }

    @Test("asking again begins the time anew", arguments: rows)
    func renewed(row: ResponseRow) {
        var rig = rig()
        #expect(rig.decide(row.request) == .send)
        rig.now += .seconds(20)
        var request = row.request
        // The same again would not be sent.
        if case .getHeaders = request { request = .getHeaders(BlockRange(first: FactSamples.hash(8))) }
        if case .getBlocks(let range) = request {
            request = .getBlocks(BlockRange(first: FactSamples.hash(8), stop: range.stop))
        }
        #expect(rig.decide(request) == .send)
        #expect(rig.session.nextDeadline == rig.now + .seconds(row.seconds))
    }

    @Test("nothing is due for what asks for nothing that must be answered")
    func withoutAnswer() {
        let asking = Set(rows.map(\.request.command))
        for message in FactSamples.all where !asking.contains(message.command) {
            var rig = rig()
            #expect(rig.decide(message) == .send)
            #expect(!isDue(rig), "\(message)")
        }
        var rig = rig()
        #expect(rig.decide(.getBlocks(BlockRange(first: FactSamples.hash(1)))) == .send)
        #expect(rig.decide(.getData(InventoryFacts([]))) == .send)
        #expect(!isDue(rig))
    }

    @Test("a mempool may stay unanswered unless that is set")
    func mempool() {
        var rig = rig()
        #expect(rig.decide(.mempool) == .send)
        #expect(!isDue(rig))
        rig = self.rig { $0.mempool = .seconds(30) }
        #expect(rig.decide(.mempool) == .send)
        #expect(rig.session.nextDeadline == rig.now + .seconds(30))
        rig.take(FactSamples.facts(.inventory))
        #expect(!isDue(rig))
    }

    @Test("a request that was not sent yet is not awaited")
    func held() {
        var rig = SessionRig(in: .awaitingVerack)
        for row in rows {
            #expect(rig.decide(row.request) == .hold)
            #expect(!rig.session.awaits(row.kind))
        }
    }
}
