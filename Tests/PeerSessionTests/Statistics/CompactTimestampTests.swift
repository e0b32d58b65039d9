import Testing

@testable import PeerSession

@Suite struct CompactTimestampTests {
    @Test(arguments: 0..<4 as Range<UInt64>) func wholeNanosecondsComeBackAsTheyWere(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<5_000 {
            // Of all sizes, up to 150 years, before the epoch too.
            let size = 1 << random.next(below: 62)
            let nanoseconds = random.next(below: size) * (random.next(below: 2) == 0 ? 1 : -1)
            let time = Timestamp.zero + .nanoseconds(nanoseconds)
            #expect(CompactTimestamp(time).timestamp == time)
        }
    }

    @Test func aTimeBetweenNanosecondsComesBackBesideIt() {
        for part in [1, 2, 499_999_999, 500_000_000, 999_999_999] as [Int128] {
            let time = Timestamp.zero + .seconds(7) + Duration(attoseconds: part)
            let back = CompactTimestamp(time).timestamp
            #expect(back - time < .nanoseconds(1) && time - back < .nanoseconds(1))
            #expect(back == Timestamp.zero + .seconds(7) || back == Timestamp.zero + .seconds(7) + .nanoseconds(1))
        }
    }

    @Test func theEndOfTimeIsFarAndDoesNotTrap() {
        let years = Duration.seconds(365 * 86_400)
        let late = Timestamp.zero + years * 156
        #expect(CompactTimestamp(late).timestamp == late)
        let end = CompactTimestamp(.zero + years * 1_000).timestamp
        #expect(end > late && end < late + years * 2)
        let early = Timestamp.zero - years * 156
        #expect(CompactTimestamp(early - years * 1_000).timestamp < early)
        #expect(MemoryLayout<CompactTimestamp>.size == 8)
    }
}
