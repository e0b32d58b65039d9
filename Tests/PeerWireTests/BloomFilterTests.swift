import Foundation
import Testing

@testable import PeerWire

@Suite struct BloomFilterTests {
    private static let elements = [
        "99108ad8ed9bb6274d3980bab5a85c048f0950c8", "b5a2c786d9ef4658287ced5914b37a1b4aa32eee",
        "b9300670b4c5366e95b2699e8b18bc75e5f729c5",
    ].map(hex)

    @Test(arguments: [
        (UInt32(0), "03614e9b050000000000000001"), (2_147_483_649, "03ce4299050000000100008001"),
    ])
    func theKnownFiltersComeOut(_ tweak: UInt32, _ payload: String) throws {
        var filter = BloomFilter(elementCount: 3, falsePositiveRate: 0.01, tweak: tweak, flags: .updateAll)
        for element in Self.elements {
            #expect(!filter.contains(element))
            filter.insert(element)
            #expect(filter.contains(element))
        }
        #expect(!filter.contains(hex("19108ad8ed9bb6274d3980bab5a85c048f0950c8")))
        #expect(try PayloadCodec().encode(filter.message) == hex(payload))
        let message = try PayloadCodec<FilterLoadMessage>().decode(hex(payload))
        #expect(BloomFilter(message) == filter)
    }

    @Test func sizesFollowTheRule() {
        func size(_ elements: Int, _ rate: Double) -> [Int] {
            let filter = BloomFilter(elementCount: elements, falsePositiveRate: rate, tweak: 0)
            return [filter.bytes.count, Int(filter.hashFunctionCount)]
        }
        #expect(size(3, 0.01) == [3, 5])
        #expect(size(2, 0.001) == [3, 8])
        #expect(size(10, 0.000_001) == [35, 19])
        #expect(size(1_000, 0.01) == [1_198, 6])
        #expect(size(1, 1e-9) == [5, 27])
        // As large as can be, and beyond.
        #expect(size(20_000_000, 0.01) == [36_000, 1])
        #expect(size(.max, 0.5) == [36_000, 1])
        // Numbers that make no sense give a filter nevertheless, never one without bytes or functions.
        for rate in [1, 2, .infinity, .greatestFiniteMagnitude] { #expect(size(5, rate) == [1, 1]) }
        for rate in [0, -0.0, -1, .nan, -.infinity, .leastNonzeroMagnitude] { #expect(size(5, rate) == size(5, 1e-9)) }
        for count in [0, -1, .min] { #expect(size(count, 0.01) == size(1, 0.01)) }
    }

    @Test func wrongAnswersAreAsFrequentAsAskedFor() {
        for (rate, tweak) in [(0.1, UInt32(1)), (0.01, 77), (0.001, 0xffff_ffff)] {
            var random = SeededGenerator(state: UInt64(tweak))
            var filter = BloomFilter(elementCount: 500, falsePositiveRate: rate, tweak: tweak)
            let inside = (0..<500).map { _ in random.bytes(20) }
            for element in inside { filter.insert(element) }
            #expect(inside.allSatisfy { filter.contains($0) })
            let trials = 20_000
            let wrong = (0..<trials).count { _ in filter.contains(random.bytes(20)) }
            #expect(abs(Double(wrong) / Double(trials) - rate) < rate * 0.5, "\(rate): \(wrong)")
        }
    }

    @Test func tweaksGiveDifferentFilters() {
        func filter(_ tweak: UInt32) -> BloomFilter {
            var filter = BloomFilter(elementCount: 3, falsePositiveRate: 0.0001, tweak: tweak)
            filter.insert(Self.elements[0])
            return filter
        }
        #expect(filter(1) == filter(1))
        #expect(filter(1).bytes != filter(2).bytes)
    }

    @Test func hashesAndOutpointsGoInAsTheirBytes() {
        var random = SeededGenerator(state: 31)
        let hash = random.hash()
        let outpoint = Outpoint(transaction: hash, index: 0x0102_0304)
        var filter = BloomFilter(elementCount: 5, falsePositiveRate: 0.000_01, tweak: 5)
        filter.insert(hash)
        #expect(filter.contains(hash) && filter.contains(hash.bytes) && !filter.contains(outpoint))
        filter.insert(outpoint)
        #expect(filter.contains(outpoint) && filter.contains(hash.bytes + hex("04030201")))
        var other = BloomFilter(elementCount: 5, falsePositiveRate: 0.000_01, tweak: 5)
        other.insert(hash.bytes)
        other.insert(hash.bytes + hex("04030201"))
        #expect(other == filter)
    }

    @Test func aFilterWithoutBitsMatchesEverything() throws {
        for functions in [UInt32(0), 1, 50] {
            let message = FilterLoadMessage(
                filter: [], hashFunctionCount: functions, tweak: 3, flags: .updateAll)
            var filter = try #require(BloomFilter(message))
            filter.insert([1, 2, 3])
            #expect(filter.contains([4]) && filter.contains([]) && filter.message == message)
            let payment = try Transaction(bytes: FilterVectors.payment)
            let isUpdated = filter.matchAndUpdate(payment)
            #expect(filter.matches(payment) && isUpdated)
        }
    }

    @Test func aFilterWithoutFunctionsMatchesEverything() throws {
        let message = FilterLoadMessage(filter: [0, 0], hashFunctionCount: 0, tweak: 0, flags: .updateAll)
        var filter = try #require(BloomFilter(message))
        filter.insert([1])
        #expect(filter.bytes == [0, 0] && filter.contains([1]))
        let payment = try Transaction(bytes: FilterVectors.payment)
        let isUpdated = filter.matchAndUpdate(payment)
        #expect(filter.matches(payment) && isUpdated)
    }

    @Test func messagesOverTheLimitsGiveNoFilter() {
        func message(_ length: Int, _ functions: UInt32) -> FilterLoadMessage {
            FilterLoadMessage(
                filter: [UInt8](repeating: 0, count: length), hashFunctionCount: functions, tweak: 0,
                flags: .updateNone)
        }
        #expect(BloomFilter(message(36_000, 50)) != nil)
        #expect(BloomFilter(message(36_001, 50)) == nil)
        #expect(BloomFilter(message(36_000, 51)) == nil)
        #expect(BloomFilter(message(1, .max)) == nil)
        var limits = WireLimits()
        limits.maxBloomFilterFunctions = -1
        #expect(BloomFilter(message(1, 1), limits: limits) == nil)
        #expect(BloomFilter(message(1, 0), limits: limits) != nil)
    }

    @Test func oneByteIsEnough() throws {
        for byte in UInt8.min...UInt8.max {
            let message = FilterLoadMessage(filter: [byte], hashFunctionCount: 3, tweak: 8, flags: .updateNone)
            var filter = try #require(BloomFilter(message))
            filter.insert([byte])
            #expect(filter.contains([byte]))
        }
        let full = try #require(
            BloomFilter(FilterLoadMessage(filter: [0xff], hashFunctionCount: 50, tweak: 1, flags: .updateNone)))
        #expect(full.contains([]) && full.contains([7]))
    }

    @Test func logarithmsAreRight() {
        #expect(NaturalLogarithm.of(1) == 0)
        #expect(NaturalLogarithm.of(2) == NaturalLogarithm.ofTwo)
        #expect(NaturalLogarithm.ofTwo == log(2.0))
        let numbers = [
            1e-9, 0.000_001, 0.01, 0.1, 0.5, 0.999_999, 1.000_001, 1.414_213, 1.414_214, 2.718_281_828_459_045, 10,
            1e300, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
        ]
        for number in numbers {
            let (ours, theirs) = (NaturalLogarithm.of(number), log(number))
            #expect(abs(ours - theirs) <= abs(theirs) * 1e-15 + 1e-21, "\(number): \(ours), \(theirs)")
        }
        var random = SeededGenerator(state: 41)
        for _ in 0..<2_000 {
            let number = Double.random(in: 0.01...100, using: &random)
            let (ours, theirs) = (NaturalLogarithm.of(number), log(number))
            #expect(abs(ours - theirs) <= abs(theirs) * 4e-15 + 1e-16, "\(number)")
        }
    }
}
