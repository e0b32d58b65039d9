import PeerWire
import Testing

@testable import PeerSession

/// What goes wrong in bchd's peer package, and must not here: a test for each that concerns sessions.
///
/// Not among them are 12, a decoder tied to a reader, and 15, documentation that had gone stale. The first does not
/// compile here, and is tested all the same.
@Suite("Lessons of bchd")
struct LessonsOfBchdTests {
    /// bchd declares a listener for `cfcheckpt` and has no case for it in its dispatch: it never fires. Here every kind
    /// of message, the application's own and unknown commands reach the application.
    @Test("1: no listener is unreachable", arguments: FactSamples.all)
    func unreachableListener(message: MessageFacts) {
        // The peer's version and verack are delivered in the handshake.
        let state: PeerSession.State =
            switch message {
            case .version: .awaitingVersion
            case .verack: .awaitingVerack
            default: .established
            }
        var rig = SessionRig(in: state, .inbound, .with { $0.services = .bloom })
        let delivered = rig.take(message).contains {
            switch $0 {
            case .deliver, .deliverAddresses: true
            default: false
            }
        }
        #expect(delivered)
    }

    /// bchd stops its idle timer at each read and does not start it again after an unknown command: a peer that sends
    /// one and falls silent stays for ever. Here the deadline follows from when the last frame came.
    @Test("2: an unknown command does not stop the idle time")
    func idleTimeoutLost() {
        var rig = SessionRig(in: .established, .outbound, .quiet())
        rig.now += .seconds(100)
        #expect(rig.take(.unknown(FactSamples.unknown)) == [.deliver])
        #expect(rig.session.nextDeadline == rig.now + .seconds(300))
        #expect(rig.reachDeadline() == [.close(.idle, flushFirst: false)])
    }

    /// bchd tells an unknown command from an error by looking for words in the error's text. Here it is no error at
    /// all, and whatever is one says so by its type, to the end of the connection.
    @Test("3: what went wrong is told by type", arguments: FrameRefusal.allCases)
    func typedErrors(refusal: FrameRefusal) {
        var rig = SessionRig(in: .established)
        rig.take(.unknown(FactSamples.unknown))
        #expect(rig.session.isEstablished)
        let reason = rig.take(.refused(command: FactSamples.unknown, refusal: refusal)).closeReason
        #expect(reason == .refusedFrame(refusal, command: FactSamples.unknown))
    }

    /// bchd adds the time spent in listeners to the comparison of one tick and then forgets it, so a listener that took
    /// long before the tick costs an honest peer its connection. Here the deadlines themselves are shifted.
    @Test("4: time spent in listeners shifts the deadlines for good")
    func deadlineExtension() {
        var rig = SessionRig(in: .established, .outbound, .quiet())
        #expect(rig.decide(.getData(FactSamples.inventory(.block))) == .send)
        rig.take(.readingPaused)
        rig.now += .seconds(25)
        rig.take(.readingResumed)
        // Two of bchd's ticks of 15 s, the second of which has forgotten the pause.
        for _ in 0..<2 {
            rig.now += .seconds(14)
            #expect(rig.take(.deadlineReached).isEmpty)
        }
        #expect(rig.session.nextDeadline == SessionRig.start + .seconds(55))
    }

    /// bchd replaces a trickle interval of zero by its default, so what it does without trickling never runs; and that
    /// code forgets to note that the peer knows what it was told. Here zero means at once, and it is noted.
    @Test("5: without trickling, announcements go at once, and only once")
    func deadTrickle() {
        var rig = SessionRig(in: .established, .outbound, .with { $0.inventory.trickleInterval = .zero })
        let item = InventoryVector(kind: .transaction, hash: FactSamples.hash(1))
        var list = ActionList()
        rig.session.announce([item].span, at: rig.now, into: &list)
        #expect(list.array == [.sendInventory(first: 0, count: 1)])
        #expect(Array(list.items(first: 0, count: 1)) == [item])
        #expect(rig.session.knows(item))
        list.removeAll()
        rig.session.announce([item].span, at: rig.now, into: &list)
        #expect(list.isEmpty)
        #expect(rig.session.waitingInventoryCount == 0)
    }

    /// bchd keeps what is to be sent in a list without end, and a write may take for ever: a peer that does not read
    /// holds memory and a thread. Here what waits before the handshake has a cap, requests that make replies wait and
    /// have one, and a peer that takes nothing is disconnected.
    @Test("6: nothing waits without bound")
    func outboundBound() {
        var rig = SessionRig(in: .awaitingVerack)
        var held = 0
        while rig.decide(.block(nil), byteCount: 1 << 16) == .hold { held += 1 }
        #expect(held == 16)

        rig = SessionRig(in: .established)
        rig.take(.sendQueue(pendingByteCount: 2 << 20, sentByteCount: 0))
        var requests = 0
        while rig.take(.getData(FactSamples.inventory(.block)), byteCount: 61) == [.postpone] { requests += 1 }
        #expect(requests == (1 << 20) / 125)
        #expect(rig.session.isClosed)

        rig = SessionRig(in: .established)
        rig.take(.sendQueue(pendingByteCount: 2 << 20, sentByteCount: 0))
        #expect(rig.pass(.seconds(60)).closeReason == .sendStalled)
    }

    /// bchd's completion says the same for a message that was sent, failed, or had no peer any more. Here the fate of a
    /// message is one of a closed set, whatever the state.
    @Test("7: each message has one outcome, and it is told")
    func completionOutcome() {
        let expected: [(PeerSession.State, SendDecision)] = [
            (.connecting, .hold), (.awaitingVersion, .hold), (.awaitingVerack, .hold), (.established, .send),
            (.closed, .refuseClosed),
        ]
        for (state, decision) in expected {
            var rig = SessionRig(in: state)
            #expect(rig.decide(.getBlocks(BlockRange(first: FactSamples.hash(1)))) == decision)
        }
        var rig = SessionRig(in: .established)
        let request = MessageFacts.getBlocks(BlockRange(first: FactSamples.hash(1)))
        #expect([rig.decide(request), rig.decide(request)] == [.send, .skip])
        rig = SessionRig(in: .connecting, .outbound, .with { $0.heldByteCap = 1 })
        #expect([rig.decide(request), rig.decide(request)] == [.hold, .refuseFull])
    }

    /// bchd writes the peer's wish for compact blocks without the lock it is read under, among four locks for one
    /// object. Here a session is a value on one thread, and what others get to see of it is a copy.
    @Test("8: preferences are seen whole, as a copy")
    func unguardedFields() {
        var rig = SessionRig(in: .established)
        let before = rig.session.preferences
        rig.take(.sendCompact(SendCompactMessage(highBandwidth: true)))
        #expect(!before.wantsCompactBlocks && !before.wantsDirectBlockRelay)
        let after = rig.session.preferences
        #expect(after.wantsCompactBlocks && after.wantsDirectBlockRelay)
    }

    /// bchd's nonces, its count of nodes and its limit of block size belong to the process: two nodes in one process
    /// take each other for themselves. Here what is shared is given to the sessions that share it.
    @Test("9: two nodes in one process do not know of each other")
    func processWideState() {
        let other = ConnectionNonce.Key(8, 9)
        var configuration = SessionConfiguration(nonceKey: other)
        configuration.unrequestedBlockByteCap = 1 << 20
        var first = SessionRig(in: .awaitingVersion, .inbound)
        var second = SessionRig(in: .awaitingVersion, .inbound, configuration)
        #expect(first.take(.version(.sample(nonce: other.makeNonce(random: 7)))).last == .sendVerack)
        #expect(second.take(.version(.sample(nonce: SessionRig.key.makeNonce(random: 7)))).last == .sendVerack)
        #expect(first.session.blockLikePayloadCap == 4 << 20)
        #expect(second.session.blockLikePayloadCap == 1 << 20)
    }

    /// bchd reads the clock and the random generator in a dozen places, so that its tests sleep and no run can be had
    /// again. Here both come from outside: the same events at the same times give the same actions.
    @Test("10: the same input gives the same output")
    func timeAndRandomness() {
        func run(seed: UInt64) -> [SessionAction] {
            var rig = SessionRig(in: .established, seed: seed)
            var all: [SessionAction] = []
            for step in 0..<500 {
                let actions = rig.reachDeadline()
                all += actions
                if let nonce = actions.first?.pingNonce { all += rig.take(.pong(nonce: nonce)) }
                if step.isMultiple(of: 7) { all += rig.take(.ping(nonce: 1, checksum: 2)) }
            }
            return all
        }
        #expect(run(seed: 5) == run(seed: 5))
        #expect(run(seed: 5) != run(seed: 6))
    }

    /// bchd makes room for the whole declared length before a byte of it came. Room grows with what comes here; the
    /// session's part is that a block nobody asked for may not be long at all.
    @Test("11: a length that the peer claims is not believed")
    func attackerSizedAllocation() {
        var rig = SessionRig(in: .established)
        #expect(rig.session.blockLikePayloadCap == 4 << 20)
        #expect(rig.decide(.getData(FactSamples.inventory(.block))) == .send)
        #expect(rig.session.blockLikePayloadCap == .max)
        rig.take(.notFound(FactSamples.inventory(.block)))
        #expect(rig.session.blockLikePayloadCap == 4 << 20)
    }

    /// bchd's table of known inventory keeps the caller's pointer: whoever changes what it points to puts the table out
    /// of step with its list. Here it is a value that is kept.
    @Test("13: what is known does not change with what the caller does to its own")
    func aliasing() {
        var rig = SessionRig(in: .established)
        let before = InventoryVector(kind: .transaction, hash: FactSamples.hash(1))
        var item = before
        rig.session.remember([item].span)
        item.hash = FactSamples.hash(2)
        #expect(rig.session.knows(before))
        #expect(!rig.session.knows(item))
        #expect(rig.session.knownInventory == [before])
        let wasKnown = rig.session.forget(before)
        #expect(wasKnown)
        #expect(rig.session.knownInventory.isEmpty)
    }

    /// bchd's handshake takes one optional message, at one place, and closes on any other: it cannot talk to nodes that
    /// negotiate more. Here each state has a set of what is allowed.
    @Test("14: what a handshake allows does not hang on the order")
    func allowedSet() {
        let optional: [MessageFacts] = [
            .sendAddressesV2, .extendedVersion, .unknown(FactSamples.unknown), .custom(FactSamples.custom), .reject,
            .sendAddressesV2,
        ]
        for direction in PeerSession.Direction.allCases {
            for start in optional.indices {
                var rig = SessionRig(in: .awaitingVerack, direction)
                for message in optional[start...] + optional[..<start] { #expect(rig.take(message) == [.deliver]) }
                #expect(rig.take(.verack).last == .established(version: .current))
            }
        }
    }
}
