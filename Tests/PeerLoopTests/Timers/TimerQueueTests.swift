import Testing

@testable import PeerLoop

@Suite(.timeLimit(.minutes(1))) struct TimerQueueTests {
    private static let day: Int64 = 86_400_000_000_000

    @Test(arguments: 0..<40)
    func behavesLikeASortedList(seed: Int) {
        var model = TimerModel(seed: UInt64(seed))
        for _ in 0..<1_500 { model.step() }
        model.finish()
        #expect(model.firedCount > 100)
    }

    /// A loop that sleeps until something is due is woken when it is, and not before.
    @Test(arguments: [
        0, 1, 65_536, 65_537, 1_000_000, 16_777_216, 30_000_000_000, day / 24, 3 * day, 4 * day, 300 * day,
    ])
    func aLoneTimerTakesOneWakeUp(delay: Int64) {
        var queue = TimerQueue()
        let timer = queue.allocate()
        var now: Int64 = 0
        for pause in [0, 1, 12_345_678, 5 * Self.day] {
            now += pause
            queue.arm(timer, at: now + delay, now: now)
            let wakeUp = max(now, queue.earliest ?? .max)
            #expect(wakeUp >= now + delay && wakeUp < now + delay + TimerQueue.resolution)
            // A round begins later than the one before it.
            now = wakeUp + 1
            #expect(queue.popDue(at: now) == timer)
            #expect(queue.earliest == nil)
        }
    }

    /// 200 years and back to work: no step in between is looked at.
    @Test func aLongSleepIsOneStep() {
        var queue = TimerQueue()
        let timers = (0..<5).map { _ in queue.allocate() }
        let deadlines = [1, 1_000_000_000, Self.day, 100 * Self.day, 70_000 * Self.day]
        for (timer, deadline) in zip(timers, deadlines) { queue.arm(timer, at: deadline, now: 0) }
        let now = 73_000 * Self.day
        for timer in timers { #expect(queue.popDue(at: now) == timer) }
        #expect(queue.popDue(at: now) == nil)
        queue.arm(timers[0], at: now + 1_000_000, now: now)
        #expect(queue.popDue(at: now + 999_999) == nil)
        #expect(queue.popDue(at: now + 1_000_000 + TimerQueue.resolution) == timers[0])
    }

    @Test func oneMomentIsFirstComeFirstServed() {
        var queue = TimerQueue()
        let timers = (0..<1_000).map { _ in queue.allocate() }
        for deadline in [0, 500_000, 1_000_000_000, Self.day] {
            for timer in timers.reversed() { queue.arm(timer, at: deadline, now: 0) }
            // Whoever is armed anew comes last.
            queue.arm(timers[500], at: deadline, now: 0)
            var fired: [TimerQueue.Identifier] = []
            while let timer = queue.popDue(at: deadline + TimerQueue.resolution) { fired.append(timer) }
            #expect(fired == timers.reversed().filter { $0 != timers[500] } + [timers[500]])
        }
    }

    /// Nor does it wait for the end of the step it is in, or for the levels to be gone through.
    @Test(arguments: [0, 1, 999_999, 5_000_000_007, 3 * day + 7, 9 * day + 7])
    func whatHasPassedWhenItIsArmedIsDueInTheNextRound(now: Int64) {
        var queue = TimerQueue()
        let timers = (0..<3).map { _ in queue.allocate() }
        queue.arm(timers[0], at: now, now: now)
        queue.arm(timers[1], at: .min, now: now)
        queue.arm(timers[2], at: now + 1, now: now)
        #expect((queue.earliest ?? .max) <= now)
        #expect(Set([queue.popDue(at: now), queue.popDue(at: now)]) == [timers[0], timers[1]])
        #expect(queue.popDue(at: now) == nil)
    }

    /// A round that is cut short goes on with what it has before anything that was armed meanwhile.
    @Test func aRoundThatIsCutShortGoesOn() {
        var queue = TimerQueue()
        let timers = (0..<100).map { _ in queue.allocate() }
        for (index, timer) in timers.enumerated() { queue.arm(timer, at: Int64(index) * 1_000_000, now: 0) }
        let again = queue.allocate()
        var fired: [TimerQueue.Identifier] = []
        for now in stride(from: 200_000_000, through: 220_000_000, by: 1_000_000) as StrideThrough<Int64> {
            for _ in 0..<10 {
                guard let timer = queue.popDue(at: now) else { break }
                fired.append(timer)
                if fired.count == 15 { queue.arm(again, at: now, now: now) }
            }
            #expect(queue.armedCount == 0 || (queue.earliest ?? .max) <= now)
        }
        #expect(fired == timers + [again])
    }

    /// What is due is still taken back.
    @Test func whatIsDueCanBeCancelled() {
        var queue = TimerQueue()
        let timers = (0..<4).map { _ in queue.allocate() }
        for timer in timers { queue.arm(timer, at: 1_000_000, now: 0) }
        #expect(queue.popDue(at: 2_000_000) == timers[0])
        queue.cancel(timers[1])
        queue.arm(timers[2], at: 5_000_000, now: 2_000_000)
        queue.release(timers[3])
        #expect(queue.popDue(at: 2_000_000) == nil)
        #expect(queue.allocate() == timers[3])
        #expect(queue.popDue(at: 5_100_000) == timers[2])
        #expect(queue.earliest == nil)
    }

    @Test func theEndOfTimeNeverComes() {
        var queue = TimerQueue()
        let timer = queue.allocate()
        queue.arm(timer, at: .max, now: 0)
        #expect(queue.popDue(at: .max) == nil)
        #expect(queue.earliest == .max)
        #expect(queue.armedDeadline(of: timer) == .max)
        queue.cancel(timer)
        #expect(queue.armedCount == 0)
    }
}
