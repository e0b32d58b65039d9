import PeerWire
import Testing

@testable import PeerSession

@Suite struct AddressPushTests {
    /// Different addresses that both forms carry.
    private static func addresses(_ count: Int) -> [PeerAddress] {
        (0..<count).map { number in
            let bytes = [10, UInt8(number >> 16), UInt8(number >> 8 & 0xff), UInt8(number & 0xff)]
            return address(.ipv4, bytes, port: 8333)
        }
    }

    private static func address(_ network: AddressNetwork, _ bytes: [UInt8], port: UInt16 = 1) -> PeerAddress {
        guard let address = PeerAddress(time: 77, network: network, hostBytes: bytes, port: port) else {
            preconditionFailure("a sample address is none")
        }
        return address
    }

    /// One of each network, and of what cannot be sent.
    private static let mixed = [
        address(.ipv4, [1, 2, 3, 4]),
        address(.torV3, Array(repeating: 3, count: 32)),
        address(.ipv6, [0x2a] + Array(repeating: 6, count: 15)),
        address(.ipv6, Array(repeating: 0, count: 10) + [0xff, 0xff, 5, 6, 7, 8]),
        address(.i2p, Array(repeating: 5, count: 32)),
        address(.torV2, Array(repeating: 2, count: 10)),
        address(.cjdns, [0xfc] + Array(repeating: 1, count: 15)),
        address(AddressNetwork(rawValue: 200), Array(repeating: 9, count: 512)),
        address(AddressNetwork(rawValue: 200), Array(repeating: 9, count: 513)),
    ]

    @Test(arguments: [1, 2, 999, 1_000]) func fewAddressesGoAllInTheOrderGiven(_ count: Int) throws {
        let addresses = Self.addresses(count)
        let old = try #require(PlainSession().session.makeAddresses(from: addresses))
        #expect(old.chosen == addresses)
        #expect(old.message == .addresses(addresses.compactMap(\.timestampedAddress)))
        let new = try #require(PlainSession(wantsAddressesV2: true).session.makeAddresses(from: addresses))
        #expect(new.chosen == addresses)
        #expect(new.message == .addressesV2(addresses))
    }

    @Test(arguments: [1_001, 1_500, 20_000], [false, true])
    func ofMoreAThousandAreChosenWithoutRepetition(_ count: Int, _ isV2: Bool) throws {
        let plain = PlainSession(wantsAddressesV2: isV2)
        let addresses = Self.addresses(count)
        let (message, chosen) = try #require(plain.session.makeAddresses(from: addresses))
        #expect(chosen.count == 1_000)
        #expect(Set(chosen).count == 1_000)
        #expect(Set(chosen).isSubset(of: addresses))
        #expect(message == (isV2 ? .addressesV2(chosen) : .addresses(chosen.compactMap(\.timestampedAddress))))
        // Not as given: the chance of that is one in the factorial of 1,000.
        let order = Dictionary(uniqueKeysWithValues: zip(addresses, 0...))
        let places = chosen.compactMap { order[$0] }
        #expect(places != places.sorted())
        let again = try #require(plain.session.makeAddresses(from: addresses))
        #expect(again.chosen != chosen, "each choice is another one")
    }

    @Test func theChoiceFitsTheCodec() throws {
        for isV2 in [false, true] {
            let plain = PlainSession(wantsAddressesV2: isV2)
            let addresses = Self.addresses(3_000) + Self.mixed
            let (message, _) = try #require(plain.session.makeAddresses(from: addresses))
            let frame = try message.frame(magic: Network.mainnet.magic)
            #expect(frame.count > 1_000 * 13)
        }
    }

    @Test func whatAnAddrCannotCarryIsLeftOut() throws {
        let old = try #require(PlainSession().session.makeAddresses(from: Self.mixed))
        #expect(old.chosen.map(\.network) == [.ipv4, .ipv6, .torV2])
        let new = try #require(PlainSession(wantsAddressesV2: true).session.makeAddresses(from: Self.mixed))
        let dropped = [Self.mixed[3], Self.mixed[8]]
        #expect(new.chosen == Self.mixed.filter { !dropped.contains($0) })
    }

    /// Filtered first, chosen after: otherwise a list of mostly other networks would give nearly nothing.
    @Test func theChoiceIsAmongWhatCanBeCarried() throws {
        let carried = Self.addresses(1_200)
        let others = (0..<50_000).map { Self.address(.torV3, Array(repeating: UInt8($0 % 256), count: 32)) }
        let (_, chosen) = try #require(PlainSession().session.makeAddresses(from: others + carried))
        #expect(chosen.count == 1_000)
        #expect(Set(chosen).isSubset(of: carried))
    }

    @Test func nothingComesOfNothing() {
        #expect(PlainSession().session.makeAddresses(from: []) == nil)
        #expect(PlainSession().session.makeAddresses(from: [Self.mixed[1], Self.mixed[4]]) == nil)
        #expect(PlainSession(wantsAddressesV2: true).session.makeAddresses(from: [Self.mixed[3]]) == nil)
        #expect(PlainSession(connecting: .inbound).session.makeAddresses(from: Self.mixed) == nil)
    }

    @Test(arguments: [(208, 1), (209, 7)]) func aPeerBelow209IsToldOfOne(_ version: Int32, _ count: Int) throws {
        let plain = PlainSession(version: version) { $0.minimumProtocolVersion = ProtocolVersion(rawValue: 100) }
        let addresses = Self.addresses(7)
        let (message, chosen) = try #require(plain.session.makeAddresses(from: addresses))
        #expect(chosen.count == count)
        #expect(message == .addresses(chosen.compactMap(\.timestampedAddress)))
        let seen = Set((0..<200).compactMap { _ in plain.session.makeAddresses(from: addresses)?.chosen.first })
        #expect(seen.count == (count == 1 ? 7 : 1), "one is chosen at random, seven go in order")
    }

    /// Of 600 addresses 200, many times. For each address the times it was chosen, and for each tenth of the list and
    /// each tenth of the message the times they met, are as often as chance has it: sums of squares that are over these
    /// bounds once in a million tries, and these tries are always the same.
    @Test(arguments: [11, 22, 33] as [UInt64]) func everyAddressIsAsLikelyInEveryPlace(_ seed: UInt64) {
        let (count, limit, rounds) = (600, 200, 1_000)
        let addresses = Self.addresses(count)
        let order = Dictionary(uniqueKeysWithValues: zip(addresses, 0...))
        var random = SplitMix64(seed: seed)
        var chosenTimes = [Int](repeating: 0, count: count)
        var met = [Int](repeating: 0, count: 100)
        for _ in 0..<rounds {
            let chosen = AddressSample.choose(atMost: limit, of: addresses, random: &random, \.self).chosen
            for (place, address) in chosen.enumerated() {
                guard let origin = order[address] else { continue }
                chosenTimes[origin] += 1
                met[origin * 10 / count * 10 + place * 10 / limit] += 1
            }
        }
        let share = Double(limit) / Double(count)
        let expected = Double(rounds) * share
        let squares = chosenTimes.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) }
        // 599 degrees of freedom: 599 on average, with a deviation of 34.6.
        let spread = squares / (expected * (1 - share)) * Double(count - 1) / Double(count)
        #expect((430...770).contains(spread))

        let cell = Double(rounds * limit) / 100
        let meetings = met.reduce(0.0) { $0 + (Double($1) - cell) * (Double($1) - cell) } / cell
        // Between 81 and 99 degrees of freedom, with a deviation of 14.
        #expect((30...170).contains(meetings))
    }

    /// Each number of a range that does not divide 2^64, as often as chance has it.
    @Test func numbersBelowABoundAreInRangeAndEven() {
        var random = SplitMix64(seed: 5)
        var times = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { times[random.next(below: 7)] += 1 }
        #expect(times.allSatisfy { (9_500...10_500).contains($0) })
        let zeros = (0..<100).map { _ in random.next(below: 1) }
        #expect(zeros.allSatisfy { $0 == 0 })
        // Of 2^64 numbers a bit less than three fall on each: without rejection every third comes a quarter of the
        // time.
        let bound = 3 << 61
        let thirds = (0..<30_000).count { _ in random.next(below: bound) % 3 == 2 }
        #expect((9_500...10_500).contains(thirds))
    }
}
