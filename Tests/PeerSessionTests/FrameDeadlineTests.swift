import PeerSession
import PeerWire
import Testing

/// One frame has 60 s and what its length takes at 16 KiB a second, from its first byte.
@Suite("Frames under way")
struct FrameDeadlineTests {
    private func rig() -> SessionRig { SessionRig(in: .established, .outbound, .quiet()) }

    private func begin(_ rig: inout SessionRig, _ command: Command?, _ byteCount: Int = 0) {
        rig.take(.framePartlyReceived(command: command, payloadByteCount: byteCount))
    }

    @Test("a header that does not complete has 60 s")
    func header() {
        var rig = rig()
        rig.now += .seconds(5)
        begin(&rig, nil)
        #expect(rig.session.nextDeadline == rig.now + .seconds(60))
        rig.now = rig.session.nextDeadline - .nanoseconds(1)
        #expect(rig.take(.deadlineReached).isEmpty)
        #expect(
            rig.reachDeadline() == [.close(.frameTimedOut(command: Command(low: 0, high: 0)), flushFirst: false)])
    }

    @Test(
        "a payload has a second more for each 16 KiB",
        arguments: [(0, 60.0), (8 << 10, 60.5), (16 << 10, 61), (1 << 20, 124), (32 << 20, 2_108)])
    func payload(byteCount: Int, seconds: Double) {
        var rig = rig()
        begin(&rig, .block, byteCount)
        #expect(rig.session.nextDeadline == rig.now + .seconds(seconds))
        #expect(rig.reachDeadline() == [.close(.frameTimedOut(command: .block), flushFirst: false)])
        #expect(rig.elapsed == .seconds(seconds))
    }

    @Test("telling of the same frame again does not begin its time anew")
    func toldAgain() {
        var rig = rig()
        begin(&rig, nil)
        for _ in 0..<59 {
            rig.now += .seconds(1)
            begin(&rig, nil)
        }
        #expect(rig.session.nextDeadline == SessionRig.start + .seconds(60))
        // The header is whole now and says how long the frame is.
        begin(&rig, .transaction, 160 << 10)
        #expect(rig.session.nextDeadline == SessionRig.start + .seconds(70))
        for _ in 0..<10 {
            rig.now += .seconds(1)
            begin(&rig, .transaction, 160 << 10)
            #expect(rig.session.nextDeadline == SessionRig.start + .seconds(70))
        }
    }

    @Test("a frame under way stands in for the idle time, shorter or longer")
    func replacesIdle() {
        var rig = rig()
        rig.now += .seconds(299)
        begin(&rig, .headers, 0)
        #expect(rig.session.nextDeadline == rig.now + .seconds(60))
        rig = self.rig()
        begin(&rig, .block, 32 << 20)
        rig.now += .seconds(2_107)
        #expect(rig.take(.deadlineReached).isEmpty)
        #expect(rig.take(.block(nil)) == [.deliver])
        #expect(rig.session.nextDeadline == rig.now + .seconds(300))
    }

    @Test("the next whole frame ends it, and the one after has its own time")
    func next() {
        var rig = rig()
        begin(&rig, .inventory, 36)
        rig.now += .seconds(59)
        rig.take(FactSamples.facts(.inventory))
        #expect(rig.session.nextDeadline == rig.now + .seconds(300))
        begin(&rig, nil)
        #expect(rig.session.nextDeadline == rig.now + .seconds(60))
    }

    @Test("a slow peer that keeps to the rate is not closed: one byte of grace is not needed, one too late is fatal")
    func edge() {
        var rig = SessionRig(
            in: .established, .outbound,
            .quiet {
                $0.frameTimeout = .seconds(1)
                $0.slowestByteRate = 10
            })
        begin(&rig, .block, 100)
        rig.now += .seconds(11) - .nanoseconds(1)
        #expect(rig.take(.deadlineReached).isEmpty)
        rig.now += .nanoseconds(1)
        #expect(rig.take(.deadlineReached).closeReason == .frameTimedOut(command: .block))
    }

    @Test("a peer that sends a byte now and then cannot stay for ever")
    func trickle() {
        var rig = rig()
        while !rig.session.isClosed, rig.elapsed < .seconds(1_000) {
            begin(&rig, .ping, 8)
            rig.now += .seconds(1)
            rig.take(.deadlineReached)
        }
        #expect(rig.session.isClosed)
        #expect(rig.elapsed <= .seconds(62))
    }

    // MARK: With the lane

    @Test("a frame in the lane is whole: its time does not run out there or after it")
    func inLane() {
        var rig = rig()
        begin(&rig, .block, 1 << 20)
        rig.now += .seconds(123)
        rig.take(.enteredLane)
        rig.now += .seconds(3_600)
        #expect(rig.take(.deadlineReached).isEmpty)
        rig.take(.leftLane)
        #expect(rig.take(.deadlineReached).isEmpty)
        #expect(rig.take(.block(nil)) == [.deliver])
        #expect(rig.session.nextDeadline == rig.now + .seconds(300))
    }

    @Test("a frame that began behind one in the lane keeps its own time when that one comes back")
    func behindLane() {
        var rig = rig()
        begin(&rig, .block, 1 << 20)
        rig.take(.enteredLane)
        rig.now += .seconds(10)
        begin(&rig, .headers, 0)
        rig.now += .seconds(10)
        rig.take(.leftLane)
        rig.take(.block(nil))
        // It has been listened to from now on only.
        #expect(rig.session.nextDeadline == rig.now + .seconds(60))
        #expect(rig.reachDeadline().closeReason == .frameTimedOut(command: .headers))
    }

    @Test("a frame that follows without the lane ends the one under way")
    func afterLane() {
        var rig = rig()
        rig.take(.enteredLane)
        begin(&rig, .headers, 0)
        rig.take(.leftLane)
        rig.take(.block(nil))
        rig.take(.headers(count: 0))
        #expect(rig.session.nextDeadline == rig.now + .seconds(300))
    }
}
