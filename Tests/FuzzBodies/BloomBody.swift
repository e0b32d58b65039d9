import PeerWire

/// A bloom filter: what is put in is found, and what matches a transaction does so after updates too.
///
/// A `filterload`, then elements of 20 bytes each (both with a length of two bytes ahead), the settings of a filter of
/// our own (20 bytes), a transaction.
enum BloomBody {
    static func run(_ input: [UInt8]) throws(Violation) {
        var input = FuzzInput(input)
        let payload = input.chunk()
        let elements = input.chunk()
        let own = BloomFilter(
            elementCount: Int(truncatingIfNeeded: input.uint64()),
            falsePositiveRate: Double(bitPattern: input.uint64()), tweak: input.uint32(),
            flags: BloomUpdateFlags(rawValue: UInt8(truncatingIfNeeded: payload.count)))
        try require((1...BloomFilter.maximumByteCount).contains(own.bytes.count), "a filter that nodes refuse")
        try require((1...50).contains(own.hashFunctionCount), "\(own.hashFunctionCount) hash functions")
        let transaction = input.transaction() ?? Samples.transactions[0]
        try check(own, elements, transaction)
        let message = try? Message.decode(command: .filterLoad, payload: payload)
        guard case .filterLoad(let load)? = message else { return }
        try visit(load)
        let given = try require(BloomFilter(load), "a filter that was decoded is over the limits")
        try check(given, elements, transaction)
    }

    static func visit(_ load: FilterLoadMessage) throws(Violation) {
        try MessageWalk.requireDescription(load.flags)
        // Limits that a message was decoded with may be wider than those of a filter.
        guard let filter = BloomFilter(load) else { return }
        var again = filter.message
        again.trailingBytes = load.trailingBytes
        try require(again == load, "the filter's message is another")
    }

    private static func check(
        _ filter: BloomFilter, _ elements: [UInt8], _ transaction: Transaction
    ) throws(Violation) {
        var filter = filter
        for start in stride(from: 0, to: min(elements.count, 200), by: 20) {
            let element = Array(elements[start..<min(elements.count, start + 20)])
            filter.insert(element)
            try require(filter.contains(element), "an element is not found")
        }
        let before = filter
        let isMatch = filter.matches(transaction)
        try require(filter.matchAndUpdate(transaction) == isMatch, "an update changes the answer")
        try requireSubset(before, filter)
        try require(!isMatch || filter.matches(transaction), "a transaction matches no longer")
        filter.insert(transaction.hash())
        try require(filter.contains(transaction.hash()) && filter.matches(transaction), "a hash is not found")
        var empty = BloomFilter(elementCount: 4, falsePositiveRate: 0.001, tweak: filter.tweak)
        for input in transaction.inputs.prefix(3) {
            var one = empty
            one.insert(input.outpoint)
            try require(one.contains(input.outpoint) && one.matches(transaction), "an outpoint is not found")
        }
        for output in transaction.outputs.prefix(3) {
            guard let push = firstPush(of: output.lockingScript) else { continue }
            empty.insert(push)
            try require(empty.matchAndUpdate(transaction), "a push is not found")
        }
    }

    private static func firstPush(of script: WireBytes) -> [UInt8]? {
        script.withBytes { span in
            var offset = 0
            while let push = ScriptReader.nextPush(in: span, at: &offset) {
                if !push.isEmpty { return WireBytes(copying: span.extracting(push)).array }
            }
            return nil
        }
    }

    private static func requireSubset(_ one: BloomFilter, _ other: BloomFilter) throws(Violation) {
        try require(one.bytes.count == other.bytes.count, "an update changes the length")
        for (before, after) in zip(one.bytes, other.bytes) {
            try require(before & ~after == 0, "an update takes a bit away")
        }
    }

    static var seeds: [[UInt8]] {
        var seeds: [[UInt8]] = []
        for (place, transaction) in Samples.transactions.enumerated() {
            let flags = BloomUpdateFlags(rawValue: UInt8(place & 3))
            var filter = BloomFilter(elementCount: 9, falsePositiveRate: 0.01, tweak: UInt32(place), flags: flags)
            if let input = transaction.inputs.first, place & 1 == 0 { filter.insert(input.outpoint) }
            filter.insert(Samples.publicKey)
            let load = (try? Message.filterLoad(filter.message).payload()) ?? []
            let settings = FuzzSeed().addingChunk(load).addingChunk(Samples.publicKey)
            let rate: [UInt8] = [0x7b, 0x14, 0xae, 0x47, 0xe1, 0x7a, 0x84, 0x3f]
            seeds.append(
                settings.adding(UInt8(place), 0, 0, 0, 0, 0, 0, 0).adding(rate).adding(1, 2, 3, 4)
                    .adding(transaction.bytes.array).bytes)
        }
        return seeds
    }

    static func seed(transaction: [UInt8]) -> [UInt8] {
        let load = [0x03, 0x61, 0x4e, 0x9b, 5, 0, 0, 0, 0, 0, 0, 0, 1] as [UInt8]
        return FuzzSeed().addingChunk(load).addingChunk([]).adding([UInt8](repeating: 1, count: 20))
            .adding(transaction).bytes
    }
}
