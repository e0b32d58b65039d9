import PeerSession
import PeerWire
import Testing

@Suite("Requests of a peer that does not read")
struct BackPressureTests {
    private static let mark = 1 << 20

    /// An established session with this much waiting to be sent, on a node with the bloom service.
    private func rig(
        pending: Int = mark + 1, _ change: (inout SessionConfiguration) -> Void = { _ in }
    ) -> SessionRig {
        let configuration = SessionConfiguration.quiet {
            $0.services = [.network, .bloom]
            change(&$0)
        }
        var rig = SessionRig(in: .established, .inbound, configuration)
        rig.take(.sendQueue(pendingByteCount: pending, sentByteCount: 0))
        return rig
    }

    private func ping(_ number: Int) -> MessageFacts { .ping(nonce: UInt64(number), checksum: 0) }

    /// The pings answered among actions, by their nonces.
    private func answered(_ actions: [SessionAction]) -> [Int] {
        actions.compactMap { if case .sendPong(let nonce, _) = $0 { Int(nonce) } else { nil } }
    }

    @Test("over the high mark each request that makes replies waits", arguments: FactSamples.requests)
    func postponed(message: MessageFacts) {
        var rig = rig()
        #expect(rig.take(message) == [.postpone])
        #expect(rig.session.isEstablished)
        let pong: [SessionAction] = message.kind == .ping ? [.sendPong(nonce: 9, checksum: 5)] : []
        #expect(
            rig.take(.sendQueue(pendingByteCount: Self.mark / 2, sentByteCount: 9))
                == [.releasePostponed] + pong + [.deliver])
        #expect(rig.postponed.isEmpty)
    }

    @Test("everything else goes on", arguments: FactSamples.all)
    func others(message: MessageFacts) {
        var blocked = rig()
        var free = rig(pending: 0)
        let isRequest = FactSamples.requests.contains { $0.kind == message.kind && message.kind != nil }
        let actions = blocked.take(message)
        if isRequest {
            #expect(actions == [.postpone])
        } else {
            #expect(actions == free.take(message))
        }
    }

    @Test("at the mark nothing waits, above it all does, until half of it")
    func marks() {
        var rig = rig(pending: Self.mark)
        #expect(rig.take(.getAddresses) == [.deliver])
        rig.take(.sendQueue(pendingByteCount: Self.mark + 1, sentByteCount: 0))
        #expect(rig.take(.getAddresses) == [.postpone])
        #expect(rig.take(.sendQueue(pendingByteCount: Self.mark / 2 + 1, sentByteCount: 1)).isEmpty)
        #expect(rig.take(.getAddresses) == [.postpone])
        #expect(
            rig.take(.sendQueue(pendingByteCount: Self.mark / 2, sentByteCount: 2))
                == [.releasePostponed, .deliver, .releasePostponed, .deliver])
        #expect(rig.take(.getAddresses) == [.deliver])
    }

    @Test("the mark is settable")
    func settable() {
        var rig = rig(pending: 101) { $0.sendQueueHighMark = 100 }
        #expect(rig.take(.getAddresses) == [.postpone])
        #expect(rig.take(.sendQueue(pendingByteCount: 50, sentByteCount: 1)).count == 2)
    }

    @Test("first come, first served: what comes while others wait waits behind them")
    func order() {
        var rig = rig()
        for number in 0..<20 { #expect(rig.take(ping(number)) == [.postpone]) }
        var order = answered(rig.take(.sendQueue(pendingByteCount: 0, sentByteCount: 1)))
        #expect(order == Array(0..<8))
        // Under the mark already, but twelve are before it.
        #expect(rig.take(ping(20)) == [.postpone])
        while rig.session.nextDeadline <= rig.now { order += answered(rig.take(.deadlineReached)) }
        #expect(order == Array(0...20))
        #expect(rig.take(ping(21)) == [.sendPong(nonce: 21, checksum: 0), .deliver])
    }

    @Test("at most eight are released at once, and the rest at once after them")
    func batches() {
        var rig = rig()
        for number in 0..<50 { rig.take(ping(number)) }
        #expect(answered(rig.take(.sendQueue(pendingByteCount: 0, sentByteCount: 1))).count == 8)
        var rounds = [8]
        while rig.session.nextDeadline <= rig.now {
            rounds.append(answered(rig.take(.deadlineReached)).count)
        }
        #expect(rounds == [8, 8, 8, 8, 8, 8, 2])
        #expect(rig.session.nextDeadline > rig.now)
    }

    @Test("the rest waits again when the replies fill the queue again")
    func filledAgain() {
        var rig = rig()
        for number in 0..<20 { rig.take(ping(number)) }
        #expect(answered(rig.take(.sendQueue(pendingByteCount: 0, sentByteCount: 1))).count == 8)
        #expect(rig.take(.sendQueue(pendingByteCount: Self.mark + 1, sentByteCount: 2)).isEmpty)
        #expect(rig.session.nextDeadline > rig.now)
        #expect(rig.take(.deadlineReached).isEmpty)
        #expect(rig.take(ping(20)) == [.postpone])
        let second = answered(rig.take(.sendQueue(pendingByteCount: 0, sentByteCount: 3)))
        #expect(second == Array(8..<16))
    }

    @Test("a peer that asks on and on and does not read is disconnected", arguments: [1, 100, 1_000])
    func cap(byteCount: Int) {
        let fitting = 20
        var rig = rig { $0.postponedByteCap = fitting * (byteCount + 64) }
        for number in 0..<fitting { #expect(rig.take(ping(number), byteCount: byteCount) == [.postpone]) }
        #expect(rig.take(ping(0), byteCount: byteCount) == [.close(.repliesUnread, flushFirst: false)])
    }

    @Test("what was released makes room")
    func room() {
        var rig = rig { $0.postponedByteCap = 20 * 100 }
        for round in 0..<100 {
            for number in 0..<8 {
                #expect(rig.take(ping(number), byteCount: 36) == [.postpone], "round \(round)")
            }
            #expect(answered(rig.take(.sendQueue(pendingByteCount: 0, sentByteCount: 1))).count == 8)
            rig.take(.sendQueue(pendingByteCount: Self.mark + 1, sentByteCount: 2))
        }
    }

    /// A bchd that syncs from this node asks for up to 50,000 blocks in one `getdata`, of 1.8 MB, and may do so while
    /// a block is on its way to it.
    @Test("one request of any size may wait, and no second behind it")
    func oneLarge() {
        var rig = rig()
        let request = MessageFacts.getData(FactSamples.inventory(.block))
        #expect(rig.take(request, byteCount: 1_800_027) == [.postpone])
        #expect(rig.take(.getAddresses, byteCount: 24) == [.close(.repliesUnread, flushFirst: false)])
    }

    @Test("a ping that waited is answered when it is released, and counts for nothing else before")
    func ping() {
        var rig = rig()
        #expect(rig.take(.ping(nonce: 5, checksum: 6)) == [.postpone])
        rig.now += .seconds(10)
        #expect(
            rig.take(.sendQueue(pendingByteCount: 0, sentByteCount: 1 << 30))
                == [.releasePostponed, .sendPong(nonce: 5, checksum: 6), .deliver])
    }

    @Test("nothing is released after the close")
    func closed() {
        var rig = rig()
        rig.take(ping(1))
        rig.take(.transportClosed(.reset))
        #expect(rig.take(.sendQueue(pendingByteCount: 0, sentByteCount: 1)).isEmpty)
        var list = ActionList()
        rig.session.handlePostponed(.message(ping(1), frameByteCount: 100), at: rig.now, into: &list)
        #expect(list.isEmpty)
    }
}
