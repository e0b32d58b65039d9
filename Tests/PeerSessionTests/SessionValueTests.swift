import PeerWire
import Testing

@testable import PeerSession

@Suite("Values: sizes and lists")
struct SessionValueTests {
    private func isBitwise<Value: BitwiseCopyable>(_: Value.Type) -> Bool { true }

    @Test("a session at rest is small, and what passes through it is plain memory")
    func sizes() {
        #expect(MemoryLayout<PeerSession>.size <= 600)
        #expect(MemoryLayout<MessageFacts>.size <= 72)
        #expect(MemoryLayout<SessionEvent>.size <= 80)
        #expect(MemoryLayout<SessionAction>.size <= 40)
        #expect(MemoryLayout<DisconnectReason>.size <= 24)
        #expect(MemoryLayout<ActionList>.size <= 16 * 40 + 16)
        // These fail to compile, rather than to run, when a reference gets in.
        #expect(isBitwise(SessionEvent.self) && isBitwise(SessionAction.self) && isBitwise(MessageFacts.self))
        #expect(isBitwise(DisconnectReason.self) && isBitwise(Handshake.self) && isBitwise(PeerPreferences.self))
        #expect(isBitwise(PingSchedule.self) && isBitwise(IdleWatch.self) && isBitwise(SplitMix64.self))
        #expect(isBitwise(InputClock.self) && isBitwise(FrameWatch.self) && isBitwise(SendQueueWatch.self))
        #expect(isBitwise(PostponedRequests.self) && isBitwise(Timestamp.self))
    }

    // MARK: ActionList

    @Test("a list keeps its actions in order and can be emptied")
    func list() {
        var list = ActionList()
        #expect(list.isEmpty)
        for nonce in 0..<UInt64(ActionList.capacity) { list.append(.sendPing(nonce: nonce)) }
        #expect(list.count == ActionList.capacity)
        #expect(list.array == (0..<UInt64(ActionList.capacity)).map { .sendPing(nonce: $0) })
        #expect(list[7] == .sendPing(nonce: 7))
        list.removeAll()
        #expect(list.isEmpty)
        list.append(.sendVerack)
        #expect(list.array == [.sendVerack])
    }

    @Test("walking a list passes on what is thrown")
    func thrown() {
        struct Stop: Error {}
        var list = ActionList()
        list.append(.sendVersion(startHeight: nil))
        list.append(.sendVerack)
        var seen = 0
        #expect(throws: Stop.self) {
            try list.forEach { _ in
                seen += 1
                throw Stop()
            }
        }
        #expect(seen == 1)
    }

    @Test("the items of an inventory action are those it names, and go when the list is emptied")
    func items() {
        var list = ActionList()
        list.inventory = FactSamples.items(.transaction, 5)
        #expect(Array(list.items(first: 1, count: 3)) == Array(FactSamples.items(.transaction, 5)[1..<4]))
        #expect(list.items(first: 5, count: 0).isEmpty)
        list.removeAll()
        #expect(list.inventory.isEmpty)
    }

    @Test("events may share a list, and the longest that one event makes fits many times")
    func shared() {
        var rig = SessionRig(.outbound)
        var list = ActionList()
        rig.session.handle(.connected, at: rig.now, into: &list)
        rig.session.handle(.message(.version(.sample()), frameByteCount: 126), at: rig.now, into: &list)
        rig.session.handle(.message(.verack, frameByteCount: 24), at: rig.now, into: &list)
        #expect(
            list.array == [
                .sendVersion(startHeight: nil), .deliver, .sendAddressesV2, .sendVerack, .deliver,
                .established(version: .current),
            ])
    }

    // MARK: Times

    @Test("a time comes back as the instant it was")
    func timestamps() {
        let start = SessionRig.start
        for offset in [Duration.zero, .nanoseconds(1), .seconds(-5), SessionConfiguration.longestDuration * 3] {
            let instant = start + offset
            #expect(Timestamp(instant).instant == instant)
            #expect(Timestamp(instant) - Timestamp(start) == offset)
            #expect(Timestamp(start) + offset == Timestamp(instant))
            #expect(Timestamp(instant) - offset == Timestamp(start))
            #expect((Timestamp(start) < Timestamp(instant)) == (offset > .zero))
        }
    }
}
