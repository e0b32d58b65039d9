import PeerWire
import Testing

@testable import PeerSession

@Suite("Idle watch")
struct IdleWatchTests {
    private static let limit = Duration.seconds(300)

    /// A session whose pings are out of the way.
    private func rig() -> SessionRig { SessionRig(in: .established, .outbound, .quiet()) }

    @Test("the deadline follows the last frame")
    func deadline() {
        let start = Timestamp(SessionRig.start)
        var idle = IdleWatch(at: start)
        #expect(idle.deadline(.plain) == start + Self.limit)
        idle.received(at: start + .seconds(7))
        #expect(idle.lastReceived == start + .seconds(7))
        #expect(idle.deadline(.plain) == start + .seconds(7) + Self.limit)
    }

    @Test("a silent peer is closed after 5 min")
    func silent() {
        var rig = rig()
        #expect(rig.session.nextDeadline == SessionRig.start + Self.limit)
        rig.now = rig.session.nextDeadline - .nanoseconds(1)
        #expect(rig.take(.deadlineReached).isEmpty)
        #expect(rig.reachDeadline() == [.close(.idle, flushFirst: false)])
    }

    @Test("every valid frame moves the deadline and none removes it", arguments: FactSamples.all)
    func everyFrame(message: MessageFacts) {
        var rig = SessionRig(in: .established, .outbound, .quiet { $0.services = .bloom })
        rig.now += .seconds(299)
        rig.take(message)
        if rig.session.isClosed { return }
        #expect(rig.session.nextDeadline == rig.now + Self.limit)
        #expect(rig.reachDeadline() == [.close(.idle, flushFirst: false)])
    }

    @Test("what is not a valid frame moves nothing")
    func others() {
        var rig = rig()
        rig.now += .seconds(10)
        let events: [SessionEvent] = [
            .deadlineReached, .sendQueue(pendingByteCount: 5, sentByteCount: 5), .enteredLane, .leftLane,
            .readingPaused, .readingResumed,
        ]
        for event in events { rig.take(event) }
        #expect(rig.session.nextDeadline == SessionRig.start + Self.limit)
        #expect(rig.decide(.getAddresses) == .send)
        #expect(rig.session.nextDeadline == SessionRig.start + Self.limit)
    }

    @Test("our own pings do not keep a silent peer")
    func pings() {
        var rig = SessionRig(in: .established)
        let actions = rig.pass(.seconds(400))
        #expect(actions.pingCount == 1)
        #expect(actions.closeReason == .idle)
    }

    @Test("the time is settable")
    func settable() {
        var rig = SessionRig(in: .established, .outbound, .quiet { $0.idleTimeout = .seconds(2) })
        #expect(rig.reachDeadline().closeReason == .idle)
        #expect(rig.elapsed == .seconds(2))
    }
}
