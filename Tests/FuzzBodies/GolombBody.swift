import PeerWire

/// A committed filter: bytes as given, or elements, which a filter made of them must have.
///
/// What (1 byte), bits (1), modulus (4), the key (8), then the filter, or elements of as many bytes as the first bits
/// say.
enum GolombBody {
    static func run(_ input: [UInt8]) throws(Violation) {
        var input = FuzzInput(input)
        let choice = input.byte()
        let bits = Int(input.byte()) - 1
        let modulus = input.uint32()
        let parameters = choice & 2 == 0 ? .basic : GolombCodedSet.Parameters(riceBits: bits, modulus: modulus)
        guard let parameters else { return }
        let key = Hash256(word0: input.uint64(), word1: 0x0123_4567_89ab_cdef, word2: 0, word3: 0)
        let rest = input.rest()
        if choice & 1 == 0 {
            try check(WireBytes(rest), key, parameters)
        } else {
            try build(rest, size: Int(choice >> 2), key, parameters)
        }
    }

    static func visit(_ message: CommittedFilterMessage) throws(Violation) {
        try MessageWalk.requireDescription(message.filterType)
        try check(message.filter, message.blockHash, .basic)
    }

    private static func check(
        _ bytes: WireBytes, _ key: Hash256, _ parameters: GolombCodedSet.Parameters
    ) throws(Violation) {
        let set = try attempt { () throws(DecodeError) in
            try GolombCodedSet(bytes: bytes, blockHash: key, parameters: parameters)
        }
        guard let set else { return }
        try require(set.bytes == bytes, "a filter of other bytes")
        // Every byte is needed, and no other.
        for other in [bytes.array.dropLast(), bytes.array + [0]] {
            let set = try attempt { () throws(DecodeError) in
                try GolombCodedSet(bytes: WireBytes(Array(other)), blockHash: key, parameters: parameters)
            }
            try require(set == nil, "a filter of \(other.count) bytes, not \(bytes.count)")
        }
        let elements: [[UInt8]] = [[], [1], Samples.publicKey, bytes.array]
        let found = elements.map { set.contains($0) }
        try require(set.containsAny(elements) == found.contains(true), "the elements together give another answer")
        let outpoint = Outpoint(transaction: key, index: 1)
        try require(set.containsAny([], outpoints: [outpoint]) == set.contains(outpoint), "an outpoint is missed")
        try require(set.count > 0 || !found.contains(true), "an empty filter has an element")
        _ = set.header(previous: set.filterHash())
    }

    private static func build(
        _ bytes: [UInt8], size: Int, _ key: Hash256, _ parameters: GolombCodedSet.Parameters
    ) throws(Violation) {
        let size = max(1, size)
        let elements = stride(from: 0, to: bytes.count, by: size).prefix(200).map {
            Array(bytes[$0..<min(bytes.count, $0 + size)])
        }
        var builder = GolombCodedSet.Builder(blockHash: key, parameters: parameters)
        for element in elements { builder.insert(element) }
        for transaction in Samples.transactions.prefix(size & 3) { builder.insert(transaction) }
        let set = builder.finish()
        for element in elements { try require(set.contains(element), "an element is not found") }
        try require(elements.isEmpty || set.containsAny(elements), "no element is found")
        let again = try expect("a filter of our own") { () throws(DecodeError) in
            try GolombCodedSet(bytes: set.bytes, blockHash: key, parameters: parameters)
        }
        try require(again == set, "a filter is not equal to itself")
        for transaction in Samples.transactions.prefix(size & 3) {
            for output in transaction.outputs where !output.lockingScript.isEmpty {
                try require(set.contains(output.lockingScript.array), "a locking script is not found")
            }
            for input in transaction.inputs where !input.isCoinbase {
                try require(set.contains(input.outpoint), "an outpoint is not found")
            }
        }
        try check(set.bytes, key, parameters)
    }

    static var seeds: [[UInt8]] {
        var seeds: [[UInt8]] = []
        let key: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        let text = Array("a committed filter holds scripts and outpoints, and finds each again".utf8)
        for block in Samples.blocks {
            let set = GolombCodedSet(block: block)
            seeds.append(FuzzSeed(0, 20, 0, 0, 0, 0).adding(key).adding(set.bytes.array).bytes)
        }
        for size: UInt8 in [1, 3, 20, 36] {
            seeds.append(FuzzSeed(size << 2 | 1, 0, 0, 0, 0, 0).adding(key).adding(text).bytes)
            seeds.append(FuzzSeed(size << 2 | 3, size / 2, 100, 1, 0, 0).adding(key).adding(text).bytes)
        }
        seeds.append(FuzzSeed(2, 33, 0xff, 0xff, 0xff, 0xff).adding(key).adding(2, 0xff, 0xff, 0xff, 0xff, 0, 0).bytes)
        seeds.append(FuzzSeed(3, 1, 0xff, 0, 0, 0).adding(key).adding(text).bytes)
        return seeds
    }

    static func seed(message: [UInt8]) -> [UInt8]? {
        let decoded = try? Message.decode(command: .committedFilter, payload: message)
        guard case .committedFilter(let filter)? = decoded else { return nil }
        let key = Array(filter.blockHash.bytes[..<8])
        return FuzzSeed(0, 0, 0, 0, 0, 0).adding(key).adding(filter.filter.array).bytes
    }
}
