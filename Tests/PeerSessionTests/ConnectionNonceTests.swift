import Testing

@testable import PeerSession

@Suite("Connection nonces and random numbers")
struct ConnectionNonceTests {
    private let key = ConnectionNonce.Key(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210)

    /// From the test vectors of the SipHash paper's reference code: key 00 01 ... 0f, input 00 01 ... 07.
    @Test("the keyed check is SipHash-2-4")
    func sipHash() {
        #expect(
            sipHash24(0x0706_0504_0302_0100, 0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
                == 0x93f5_f579_9a93_2462)
    }

    @Test("a key knows its own nonces, and they differ")
    func own() {
        var seen: Set<UInt64> = []
        for random in 0..<1_000 as Range<UInt32> {
            let nonce = key.makeNonce(random: random)
            #expect(key.isOwn(nonce))
            #expect(seen.insert(nonce).inserted)
        }
    }

    @Test("other nonces are not its own: another key's, a bit off, random ones, none")
    func others() {
        let other = ConnectionNonce.Key(1, 2)
        var random = SplitMix64(seed: 3)
        for index in 0..<1_000 as Range<UInt32> {
            #expect(!key.isOwn(other.makeNonce(random: index)))
            #expect(!key.isOwn(random.next()))
        }
        let nonce = key.makeNonce(random: 12345)
        for bit in 0..<64 { #expect(!key.isOwn(nonce ^ (1 << UInt64(bit)))) }
        #expect(!key.isOwn(0))
    }

    /// Steele and others' generator with seed 1234567, as in the published sequences.
    @Test("the generator is SplitMix64")
    func splitMix() {
        var random = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        ]
        for number in expected { #expect(random.next() == number) }
    }

    @Test("zero is skipped where it means none")
    func nonZero() {
        // The state before zero comes out, as the first step adds the increment.
        var random = SplitMix64(seed: 0 &- 0x9e37_79b9_7f4a_7c15)
        var plain = random
        #expect(plain.next() == 0)
        #expect(random.nextNonZero() == plain.next())
    }

    @Test("random times stay below their bound", arguments: [1, 2, 1_000, 120_000_000_000, 3_153_600_000_000_000_000])
    func times(nanoseconds: Int64) {
        var random = SplitMix64(seed: 9)
        for _ in 0..<1_000 {
            let time = random.next(below: .nanoseconds(nanoseconds))
            #expect(time >= .zero)
            #expect(time < .nanoseconds(nanoseconds))
        }
    }
}
