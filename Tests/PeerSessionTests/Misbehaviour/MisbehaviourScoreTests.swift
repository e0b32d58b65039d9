import Foundation
import Testing

@testable import PeerSession

@Suite struct MisbehaviourScoreTests {
    private static let start = Timestamp(PlainSession.start)
    /// Any offence that is not a request.
    private static let offence = Offence.longLocator

    private static func policy(persistent: UInt16 = 0, transient: UInt16 = 0) -> MisbehaviourPolicy {
        var policy = MisbehaviourPolicy()
        policy[offence] = MisbehaviourPolicy.Weight(persistent: persistent, transient: transient)
        return policy
    }

    @Test func aPersistentWeightStays() {
        let policy = Self.policy(persistent: 7)
        var score = MisbehaviourScore()
        for _ in 0..<3 { #expect(score.add(Self.offence, at: Self.start, policy) == false) }
        for wait in [Duration.zero, .seconds(60), SessionConfiguration.longestDuration] {
            #expect(score.value(at: Self.start + wait, policy) == 21)
        }
    }

    @Test func aTransientWeightHalvesEveryHalfLife() {
        let policy = Self.policy(transient: 64)
        var score = MisbehaviourScore()
        #expect(score.add(Self.offence, at: Self.start, policy) == false)
        for (halfLives, value) in zip(0..., [64, 32, 16, 8, 4, 2, 1, 0, 0]) {
            #expect(score.value(at: Self.start + .seconds(60 * halfLives), policy) == value)
        }
        #expect(score.value(at: Self.start + .seconds(60) - .nanoseconds(1), policy) == 32)
        #expect(score.value(at: Self.start + .seconds(60) + .nanoseconds(1), policy) == 31)
        // 64 / sqrt 2 is 45.25.
        #expect(score.value(at: Self.start + .seconds(30), policy) == 45)
    }

    @Test func bothPartsAddUpAndOnlyOneDecays() {
        let policy = Self.policy(persistent: 10, transient: 20)
        var score = MisbehaviourScore()
        #expect(score.add(Self.offence, at: Self.start, policy) == false)
        #expect(score.add(Self.offence, at: Self.start + .seconds(60), policy) == false)
        #expect(score.value(at: Self.start + .seconds(60), policy) == 10 + 10 + 10 + 20)
        #expect(score.value(at: Self.start + .seconds(120), policy) == 20 + 15)
    }

    @Test(arguments: 0..<10 as Range<UInt64>) func theValueNeverRisesByTime(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var policy = Self.policy(persistent: 3, transient: 60_000)
        policy.halfLife = .milliseconds(1 + random.next(below: 100_000))
        policy.threshold = .max
        var score = MisbehaviourScore()
        #expect(score.add(Self.offence, at: Self.start, policy) == false)
        var last = score.value(at: Self.start, policy)
        #expect(last == 60_003)
        var now = Self.start
        while last > 3 {
            now = now + random.next(below: policy.halfLife / 8)
            let value = score.value(at: now, policy)
            #expect(value <= last)
            // Continuous: no more is lost in an eighth of a half-life than an eighth loses.
            #expect(Double(value) >= Double(last) * 0.917 - 1)
            last = value
        }
    }

    @Test func theDecayIsThatOfMathematics() {
        var random = SplitMix64(seed: 9)
        for _ in 0..<2_000 {
            let halfLife = Duration.nanoseconds(1 + random.next(below: 1_000_000_000_000))
            let elapsed = Duration.nanoseconds(random.next(below: 20_000_000_000_000))
            let remaining = Decay.remaining(after: elapsed, halfLife: halfLife)
            let exact = exp2(-(elapsed / halfLife))
            #expect(abs(remaining - exact) <= exact * 1e-12)
        }
        #expect(Decay.remaining(after: .zero, halfLife: .seconds(1)) == 1)
        #expect(Decay.remaining(after: .seconds(-1), halfLife: .seconds(1)) == 1)
        for halvings in 1...60 {
            #expect(Decay.remaining(after: .seconds(halvings), halfLife: .seconds(1)) == exp2(-Double(halvings)))
        }
    }

    @Test func theEndsOfTimeDoNotTrap() {
        let longest = SessionConfiguration.longestDuration
        #expect(Decay.remaining(after: longest * 3, halfLife: .nanoseconds(1)) == 0)
        #expect(Decay.remaining(after: .nanoseconds(1), halfLife: longest) <= 1)
        #expect(Decay.remaining(after: longest, halfLife: longest) == 0.5)
    }

    /// A score kept in whole numbers would never decay when it is asked often enough.
    @Test func howOftenItIsAddedToDoesNotChangeTheDecay() {
        let policy = Self.policy(transient: 64)
        var score = MisbehaviourScore()
        #expect(score.add(Self.offence, at: Self.start, policy) == false)
        let steps = 100_000
        for step in 1...steps {
            let now = Self.start + .nanoseconds(60_000_000_000 / steps * step)
            #expect(score.add(Self.offence, share: 0, at: now, policy) == false)
        }
        #expect((31...32).contains(score.value(at: Self.start + .seconds(60), policy)))
        #expect((15...16).contains(score.value(at: Self.start + .seconds(120), policy)))
    }

    /// Over a million additions of a nanosecond each the sum is what arithmetic says, and not what rounding leaves.
    @Test func manySmallPartsAreNotLost() {
        let policy = Self.policy(transient: 50)
        var score = MisbehaviourScore()
        for step in 0..<1_000_000 {
            _ = score.add(Self.offence, share: 1e-6, at: Self.start + .nanoseconds(step), policy)
        }
        #expect((49...50).contains(score.value(at: Self.start + .milliseconds(1), policy)))
    }

    // MARK: The threshold

    @Test(arguments: [1, 2, 99, 100, 101]) func theThresholdIsReachedByTheOffenceThatReachesIt(_ threshold: Int) {
        for weight in [MisbehaviourPolicy.Weight(persistent: 1), .init(transient: 1)] {
            var policy = MisbehaviourPolicy()
            policy.threshold = threshold
            policy[Self.offence] = weight
            var score = MisbehaviourScore()
            for count in 1...threshold + 20 {
                #expect(score.add(Self.offence, at: Self.start, policy) == (count == threshold))
            }
        }
    }

    @Test(arguments: [(99, false), (100, true), (101, true)])
    func oneOffenceOfTheThresholdIsEnough(_ weight: UInt16, _ isReached: Bool) {
        for policy in [Self.policy(persistent: weight), Self.policy(transient: weight)] {
            var score = MisbehaviourScore()
            #expect(score.add(Self.offence, at: Self.start, policy) == isReached)
        }
    }

    /// It is reached once; when it has decayed and comes back, nobody is told again.
    @Test func theThresholdIsReachedOnce() {
        let policy = Self.policy(transient: 100)
        var score = MisbehaviourScore()
        #expect(score.add(Self.offence, at: Self.start, policy) == true)
        #expect(score.add(Self.offence, at: Self.start, policy) == false)
        #expect(score.add(Self.offence, at: Self.start + .seconds(6_000), policy) == false)
    }

    @Test func whatDecaysInTimeReachesNothing() {
        let policy = Self.policy(transient: 50)
        var score = MisbehaviourScore()
        // One each half-life comes nearer and nearer to 100.
        for step in 0..<40 { #expect(score.add(Self.offence, at: Self.start + .seconds(60 * step), policy) == false) }
        #expect(score.value(at: Self.start + .seconds(60 * 39), policy) == 99)
        #expect(score.add(Self.offence, at: Self.start + .seconds(60 * 39), policy) == true)
    }

    @Test func noWeightIsNoHarm() {
        let policy = Self.policy()
        var score = MisbehaviourScore()
        for _ in 0..<1_000 { #expect(score.add(Self.offence, at: Self.start, policy) == false) }
        #expect(score.value(at: Self.start, policy) == 0)
        #expect(score.offenceCount == 1_000)
    }

    @Test func aPolicyThatIsOffOnlyCounts() {
        var policy = Self.policy(persistent: 65_535, transient: 65_535)
        policy.isEnabled = false
        var score = MisbehaviourScore()
        for _ in 0..<10 { #expect(score.add(Self.offence, at: Self.start, policy) == false) }
        #expect(score.value(at: Self.start, policy) == 0)
        #expect(score.offenceCount == 10)
    }

    @Test func theHeaviestWeightsDoNotOverflow() {
        var policy = Self.policy(persistent: .max, transient: .max)
        policy.threshold = .max
        var score = MisbehaviourScore()
        for _ in 0..<70_000 { #expect(score.add(Self.offence, at: Self.start, policy) == false) }
        let persistent = Int(UInt32.max)
        #expect(score.value(at: Self.start + SessionConfiguration.longestDuration, policy) == persistent)
    }
}
