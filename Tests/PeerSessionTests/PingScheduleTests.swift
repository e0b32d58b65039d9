import PeerWire
import Testing

@testable import PeerSession

@Suite("Ping schedule")
struct PingScheduleTests {
    private let interval = Duration.seconds(120)

    /// From establishment to the first ping of a session with this seed.
    private func firstDelay(seed: UInt64) -> Duration {
        var rig = SessionRig(in: .established, seed: seed)
        let delay = SessionRig.start.duration(to: rig.session.nextDeadline)
        rig.now = rig.session.nextDeadline - .nanoseconds(1)
        #expect(rig.take(.deadlineReached).isEmpty)
        #expect(rig.reachDeadline().first?.pingNonce != nil)
        return delay
    }

    @Test("the first ping comes at a time spread evenly over the interval")
    func jitter() {
        let count = 12_000
        var bins = [Int](repeating: 0, count: 12)
        for seed in 0..<UInt64(count) {
            let delay = firstDelay(seed: seed)
            #expect(delay > .zero)
            #expect(delay <= interval)
            bins[min(11, Int(delay.components.seconds / 10))] += 1
        }
        // 1,000 are expected in each; the seeds are fixed, so this either always holds or never. 5 sigma are 150.
        for bin in bins { #expect((850...1150).contains(bin)) }
    }

    @Test("the same seed gives the same time, another seed another")
    func seeds() {
        #expect(firstDelay(seed: 7) == firstDelay(seed: 7))
        #expect(firstDelay(seed: 7) != firstDelay(seed: 8))
    }

    @Test("then one follows every interval, with a new nonce that is never 0")
    func everyInterval() throws {
        var rig = SessionRig(in: .established)
        var nonces: Set<UInt64> = []
        var last: ContinuousClock.Instant?
        for _ in 0..<100 {
            let actions = rig.reachDeadline()
            #expect(actions.count == 1)
            let nonce = try #require(actions.first?.pingNonce)
            #expect(nonce != 0)
            #expect(nonces.insert(nonce).inserted)
            if let last { #expect(last.duration(to: rig.now) == interval) }
            last = rig.now
            rig.take(.pong(nonce: nonce))
            #expect(rig.session.nextDeadline == rig.now + interval)
        }
    }

    @Test("only one ping is outstanding; a late pong lets the next one go at once")
    func outstanding() throws {
        var rig = SessionRig(in: .established)
        let nonce = try #require(rig.reachDeadline().first?.pingNonce)
        #expect(rig.session.isAwaitingPong)
        rig.now += interval * 2
        rig.take(.headers(count: 0))
        #expect(rig.take(.deadlineReached).isEmpty)
        rig.take(.pong(nonce: nonce))
        #expect(!rig.session.isAwaitingPong)
        #expect(rig.take(.deadlineReached).first?.pingNonce != nil)
    }

    @Test("no pong for 20 min closes, however much else the peer sends")
    func pongTimeout() {
        var rig = SessionRig(in: .established)
        rig.reachDeadline()
        let sent = rig.now
        for _ in 0..<19 {
            rig.now += .seconds(60)
            rig.take(.headers(count: 0))
            rig.take(.pong(nonce: 0))
            #expect(rig.take(.deadlineReached).isEmpty)
        }
        #expect(rig.session.nextDeadline == sent + .seconds(20 * 60))
        rig.now = rig.session.nextDeadline - .nanoseconds(1)
        #expect(rig.take(.deadlineReached).isEmpty)
        #expect(rig.reachDeadline() == [.close(.pongTimedOut, flushFirst: false)])
    }

    @Test("a pong with another nonce, or a stale one, is delivered and otherwise ignored")
    func wrongNonce() throws {
        var rig = SessionRig(in: .established)
        let stale = try #require(rig.reachDeadline().first?.pingNonce)
        #expect(rig.take(.pong(nonce: stale &+ 1)) == [.deliver])
        #expect(rig.session.isAwaitingPong)
        #expect(rig.session.lastPingMicroseconds == nil)
        #expect(rig.take(.pong(nonce: stale)) == [.deliver])
        #expect(!rig.session.isAwaitingPong)
        // Once more, when none is awaited.
        rig.now += .seconds(1)
        #expect(rig.take(.pong(nonce: stale)) == [.deliver])
        #expect(rig.session.lastPingMicroseconds == 0)
        // And when another is.
        #expect(rig.reachDeadline().first?.pingNonce != nil)
        rig.now += .seconds(1)
        #expect(rig.take(.pong(nonce: stale)) == [.deliver])
        #expect(rig.session.isAwaitingPong)
        #expect(rig.session.lastPingMicroseconds == 0)
    }

    @Test("a pong too short for a nonce ends the wait and measures nothing")
    func shortPong() {
        var rig = SessionRig(in: .established)
        rig.reachDeadline()
        #expect(rig.take(.pong(nonce: nil)) == [.deliver])
        #expect(!rig.session.isAwaitingPong)
        #expect(rig.session.lastPingMicroseconds == nil)
        #expect(rig.session.minimumPingMicroseconds == nil)
        #expect(rig.session.nextDeadline == rig.now + interval)
    }

    @Test("round trips in microseconds: the last and the shortest")
    func roundTrips() throws {
        var rig = SessionRig(in: .established)
        #expect(rig.session.lastPingMicroseconds == nil)
        for (micros, minimum) in [(30_000, 30_000), (12_345, 12_345), (99_000, 12_345)] as [(Int64, UInt32)] {
            let nonce = try #require(rig.reachDeadline().first?.pingNonce)
            rig.now += .microseconds(micros) + .nanoseconds(999)
            rig.take(.pong(nonce: nonce))
            #expect(rig.session.lastPingMicroseconds == UInt32(micros))
            #expect(rig.session.minimumPingMicroseconds == minimum)
        }
    }

    @Test("a round trip during which this node did not listen is not measured")
    func unheard() throws {
        var rig = SessionRig(in: .established)
        let nonce = try #require(rig.reachDeadline().first?.pingNonce)
        rig.take(.readingPaused)
        rig.now += .seconds(3)
        rig.take(.readingResumed)
        rig.take(.pong(nonce: nonce))
        #expect(!rig.session.isAwaitingPong)
        #expect(rig.session.lastPingMicroseconds == nil)
        // The next is.
        let next = try #require(rig.reachDeadline().first?.pingNonce)
        rig.now += .milliseconds(2)
        rig.take(.pong(nonce: next))
        #expect(rig.session.lastPingMicroseconds == 2_000)
    }

    @Test("a ping behind much that waits has the time that a slow reader may take")
    func behindMuch() throws {
        var rig = SessionRig(in: .established, .outbound, .with { $0.idleTimeout = .seconds(1_000_000) })
        rig.take(.sendQueue(pendingByteCount: 64 << 20, sentByteCount: 0))
        rig.now = rig.now + .seconds(30)
        var sent: UInt64 = 0
        // It reads as slowly as it may: over an hour until the ping is out, which no pong can come before.
        var pings = 0
        for second in 30..<(64 * 64 + 1_000) {
            rig.now += .seconds(1)
            sent = min(64 << 20, UInt64(second + 2) * (16 << 10))
            let actions = rig.take(.sendQueue(pendingByteCount: 64 << 20 - Int(sent), sentByteCount: sent))
            #expect(actions.isEmpty)
            let due = rig.take(.deadlineReached)
            #expect(due.closeReason == nil, "after \(second) s")
            pings += due.count { $0.pingNonce != nil }
        }
        #expect(pings == 1 && rig.session.isAwaitingPong)
        #expect(rig.reachDeadline().closeReason == .pongTimedOut)
    }

    @Test("a round trip beyond what is counted is held at the greatest count")
    func longRoundTrip() {
        let start = Timestamp(SessionRig.start)
        var pings = PingSchedule(at: start)
        pings.sent(nonce: 5, at: start, inputTime: start)
        pings.received(nonce: 5, at: start + .seconds(90_000), inputTime: start + .seconds(90_000))
        #expect(pings.lastRoundTrip == UInt32.max - 1)
    }

    @Test("up to 60000 pings have no nonce, no pong is sent and none is awaited")
    func versions() {
        for (version, hasPong) in [(209, false), (60_000, false), (60_001, true), (70_016, true)] as [(Int32, Bool)] {
            var rig = SessionRig(in: .established, remote: .sample(version))
            let answer = rig.take(.ping(nonce: 77, checksum: 123))
            #expect(answer == (hasPong ? [.sendPong(nonce: 77, checksum: 123), .deliver] : [.deliver]))
            let first = rig.reachDeadline()
            #expect(rig.session.isAwaitingPong == hasPong)
            #expect((first.first?.pingNonce != nil) == hasPong)
            guard !hasPong else { continue }
            #expect(first == [.sendPing(nonce: nil)])
            // The next one does not wait for a pong.
            #expect(rig.session.nextDeadline == rig.now + interval)
            #expect(rig.reachDeadline() == [.sendPing(nonce: nil)])
        }
    }

    @Test("every ping is answered with its nonce and checksum, before it is delivered")
    func answers() {
        var rig = SessionRig(in: .established, .inbound)
        for nonce in [0, 1, UInt64.max] {
            #expect(
                rig.take(.ping(nonce: nonce, checksum: ~0)) == [.sendPong(nonce: nonce, checksum: ~0), .deliver])
        }
        #expect(rig.take(.ping(nonce: nil, checksum: 1)) == [.deliver])
    }
}
