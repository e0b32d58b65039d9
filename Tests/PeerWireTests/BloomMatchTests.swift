import Testing

@testable import PeerWire

/// Which transactions a bloom filter matches, and what it adds.
@Suite struct BloomMatchTests {
    private static let paymentID = "b4749f017444b051c44dfd2720e88f314ff94f3dd6d56d40ef65854fcd7fff6b"
    private static let spentID = "90c122d70786e899529d71dbeba91ba216982fb6ba58f3bdaab65e73b7e9260b"

    private static func filter(
        _ flags: BloomUpdateFlags = .updateAll, _ elements: [UInt8]...
    ) -> BloomFilter {
        var filter = BloomFilter(elementCount: 10, falsePositiveRate: 0.000_001, tweak: 0, flags: flags)
        for element in elements { filter.insert(element) }
        return filter
    }

    /// Of bytes, for places that a span must not enter.
    private static func paysToPublicKeys(_ script: [UInt8]) -> Bool {
        ScriptReader.paysToPublicKeys(script.span.bytes)
    }

    private static func lockingStart(_ field: [UInt8]) -> Int { LockingScript.start(in: field.span.bytes) }

    private static func nextPush(_ script: [UInt8], _ offset: inout Int) -> Range<Int>? {
        ScriptReader.nextPush(in: script.span.bytes, at: &offset)
    }

    private static func hash(_ text: String) throws -> Hash256 { try #require(Hash256(text)) }

    @Test func eachPartOfARealTransactionMatches() throws {
        let payment = try Transaction(bytes: FilterVectors.payment)
        let signature = FilterVectors.payment[43..<115]
        #expect(signature.first == 0x30 && signature.count == 72)
        let key = FilterVectors.payment[116..<181]
        #expect(key.first == 4 && key.count == 65)
        let spent = try Self.hash(Self.spentID).bytes
        let parts: [[UInt8]] = [
            try Self.hash(Self.paymentID).bytes, Array(signature), Array(key), spent + [0, 0, 0, 0],
            hex("04943fdd508053c75000106d3bc6e2754dbcff19"), hex("a266436d2965547608b9e15d9032a7b9d64fa431"),
        ]
        for part in parts {
            var filter = Self.filter(.updateAll, part)
            #expect(filter.matches(payment))
            let isUpdated = filter.matchAndUpdate(payment)
            #expect(isUpdated)
        }
        let others: [[UInt8]] = [
            hex("0000006d2965547608b9e15d9032a7b9d64fa431"), spent + [1, 0, 0, 0], spent, [0x76], [],
            Array(signature.dropLast()), Array(FilterVectors.payment[42..<115]),
        ]
        for part in others {
            var filter = Self.filter(.updateAll, part)
            let before = filter
            #expect(!filter.matches(payment))
            let isUpdated = filter.matchAndUpdate(payment)
            #expect(!isUpdated)
            #expect(filter == before)
        }
    }

    @Test func outputsThatMatchAreAddedAsTheFlagsSay() throws {
        let payment = try Transaction(bytes: FilterVectors.payment)
        let first = Outpoint(transaction: payment.hash(), index: 0)
        let second = Outpoint(transaction: payment.hash(), index: 1)
        let address = hex("04943fdd508053c75000106d3bc6e2754dbcff19")
        for raw in UInt8.min...UInt8.max {
            var filter = Self.filter(BloomUpdateFlags(rawValue: raw), address)
            let isUpdated = filter.matchAndUpdate(payment)
            #expect(isUpdated)
            #expect(filter.contains(first) == (raw & 3 == 1), "\(raw)")
            #expect(!filter.contains(second))
        }
        // The hash alone adds no outputs; with it, those that match are added nevertheless.
        var byHash = Self.filter(.updateAll, payment.hash().bytes)
        let byHashMatches = byHash.matchAndUpdate(payment)
        #expect(byHashMatches && !byHash.contains(first) && !byHash.contains(second))
        var byBoth = Self.filter(.updateAll, payment.hash().bytes, address)
        let byBothMatches = byBoth.matchAndUpdate(payment)
        #expect(byBothMatches && byBoth.contains(first) && !byBoth.contains(second))
    }

    private static func transaction(_ scripts: [[UInt8]], input: [UInt8] = []) throws -> Transaction {
        try Transaction(
            inputs: [TransactionInput(outpoint: .coinbase, script: WireBytes(input))],
            outputs: scripts.map { TransactionOutput(value: 1, script: WireBytes($0)) })
    }

    private static let shortKey = [2] + [UInt8](repeating: 7, count: 32)
    private static let longKey = [4] + [UInt8](repeating: 7, count: 64)

    @Test func onlyKeysAsSuchAreAddedForThat() throws {
        let (short, long) = (Self.shortKey, Self.longKey)
        let scripts: [([UInt8], Bool)] = [
            ([33] + short + [0xac], true), ([65] + long + [0xac], true),
            ([0x51, 33] + short + [0x51, 0xae], true), ([0x51, 65] + long + [33] + short + [0x52, 0xae], true),
            // Not these: a wrong length or first byte, more keys needed than given, a wrong number, more behind.
            ([33, 5] + short.dropFirst() + [0xac], false), ([32] + short.dropLast() + [0xac], false),
            ([33] + short + [0xad], false), ([33] + short + [0x61, 0xac], false),
            ([0x52, 33] + short + [0x51, 0xae], false), ([0x51, 33] + short + [0x52, 0xae], false),
            ([0x51, 33] + short + [0x51, 0x61, 0xae], false), ([0x51, 33] + short + [0xae], false),
            ([0x00, 33] + short + [0x51, 0xae], false), ([33] + short + [0x51, 0xae], false),
            ([0x51, 0x4c, 33] + short + [0x51, 0xae], true), ([0x51, 40] + short + [0x51, 0xae], false),
            ([0x76, 33] + short + [0xac], false),
        ]
        for (script, isAdded) in scripts {
            #expect(Self.paysToPublicKeys(script) == isAdded, "\(script)")
            let transaction = try Self.transaction([[0x51], script])
            var filter = Self.filter(.updatePublicKeysOnly, short, long)
            let isMatch = filter.matchAndUpdate(transaction)
            #expect(isMatch || !isAdded)
            #expect(filter.contains(Outpoint(transaction: transaction.hash(), index: 1)) == (isAdded && isMatch))
        }
        for script in [[], [0xac], [0xae], [0xae, 0xae], [0x51, 0xae], [0x51, 0x51, 0xae], [1, 0xac]] as [[UInt8]] {
            #expect(!Self.paysToPublicKeys(script))
        }
    }

    @Test func tokenPrefixesAreNotLookedAt() throws {
        let category = [UInt8](repeating: 0x14, count: 32)
        let address = [UInt8](repeating: 9, count: 20)
        let locking = hex("76a914") + address + hex("88ac")
        let prefixes = [
            [0xef] + category + hex("7202cafefde803"), [0xef] + category + hex("10fd0002"),
            [0xef] + category + [0x20], [0xef] + category + [0x61, 1, 5],
        ]
        for prefix in prefixes {
            let transaction = try Self.transaction([prefix + locking])
            #expect(Self.lockingStart(prefix + locking) == prefix.count)
            var filter = Self.filter(.updateAll, address)
            let isUpdated = filter.matchAndUpdate(transaction)
            #expect(filter.matches(transaction) && isUpdated)
            #expect(filter.contains(Outpoint(transaction: transaction.hash(), index: 0)))
            // What the prefix would push if it were a script.
            #expect(!Self.filter(.updateAll, Array(category[1..<21]), hex("cafe")).matches(transaction))
        }
    }

    @Test func pushesOfScriptsAreFound() throws {
        let pushes: [([UInt8], [[UInt8]])] = [
            ([1, 5], [[5]]), ([0x4c, 2, 5, 6], [[5, 6]]), ([0x4d, 1, 0, 7], [[7]]), ([0x4e, 1, 0, 0, 0, 8], [[8]]),
            ([0x76, 0xa9, 2, 1, 2, 0x88, 0xac], [[1, 2]]), ([0, 0x51, 0x60, 1, 9], [[], [9]]),
            ([0x4c, 0, 1, 3], [[], [3]]), ([75] + [UInt8](repeating: 1, count: 75), [[UInt8](repeating: 1, count: 75)]),
            // Pushes past the end end the script.
            ([1, 4, 2, 5], [[4]]), ([0x4c], []), ([0x4d, 1], []), ([0x4e, 1, 0, 0], []), ([0x4c, 1], []),
            ([0x4e, 0xff, 0xff, 0xff, 0xff, 1], []), ([0x4d, 0xff, 0xff, 1, 7], []), ([], []),
        ]
        for (script, expected) in pushes {
            var offset = 0
            var found: [[UInt8]] = []
            while let push = Self.nextPush(script, &offset) {
                found.append(Array(script[push]))
            }
            #expect(found == expected, "\(script)")
            #expect(offset == script.count)
            for element in expected where !element.isEmpty {
                #expect(Self.filter(.updateNone, element).matches(try Self.transaction([[0x51], script])))
                #expect(Self.filter(.updateNone, element).matches(try Self.transaction([], input: script)))
            }
        }
        var outside = 99
        #expect(Self.nextPush([1, 2], &outside) == nil && outside == 99)
        outside = -1
        #expect(Self.nextPush([1, 2], &outside) == nil)
    }

    @Test func noiseIsWalkedToItsEnd() {
        var random = SeededGenerator(state: 51)
        for _ in 0..<3_000 {
            let script = random.bytes(Int.random(in: 0...90, using: &random))
            var offset = 0
            var last = 0
            while let push = Self.nextPush(script, &offset) {
                #expect(push.lowerBound > last - 1 && push.upperBound <= script.count && offset == push.upperBound)
                last = offset
            }
            _ = Self.paysToPublicKeys(script)
            let field = [0xef] + script
            #expect(Self.lockingStart(field) <= field.count)
        }
    }

    /// PROTOCOL 2.8, rule by rule: where the locking script begins.
    @Test func tokenPrefixesFollowTheRules() {
        let start = [0xef] + [UInt8](repeating: 0, count: 32)
        let rules: [(String, Int?)] = [
            ("20", 0), ("21", 0), ("22", 0), ("23", nil), ("2f", nil), ("10 01", 1), ("10 00", nil), ("10", nil),
            ("11 01", nil), ("50 01 aa 01", nil), ("40 01 aa", nil), ("00", nil), ("a0", nil), ("80", nil),
            ("30 fc", 1), ("30 fdfc00", nil), ("30 fdfd00", 3), ("30 fefdff0000", nil), ("30 fe00000100", 5),
            ("30 ff0000000001000000", 9), ("30 ffffffffffffffff7f", 9), ("30 ff0000000000000080", nil),
            ("30 ffffffffffffffffff", nil), ("60 01 aa", 2), ("60 00", nil), ("60 02 aa", nil), ("60", nil),
            ("60 fd0100 aa", nil), ("70 01 aa 05", 3), ("70 01 aa 00", nil), ("70 01 aa", nil), ("20 ef 51", 0),
        ]
        for (text, length) in rules {
            let field = start + hex(text)
            let expected = length.map { start.count + 1 + $0 } ?? 0
            #expect(Self.lockingStart(field) == expected, "\(text)")
        }
        for length in 0..<34 {
            #expect(Self.lockingStart(Array((start + [0x20])[..<length])) == 0)
        }
        #expect(
            Self.lockingStart(start + hex("60fd2c01") + [UInt8](repeating: 1, count: 300)) == 337)
        #expect(Self.lockingStart(start.dropFirst() + [0x20, 0x20]) == 0)
    }
}
