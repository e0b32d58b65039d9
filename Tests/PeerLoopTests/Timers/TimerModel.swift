import Testing

@testable import PeerLoop

/// A queue of timers beside a plain dictionary that says what it has to do, driven by a seed.
struct TimerModel {
    private struct Armed {
        let deadline: Int64
        /// The deadline, or the time of the round that had passed it when it was armed.
        let place: Int64
        /// The round in which it was armed for a time that had passed, which it has to sit out.
        let sitsOut: Int?
    }

    private var random: SeededGenerator
    private var queue = TimerQueue()
    private var identifiers: [TimerQueue.Identifier] = []
    private var armed: [TimerQueue.Identifier: Armed] = [:]
    private var now: Int64 = 0
    private var round = 0
    private var roundTime: Int64 = 0
    private(set) var firedCount = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func step() {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: identifiers.append(queue.allocate())
        case 1...6: arm()
        case 7: cancel()
        case 8: release()
        default: advance()
        }
        check()
    }

    /// Fires all that is left, however far it is.
    mutating func finish() {
        // Whatever is due in the last step of all never comes.
        let end = Int64.max - TimerQueue.resolution
        while let next = armed.values.lazy.map(\.deadline).filter({ $0 <= end }).min() {
            now = max(now + 1, next > 0 ? next + TimerQueue.resolution : next)
            playRound(arming: 0)
            check()
        }
        #expect(armed.values.allSatisfy { $0.deadline > end })
    }

    private mutating func arm() {
        guard let identifier = identifiers.randomElement(using: &random) else { return }
        let deadline = someDeadline()
        queue.arm(identifier, at: deadline, now: now)
        let kept = deadline <= now ? (now >> 16) << 16 : deadline
        armed[identifier] = Armed(
            deadline: kept, place: max(kept, roundTime), sitsOut: kept <= roundTime ? round : nil)
    }

    private mutating func someDeadline() -> Int64 {
        switch Int.random(in: 0..<16, using: &random) {
        case 0: .max
        case 1: .min
        case 2: now - Int64.random(in: 0..<someSpan(), using: &random)
        case 3: now
        // The least that is late, and the edges of steps and of slots.
        case 4: now + 1
        case 5: (now >> 16 + 1) << 16 + Int64.random(in: -1...1, using: &random)
        case 6: (now >> 24 + 1) << 24 + Int64.random(in: -1...1, using: &random)
        case 7: (now >> 40 + 1) << 40 + Int64.random(in: -1...1, using: &random)
        case 8: (now >> 48 + 1) << 48 + Int64.random(in: -1...1, using: &random)
        case 9: .max - Int64.random(in: 0..<1 << 20, using: &random)
        default: now + Int64.random(in: 0..<someSpan(), using: &random)
        }
    }

    /// From a microsecond to some weeks.
    private mutating func someSpan() -> Int64 {
        1 << Int64.random(in: 10...51, using: &random)
    }

    private mutating func cancel() {
        guard let identifier = identifiers.randomElement(using: &random) else { return }
        queue.cancel(identifier)
        armed[identifier] = nil
    }

    private mutating func release() {
        guard let identifier = identifiers.indices.randomElement(using: &random).map({ identifiers.remove(at: $0) })
        else { return }
        queue.release(identifier)
        armed[identifier] = nil
    }

    private mutating func advance() {
        now += Int64.random(in: 1..<someSpan(), using: &random)
        // Until it has had something to do at all.
        if Bool.random(using: &random), let earliest = queue.earliest, earliest < 1 << 60 { now = max(now, earliest) }
        playRound(arming: Int.random(in: 0...2, using: &random))
    }

    /// Pops all that is due, and with each does some arming and cancelling, as a callback does.
    private mutating func playRound(arming: Int) {
        round += 1
        roundTime = now
        var last: Int64 = 0
        var changes = 0
        while let identifier = queue.popDue(at: now) {
            firedCount += 1
            guard let timer = armed.removeValue(forKey: identifier) else {
                Issue.record("fired without being armed")
                return
            }
            #expect(timer.deadline <= now, "fired early")
            #expect(timer.sitsOut != round, "fired in the round in which it was armed")
            #expect(timer.place >= last - TimerQueue.resolution, "fired out of order")
            last = max(last, timer.place)
            for _ in 0..<arming where changes < 1_000 {
                changes += 1
                if Bool.random(using: &random) { arm() } else { cancel() }
            }
        }
        let isLate = armed.values.contains {
            $0.deadline <= now - TimerQueue.resolution && $0.sitsOut != round
        }
        #expect(!isLate, "something due did not fire")
        // The loop must not be woken for nothing again and again.
        if !armed.values.contains(where: { $0.sitsOut == round }), let earliest = queue.earliest {
            #expect(earliest > now, "the next round begins at once, and has nothing to do")
        }
    }

    private func check() {
        #expect(queue.armedCount == armed.count)
        for (identifier, timer) in armed { #expect(queue.armedDeadline(of: identifier) == timer.deadline) }
        guard let first = armed.values.map(\.place).min() else {
            #expect(queue.earliest == nil)
            return
        }
        let latest = first > .max - TimerQueue.resolution ? .max : first + TimerQueue.resolution - 1
        #expect(queue.earliest.map { $0 <= latest } == true, "the loop would sleep too long")
    }
}
