import PeerSession
import PeerWire
import Testing

/// Over the high mark for 60 s and slower than 16 KiB a second: closed.
@Suite("A peer that reads too slowly")
struct SendProgressTests {
    private static let mark = 1 << 20
    private static let perMinute: UInt64 = 60 * 16 << 10

    private func rig(_ change: (inout SessionConfiguration) -> Void = { _ in }) -> SessionRig {
        let patient = SessionConfiguration.quiet {
            $0.idleTimeout = SessionConfiguration.longestDuration
            change(&$0)
        }
        return SessionRig(in: .established, .outbound, patient)
    }

    private func queue(_ rig: inout SessionRig, _ pending: Int, sent: UInt64) {
        rig.take(.sendQueue(pendingByteCount: pending, sentByteCount: sent))
    }

    @Test("one that takes nothing is closed after 60 s, whatever it sends")
    func stalled() {
        var rig = rig()
        queue(&rig, Self.mark + 1, sent: 5)
        #expect(rig.session.nextDeadline == rig.now + .seconds(60))
        for _ in 0..<59 {
            rig.now += .seconds(1)
            rig.take(.headers(count: 0))
            #expect(rig.take(.deadlineReached).isEmpty)
        }
        #expect(rig.reachDeadline() == [.close(.sendStalled, flushFirst: false)])
        #expect(rig.elapsed == .seconds(60))
    }

    @Test("nothing is watched up to the high mark")
    func below() {
        var rig = rig()
        queue(&rig, Self.mark, sent: 0)
        #expect(rig.pass(.seconds(86_400)).isEmpty)
    }

    @Test("one that keeps to the rate is watched on, one byte less is too little")
    func rate() {
        var rig = rig()
        queue(&rig, 64 << 20, sent: 1_000)
        for minute in 1...5 as ClosedRange<UInt64> {
            queue(&rig, 64 << 20, sent: 1_000 + minute * Self.perMinute)
            #expect(rig.reachDeadline().isEmpty)
            #expect(rig.session.nextDeadline == rig.now + .seconds(60))
        }
        queue(&rig, 64 << 20, sent: 1_000 + 6 * Self.perMinute - 1)
        #expect(rig.reachDeadline() == [.close(.sendStalled, flushFirst: false)])
    }

    @Test("a minute of haste does not pay for the next")
    func noSavings() {
        var rig = rig()
        queue(&rig, 64 << 20, sent: 0)
        queue(&rig, 32 << 20, sent: 32 << 20)
        #expect(rig.reachDeadline().isEmpty)
        #expect(rig.reachDeadline() == [.close(.sendStalled, flushFirst: false)])
        #expect(rig.elapsed == .seconds(120))
    }

    @Test("half of the mark ends the watch, more than half does not")
    func half() {
        var rig = rig()
        queue(&rig, Self.mark + 1, sent: 0)
        rig.now += .seconds(10)
        queue(&rig, Self.mark / 2 + 1, sent: 1)
        #expect(rig.session.nextDeadline == SessionRig.start + .seconds(60))
        queue(&rig, Self.mark / 2, sent: 2)
        #expect(rig.session.nextDeadline > rig.now + .seconds(86_400))
        // A new crossing is a new watch.
        rig.now += .seconds(5)
        queue(&rig, Self.mark + 1, sent: 3)
        #expect(rig.session.nextDeadline == rig.now + .seconds(60))
    }

    @Test("time and rate are settable, also under a second")
    func settable() {
        func brief() -> SessionRig {
            rig {
                $0.sendProgressTimeout = .milliseconds(500)
                $0.slowestByteRate = 1_000
            }
        }
        for (sent, isClosed) in [(499, true), (500, false)] as [(UInt64, Bool)] {
            var rig = brief()
            queue(&rig, Self.mark + 1, sent: 0)
            queue(&rig, Self.mark + 1, sent: sent)
            #expect(rig.reachDeadline().isEmpty == !isClosed)
            #expect(rig.elapsed == .milliseconds(500))
        }
    }

    @Test("extreme settings do not trap")
    func extremes() {
        var rig = rig {
            $0.sendProgressTimeout = SessionConfiguration.longestDuration
            $0.slowestByteRate = .max
        }
        queue(&rig, .max, sent: 0)
        queue(&rig, .max, sent: .max)
        rig.take(.framePartlyReceived(command: .block, payloadByteCount: .max >> 20))
        rig.now += SessionConfiguration.longestDuration
        #expect(rig.take(.deadlineReached).closeReason != nil)
    }

    @Test("it is watched while reading is paused: sending needs no reading")
    func paused() {
        var rig = rig()
        rig.take(.readingPaused)
        queue(&rig, Self.mark + 1, sent: 0)
        #expect(rig.reachDeadline() == [.close(.sendStalled, flushFirst: false)])
        #expect(rig.elapsed == .seconds(60))
    }
}
