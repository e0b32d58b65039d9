import TestSupport
import Testing

@testable import PeerWire

@Suite struct GolombCodedSetTests {
    private static func elements(_ count: Int, seed: UInt64) -> [[UInt8]] {
        var random = SeededGenerator(state: seed)
        return (0..<count).map { _ in random.bytes(Int.random(in: 1...70, using: &random)) }
    }

    private static func key(_ seed: UInt64) -> Hash256 {
        var random = SeededGenerator(state: seed)
        return random.hash()
    }

    /// The filter made bit by bit, as the text describes it.
    private static func slow(_ elements: [[UInt8]], _ key: Hash256, _ parameters: GolombCodedSet.Parameters) -> [UInt8]
    {
        let distinct = Set(elements)
        let range = UInt64(distinct.count) * UInt64(parameters.modulus)
        let values = distinct.map { element -> UInt64 in
            let hash = SipHash.hash24(key0: key.word0, key1: key.word1, element.span.bytes)
            return UInt64((UInt128(hash) * UInt128(range)) >> 64)
        }.sorted()
        var bits: [Bool] = []
        var last: UInt64 = 0
        for value in values {
            let difference = value - last
            last = value
            bits += [Bool](repeating: true, count: Int(difference >> UInt64(parameters.riceBits)))
            bits.append(false)
            for bit in (0..<parameters.riceBits).reversed() { bits.append(difference >> UInt64(bit) & 1 == 1) }
        }
        var bytes = CompactSize.encode(UInt64(distinct.count))
        for start in stride(from: 0, to: bits.count, by: 8) {
            bytes.append((0..<8).reduce(0) { $0 << 1 | (start + $1 < bits.count && bits[start + $1] ? 1 : 0) })
        }
        return bytes
    }

    @Test(arguments: FilterVectors.basicFilters) func theVectorsOfTheProposalComeOut(
        _ vector: FilterVectors.BasicFilter
    ) throws {
        let block = try #require(Hash256(vector.block))
        let scripts = vector.scripts.map(hex)
        let set = GolombCodedSet(elements: scripts + scripts, blockHash: block)
        #expect(set.bytes.hexadecimal == vector.filter)
        #expect(set.count == scripts.count)
        let previous = try #require(Hash256(vector.previousHeader))
        #expect(set.header(previous: previous).description == vector.header)
        let read = try GolombCodedSet(bytes: WireBytes(hex(vector.filter)), blockHash: block)
        #expect(read == set && scripts.allSatisfy { read.contains($0) })
        #expect(!read.contains([]) && !read.containsAny([[1], [2], [3]]))
        let message = CommittedFilterMessage(blockHash: block, filter: set.bytes)
        #expect(try GolombCodedSet(message) == set && message.filterHash() == set.filterHash())
        let headers = CommittedFilterHeadersMessage(
            stopHash: block, previousFilterHeader: previous, filterHashes: [set.filterHash()])
        #expect(headers.filterHeaders().map(\.description) == [vector.header])
    }

    @Test func headersFollowEachOther() throws {
        let vectors = FilterVectors.basicFilters[1...2]
        let headers = CommittedFilterHeadersMessage(
            stopHash: .zero,
            previousFilterHeader: try #require(vectors.first.flatMap { Hash256($0.previousHeader) }),
            filterHashes: vectors.map { SHA256d.hash(hex($0.filter)) })
        #expect(headers.filterHeaders().map(\.description) == vectors.map(\.header))
    }

    private static let parameters = [
        (19, UInt32(784_931)), (0, 1), (0, 255), (1, 3), (5, 20), (20, 1 << 20), (32, .max), (32, 1), (24, .max),
    ].compactMap { GolombCodedSet.Parameters(riceBits: $0.0, modulus: $0.1) }

    @Test(arguments: parameters) func filtersAreAsMadeBitByBit(_ parameters: GolombCodedSet.Parameters) throws {
        for (seed, count) in zip(UInt64(71)..., [0, 1, 2, 3, 7, 50, 252, 253, 1_000]) {
            let elements = Self.elements(count, seed: seed)
            let key = Self.key(seed)
            let set = GolombCodedSet(elements: elements, blockHash: key, parameters: parameters)
            #expect(set.bytes.array == Self.slow(elements, key, parameters))
            let read = try GolombCodedSet(bytes: set.bytes, blockHash: key, parameters: parameters)
            #expect(read == set && read.values().count == set.count)
            #expect(read.values() == read.values().sorted())
            #expect(elements.allSatisfy { read.contains($0) })
            #expect(read.containsAny(elements.suffix(1)) == !elements.isEmpty)
        }
        #expect(Self.parameters.count == 9)
    }

    @Test func parametersThatMakeNoSenseAreRefused() {
        let refused: [(Int, UInt32)] = [
            (-1, 5), (33, 5), (19, 0), (0, 256), (1, 512), (23, .max), (.min, 1), (.max, 1),
        ]
        for (bits, modulus) in refused { #expect(GolombCodedSet.Parameters(riceBits: bits, modulus: modulus) == nil) }
        #expect(GolombCodedSet.Parameters(riceBits: 19, modulus: 784_931) == .basic)
    }

    @Test func anEmptySetHasNothing() throws {
        let set = GolombCodedSet(elements: [[UInt8]](), blockHash: .zero)
        #expect(set.bytes == [0] && set.count == 0 && set.values().isEmpty)
        #expect(!set.contains([]) && !set.contains([1]) && !set.containsAny([[1]]))
        #expect(try GolombCodedSet(bytes: [0], blockHash: .zero) == set)
        #expect(!set.containsAny([[UInt8]]()))
    }

    @Test func wrongAnswersAreAsRareAsTheModulusSays() throws {
        let parameters = try #require(GolombCodedSet.Parameters(riceBits: 6, modulus: 100))
        let inside = Self.elements(400, seed: 81)
        let set = GolombCodedSet(elements: inside, blockHash: Self.key(81), parameters: parameters)
        var random = SeededGenerator(state: 82)
        let others = (0..<5_000).map { _ in random.bytes(33) }
        let wrong = others.filter { set.contains($0) }
        #expect(wrong.count > 25 && wrong.count < 85, "\(wrong.count)")
        // Many at once are answered as one by one.
        for start in stride(from: 0, to: others.count, by: 50) {
            let some = others[start..<(start + 50)]
            #expect(set.containsAny(some) == some.contains { set.contains($0) })
        }
        #expect(set.containsAny(others + inside))
        #expect(set.containsAny([[UInt8]]()) == false)
        #expect(set.values().count == set.count)
    }

    @Test func anyCutAndAnyTailIsRefused() throws {
        for (count, seed) in [(1, UInt64(91)), (20, 92), (300, 93)] {
            let set = GolombCodedSet(elements: Self.elements(count, seed: seed), blockHash: Self.key(seed))
            let bytes = set.bytes.array
            for length in 0..<bytes.count {
                #expect(throws: DecodeError.self, "cut to \(length)") {
                    try GolombCodedSet(bytes: WireBytes(Array(bytes[..<length])), blockHash: .zero)
                }
            }
            let error = #expect(throws: DecodeError.self) {
                try GolombCodedSet(bytes: WireBytes(bytes + [0]), blockHash: .zero)
            }
            #expect(error?.reason == .trailingBytes(count: 1))
        }
        let error = #expect(throws: DecodeError.self) { try GolombCodedSet(bytes: [0, 0], blockHash: .zero) }
        #expect(error?.reason == .trailingBytes(count: 1))
    }

    @Test func hostileStreamsAreRefused() {
        func error(_ text: String, tail: [UInt8] = []) -> DecodeError.Reason? {
            do throws(DecodeError) {
                _ = try GolombCodedSet(bytes: WireBytes(hex(text) + tail), blockHash: .zero)
                return nil
            } catch {
                return error.reason
            }
        }
        // More elements than bits.
        #expect(error("02 ffff ffff") == .truncated(needed: 5, available: 4))
        #expect(error("fe00000002 00") == .truncated(needed: 83_886_080, available: 1))
        #expect(error("fe01000002") == .limitExceeded(value: 33_554_433, limit: 33_554_432))
        #expect(error("ffffffffffffffffff") == .limitExceeded(value: .max, limit: 33_554_432))
        #expect(error("fd0100 000000") == .nonCanonical)
        #expect(error("") == .truncated(needed: 1, available: 0))
        // Ones without an end: the number is out of range long before the bits are.
        let outOfRange = DecodeError.Reason.malformed("a number below count * modulus")
        #expect(error("01 ffffff") == outOfRange)
        #expect(error("01", tail: [UInt8](repeating: 0xff, count: 4_000_000)) == outOfRange)
        #expect(error("fdffff", tail: [UInt8](repeating: 0xff, count: 4_000_000)) == outOfRange)
        // One element is below 784,931 = 0xbfa23: quotient 1 of 2^19 and 0x3fa22 is the last that is.
        #expect(error("01 9fd110") == nil)
        #expect(error("01 9fd118") == outOfRange)
        #expect(error("01 c00000") == outOfRange)
        // Zeros are numbers too, all the same.
        #expect(error("02 0000000000") == nil)
        #expect(error("01 7fffff") == nil)
        // Two differences in range whose sum is not.
        #expect(error("02 800004000000") == nil)
        #expect(error("02 800006000000") == outOfRange)
    }

    @Test func damageIsRefusedOrRead() throws {
        let bytes = GolombCodedSet(elements: Self.elements(60, seed: 95), blockHash: .zero).bytes.array
        var random = SeededGenerator(state: 96)
        for _ in 0..<3_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8(truncatingIfNeeded: random.next())
            }
            guard let set = try? GolombCodedSet(bytes: WireBytes(damaged), blockHash: .zero) else { continue }
            let values = set.values()
            #expect(values.count == set.count && values == values.sorted())
            #expect(values.allSatisfy { $0 < UInt64(set.count) * 784_931 })
            _ = set.containsAny([[1], [2]])
        }
        for _ in 0..<5_000 {
            let noise = WireBytes(random.bytes(Int.random(in: 0...40, using: &random)))
            if let set = try? GolombCodedSet(bytes: noise, blockHash: .zero) {
                #expect(set.values().count == set.count && set.bytes == noise)
            }
        }
    }

    @Test func aViewOfALargerStorageIsReadAlone() throws {
        let set = GolombCodedSet(elements: Self.elements(40, seed: 97), blockHash: Self.key(97))
        let around = [0xff, 0xff] + set.bytes.array + [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
        let view = try #require(WireBytes(around, 2..<(2 + set.bytes.count)))
        #expect(try GolombCodedSet(bytes: view, blockHash: Self.key(97)) == set)
    }
}
