import PeerWire
import Testing

@testable import PeerSession

@Suite struct AddressRateTests {
    private static let start = Timestamp(PlainSession.start)

    /// Tenths of a thousandth of an address, added millisecond by millisecond: the rule as it is written, in whole
    /// numbers.
    private struct NaiveBucket {
        var level = 10_000
        static let full = 10_000_000

        mutating func pass(milliseconds: Int) {
            if level < Self.full { level = min(Self.full, level + milliseconds) }
        }

        mutating func received(_ count: Int) -> Int {
            let taken = min(count, level / 10_000)
            level -= taken * 10_000
            return taken
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func theBucketGivesWhatTheWrittenRuleGives(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let configuration = AddressRateConfiguration()
        var rate = AddressRate(configuration, at: Self.start)
        var naive = NaiveBucket()
        var now = Self.start
        var (given, late) = (0, 0)
        for step in 0..<3_000 {
            // Whole multiples of ten seconds too, where an address is just complete.
            let milliseconds =
                switch random.next(below: 4) {
                case 0: 0
                case 1: random.next(below: 1_000)
                case 2: 10_000 * random.next(below: 5)
                default: random.next(below: 3_000_000)
                }
            now = now + .milliseconds(milliseconds)
            naive.pass(milliseconds: milliseconds)
            if random.next(below: 100) == 0 {
                rate.requested(at: now, configuration)
                naive.level += NaiveBucket.full
            }
            let count = random.next(below: 4) == 0 ? 1_000 : random.next(below: 12)
            let taken = rate.received(count, at: now, configuration)
            // After a request the bucket may hold a part of an address, and the address that time just completes may
            // be short of a millionth of a millionth.
            let isJustComplete = naive.level % 10_000 == 0
            let expected = naive.received(count)
            if taken == expected - 1, isJustComplete {
                late += 1
                naive.level += 10_000
            } else {
                #expect(taken == expected, "at step \(step)")
            }
            given += taken
        }
        #expect(given > 10_000, "the bucket was used")
        #expect(late <= 3)
    }

    @Test func oneAddressAtFirstThenOneEveryTenSeconds() {
        let configuration = AddressRateConfiguration()
        var rate = AddressRate(configuration, at: Self.start)
        #expect(rate.received(2, at: Self.start, configuration) == 1)
        #expect(rate.received(1, at: Self.start, configuration) == 0)
        #expect(rate.received(1, at: Self.start + .seconds(10) - .nanoseconds(1), configuration) == 0)
        #expect(rate.received(1, at: Self.start + .seconds(10), configuration) == 1)
        #expect(rate.received(5, at: Self.start + .seconds(40), configuration) == 3)
    }

    /// A bucket that added up nanoseconds would lose them to rounding, and here also ask for less than one of them.
    @Test func aBucketAskedEveryNanosecondFillsAtTheSameRate() {
        var configuration = AddressRateConfiguration()
        var rate = AddressRate(configuration, at: Self.start)
        #expect(rate.received(1, at: Self.start, configuration) == 1)
        let late = Self.start + .seconds(9)
        for step in 0..<100_000 {
            #expect(rate.received(1, at: late + .nanoseconds(step), configuration) == 0)
        }
        #expect(rate.received(9, at: Self.start + .seconds(10), configuration) == 1)

        // One for each microsecond.
        configuration.addressesPerSecond = 1_000_000
        rate = AddressRate(configuration, at: Self.start)
        var given = 0
        for step in 0..<100_000 { given += rate.received(3, at: Self.start + .nanoseconds(step + 1), configuration) }
        #expect(given == 1 + 100)
    }

    @Test(arguments: [(999, 999), (1_000, 1_000), (1_001, 1_000)])
    func timeFillsTheBucketToItsCap(_ asked: Int, _ given: Int) {
        let configuration = AddressRateConfiguration()
        for wait in [Duration.seconds(9_990), .seconds(100_000), SessionConfiguration.longestDuration * 3] {
            var rate = AddressRate(configuration, at: Self.start)
            #expect(rate.received(asked, at: Self.start + wait, configuration) == given)
        }
    }

    @Test func askingForAddressesGoesOverTheCapAndTimeAddsNothingThen() {
        let configuration = AddressRateConfiguration()
        var rate = AddressRate(configuration, at: Self.start)
        rate.requested(at: Self.start, configuration)
        // A day over the cap, of which nothing is left.
        let later = Self.start + .seconds(86_400)
        #expect(rate.received(5_000, at: later, configuration) == 1_001)
        #expect(rate.received(1, at: later + .seconds(9), configuration) == 0)
        #expect(rate.received(1, at: later + .seconds(10), configuration) == 1)
    }

    /// What time gave until then is not lost by asking.
    @Test func askingAddsToWhatTimeGave() {
        let configuration = AddressRateConfiguration()
        var rate = AddressRate(configuration, at: Self.start)
        rate.requested(at: Self.start + .seconds(100_000), configuration)
        #expect(rate.received(5_000, at: Self.start + .seconds(100_001), configuration) == 2_000)
    }

    @Test func aConfigurationOfZeroLetsNothingIn() {
        var configuration = AddressRateConfiguration()
        configuration.addressesPerSecond = 0
        configuration.initialAddresses = 0
        configuration.maxAddresses = 0
        configuration.addressesPerRequest = 0
        var rate = AddressRate(configuration, at: Self.start)
        rate.requested(at: Self.start, configuration)
        #expect(rate.received(1_000, at: Self.start, configuration) == 0)
        #expect(rate.received(1, at: Self.start + SessionConfiguration.longestDuration, configuration) == 0)
        #expect(rate.received(0, at: Self.start + SessionConfiguration.longestDuration, configuration) == 0)
    }

    @Test func anEnormousConfigurationLetsEverythingIn() {
        var configuration = AddressRateConfiguration()
        configuration.addressesPerSecond = .greatestFiniteMagnitude
        configuration.maxAddresses = .greatestFiniteMagnitude
        configuration.addressesPerRequest = .greatestFiniteMagnitude
        var rate = AddressRate(configuration, at: Self.start)
        #expect(rate.received(3, at: Self.start, configuration) == 1)
        for wait in [Duration.nanoseconds(1), .seconds(1), SessionConfiguration.longestDuration] {
            rate.requested(at: Self.start + wait, configuration)
            #expect(rate.received(.max, at: Self.start + wait, configuration) == .max)
        }
    }

    @Test func theWholeMessageIsDeliveredWithTheRangeWithinTheRate() {
        var plain = PlainSession(wantsAddressesV2: true)
        #expect(plain.receive(.addresses(count: 5)) == [.deliverAddresses(withinRate: 1)])
        #expect(plain.receive(.addressesV2(count: 2)) == [.deliverAddresses(withinRate: 0)])
        plain.pass(.seconds(20))
        #expect(plain.receive(.addressesV2(count: 3)) == [.deliverAddresses(withinRate: 2)])
        #expect(plain.session.decide(on: .getAddresses, byteCount: 24, at: plain.now) == .send)
        #expect(plain.receive(.addresses(count: 999)) == [.deliverAddresses(withinRate: 999)])
        #expect(plain.receive(.addresses(count: 2)) == [.deliverAddresses(withinRate: 1)])
        #expect(plain.session.statistics(at: plain.now).rateLimitedAddressCount == 4 + 2 + 1 + 0 + 1)
    }
}
