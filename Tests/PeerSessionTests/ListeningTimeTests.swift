import PeerWire
import Testing

@testable import PeerSession

/// What a deadline is for, how long it is, and what the session closes with.
enum Watched: CaseIterable {
    case idle
    case frame
    case response
    case pong

    var duration: Duration {
        switch self {
        case .idle: .seconds(300)
        case .frame: .seconds(124)
        case .response: .seconds(90)
        case .pong: .seconds(1_200)
        }
    }

    var reason: DisconnectReason {
        switch self {
        case .idle: .idle
        case .frame: .frameTimedOut(command: .block)
        case .response: .responseTimedOut(.headers)
        case .pong: .pongTimedOut
        }
    }
}

/// Deadlines for something to come from the peer run only while this node listens: not while reading is paused, nor
/// while a frame of the peer is in the lane.
@Suite("Time in which the peer is listened to")
struct ListeningTimeTests {
    /// An established session that watches this and nothing else, from its present time on.
    private func rig(_ watched: Watched, framesInLane: Int = 0) -> SessionRig {
        var configuration = SessionConfiguration.quiet()
        if watched != .idle { configuration.idleTimeout = SessionConfiguration.longestDuration }
        if watched == .pong { configuration.pingInterval = .seconds(120) }
        var rig = SessionRig(in: .established, .outbound, configuration)
        if watched == .pong { rig.reachDeadline() }
        for _ in 0..<framesInLane { rig.take(.enteredLane) }
        switch watched {
        case .idle, .pong: break
        case .frame: rig.take(.framePartlyReceived(command: .block, payloadByteCount: 1 << 20))
        case .response: #expect(rig.decide(.getHeaders(BlockRange(first: FactSamples.hash(1)))) == .send)
        }
        return rig
    }

    /// A random schedule of pauses and of frames in the lane; the test's own account of the time listened to.
    private struct Schedule {
        var random: SplitMix64
        var isPaused = false
        var framesInLane: Int
        var listened = Duration.zero
        /// Each frame that comes back from the lane begins the idle time anew, so there may not be more and more.
        var framesToCome = 12

        var isListening: Bool { !isPaused && framesInLane == 0 }

        mutating func below(_ bound: UInt64) -> UInt64 { random.next() % bound }

        mutating func step(_ rig: inout SessionRig, _ watched: Watched) {
            switch below(4) {
            case 0 where !isPaused:
                rig.take(.readingPaused)
                isPaused = true
            case 1 where isPaused:
                rig.take(.readingResumed)
                isPaused = false
            // A frame that enters the lane ends the one under way, which is not what is watched here.
            case 2 where watched != .frame && framesToCome > 0:
                framesToCome -= 1
                rig.take(.enteredLane)
                framesInLane += 1
            case 3 where framesInLane > 0:
                rig.take(.leftLane)
                rig.take(.addresses(count: 0))
                framesInLane -= 1
                if watched == .idle { listened = .zero }
            default: break
            }
        }
    }

    @Test(
        "a deadline comes exactly its duration of listening later, for any schedule",
        arguments: Watched.allCases, [0, 3])
    func anySchedule(watched: Watched, framesInLane: Int) {
        for seed in 0..<200 as Range<UInt64> {
            var schedule = Schedule(random: SplitMix64(seed: seed), framesInLane: framesInLane)
            var rig = rig(watched, framesInLane: framesInLane)
            var steps = 0
            while !rig.session.isClosed, steps < 10_000 {
                steps += 1
                schedule.step(&rig, watched)
                let remaining = watched.duration - schedule.listened
                let pass = Duration.nanoseconds(Int64(schedule.below(40_000_000_000)))
                guard schedule.isListening else {
                    #expect(rig.session.nextDeadline > rig.now + .seconds(365 * 86_400))
                    rig.now += pass
                    #expect(rig.take(.deadlineReached).isEmpty)
                    continue
                }
                #expect(rig.session.nextDeadline == rig.now + remaining)
                if pass < remaining {
                    rig.now += pass
                    schedule.listened += pass
                    #expect(rig.take(.deadlineReached).isEmpty)
                } else {
                    rig.now += remaining
                    #expect(rig.take(.deadlineReached) == [.close(watched.reason, flushFirst: false)])
                    #expect(rig.session.isClosed)
                }
            }
            #expect(rig.session.isClosed, "seed \(seed)")
        }
    }

    @Test("one that would have been due during a pause comes only after it", arguments: Watched.allCases)
    func longPause(watched: Watched) {
        var rig = rig(watched)
        rig.now += watched.duration - .seconds(1)
        rig.take(.readingPaused)
        rig.now += .seconds(86_400)
        #expect(rig.take(.deadlineReached).isEmpty)
        rig.take(.readingResumed)
        #expect(rig.take(.deadlineReached).isEmpty)
        #expect(rig.session.nextDeadline == rig.now + .seconds(1))
        #expect(rig.reachDeadline().closeReason == watched.reason)
    }

    @Test("what begins during a pause has its whole time after it")
    func beginsPaused() {
        var rig = SessionRig(in: .established, .outbound, .quiet())
        rig.take(.readingPaused)
        rig.now += .seconds(1_000)
        #expect(rig.decide(.getHeaders(BlockRange(first: FactSamples.hash(1)))) == .send)
        rig.take(.framePartlyReceived(command: .block, payloadByteCount: 0))
        rig.now += .seconds(1_000)
        rig.take(.readingResumed)
        #expect(rig.session.nextDeadline == rig.now + .seconds(60))
        rig.take(.block(nil))
        rig.now += .seconds(1)
        #expect(rig.session.nextDeadline == rig.now + .seconds(89))
    }

    @Test("pinging goes on while this node does not listen, and no pong is missed then")
    func pingsWhilePaused() {
        for stop in [SessionEvent.readingPaused, .enteredLane] {
            var rig = SessionRig(in: .established)
            rig.take(stop)
            // One that goes unanswered is outstanding for the whole pause.
            #expect(rig.pass(.seconds(86_400)).pingCount == 1)
            rig.take(stop == .readingPaused ? .readingResumed : .leftLane)
            #expect(rig.take(.deadlineReached).isEmpty)
            #expect(!rig.session.isClosed)
        }
        // Without pongs, one each interval.
        var rig = SessionRig(in: .established, remote: .sample(60_000))
        rig.take(.readingPaused)
        #expect(rig.pass(.seconds(1_200)).pingCount == 10)
        #expect(!rig.session.isClosed)
    }

    @Test("the time paused is counted, that in the lane is not")
    func pausedTime() {
        var clock = InputClock()
        let start = Timestamp(SessionRig.start)
        clock.enterLane(at: start)
        clock.pauseReading(at: start + .seconds(1))
        #expect(clock.pausedTime(at: start + .seconds(3)) == .seconds(2))
        clock.resumeReading(at: start + .seconds(4))
        clock.leaveLane(at: start + .seconds(10))
        #expect(clock.pausedTime(at: start + .seconds(10)) == .seconds(3))
        #expect(clock.time(at: start + .seconds(11)) == start + .seconds(1))
        #expect(clock.instant(of: start + .seconds(1)) == start + .seconds(11))
    }
}
