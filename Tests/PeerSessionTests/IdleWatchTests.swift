import PeerWire
import Testing

@testable import PeerSession

@Suite("Idle watch")
struct IdleWatchTests {
    private static let limit = Duration.seconds(300)

    /// A session whose pings are out of the way.
    private func rig() -> SessionRig {
        let quiet = SessionConfiguration(nonceKey: SessionRig.key, pingInterval: .seconds(1 << 30))
        return SessionRig(in: .established, .outbound, quiet)
    }

    @Test("the deadline follows the last frame")
    func deadline() {
        let start = Timestamp(SessionRig.start)
        var idle = IdleWatch(timeout: Self.limit, at: start)
        #expect(idle.deadline == start + Self.limit)
        idle.received(at: start + .seconds(7))
        #expect(idle.lastReceived == start + .seconds(7))
        #expect(idle.deadline == start + .seconds(7) + Self.limit)
    }

    @Test("a silent peer is closed after 5 min")
    func silent() {
        var rig = rig()
        #expect(rig.session.nextDeadline == SessionRig.start + Self.limit)
        rig.now = rig.session.nextDeadline - .nanoseconds(1)
        #expect(rig.take(.deadlineReached).isEmpty)
        #expect(rig.reachDeadline() == [.close(.idle, flushFirst: false)])
    }

    /// bchd stops its timer at an unknown command and never starts it again, so such a peer stays for ever.
    @Test("every valid frame moves the deadline and none removes it")
    func everyFrame() throws {
        let unknown = try #require(Command("xyzzy"))
        let events: [SessionEvent] = [
            .message(kind: nil, command: unknown), .message(kind: .inventory, command: .inventory),
            .ping(nonce: 1, checksum: 2), .pong(nonce: 3), .pong(nonce: nil), .sendAddressesV2, .extendedVersion,
        ]
        for event in events {
            var rig = rig()
            rig.now += .seconds(299)
            rig.take(event)
            #expect(rig.session.lastReceived == rig.now)
            #expect(rig.session.nextDeadline == rig.now + Self.limit)
            #expect(rig.reachDeadline() == [.close(.idle, flushFirst: false)])
        }
    }

    @Test("what is not a valid frame moves nothing")
    func others() {
        var rig = rig()
        rig.now += .seconds(10)
        rig.take(.deadlineReached)
        #expect(rig.session.lastReceived == SessionRig.start)
        rig.take(.refused(command: .block, refusal: .undecodable))
        #expect(rig.session.lastReceived == SessionRig.start)
    }

    @Test("a closed session hears nothing")
    func closed() {
        var rig = SessionRig(in: .closed)
        rig.now += .seconds(10)
        rig.take(.verack)
        #expect(rig.session.lastReceived == SessionRig.start)
    }

    @Test("our own pings do not keep a silent peer")
    func pings() {
        var rig = SessionRig(in: .established)
        var actions: [SessionAction] = []
        var rounds = 0
        while !rig.session.isClosed, rounds < 10 {
            actions = rig.reachDeadline()
            rounds += 1
        }
        #expect(actions == [.close(.idle, flushFirst: false)])
        #expect(rig.now == SessionRig.start + Self.limit)
    }
}
