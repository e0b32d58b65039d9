internal import Synchronization

/// Transactions and the bytes they lie in: what a transaction, a block and a list of transactions share.
///
/// The bytes were read once, so whoever holds a storage may read every part without failing. Flat tables say where the
/// parts are: three arrays, however many transactions.
final class TransactionStorage: Sendable {
    let bytes: [UInt8]
    private let places: TransactionPlaces
    /// Where each input and each output begins in the bytes.
    private let elements: [UInt32]
    private let few: FewElements
    /// Where what was read ends; bytes after it are kept, but no part of it.
    let contentEnd: Int

    private let firstHash = HashSlot()
    private let hashes = AtomicLazyReference<HashSlots>()

    /// True for a transaction that is a message of its own.
    var isMessage: Bool { count == 1 && byteRange(0) == 0..<contentEnd }

    /// Takes over what a scanner has found in `bytes`.
    init(bytes: [UInt8], scanned scanner: consuming TransactionScanner, contentEnd: Int) {
        self.bytes = bytes
        places = scanner.places
        elements = scanner.elements
        few = scanner.few
        self.contentEnd = contentEnd
    }

    /// Calls `body` with the bytes in place.
    @inline(__always)
    func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
        let bytes = bytes
        return body(bytes.span.bytes)
    }

    /// Bytes after what was read.
    var trailingBytes: [UInt8] { contentEnd == bytes.count ? [] : [UInt8](bytes[contentEnd...]) }

    /// Number of transactions.
    var count: Int { places.count }

    func byteRange(_ index: Int) -> Range<Int> { places[index].byteRange }

    /// Where an input or output begins in the bytes.
    @inline(__always)
    func element(_ index: Int) -> Int { Int(few.count > 0 ? few[index] : elements[index]) }

    private var elementCount: Int { few.count > 0 ? few.count : elements.count }

    /// Places among the elements of a transaction's inputs.
    func inputs(_ index: Int) -> Range<Int> {
        let place = places[index]
        let first = Int(place.firstElement)
        return first..<(first + withBytes { $0.knownCount(at: Int(place.start) + 4) })
    }

    /// Places among the elements of a transaction's outputs.
    func outputs(_ index: Int) -> Range<Int> {
        let end = index + 1 < count ? Int(places[index + 1].firstElement) : elementCount
        return inputs(index).upperBound..<end
    }

    /// The id of a transaction, computed when it is first asked for.
    func hash(_ index: Int) -> Hash256 {
        if count == 1 { return firstHash.value { computeHash(index) } }
        return hashSlots.value(index) { computeHash(index) }
    }

    /// The ids of all transactions. What is not known yet is computed, which takes less time than one by one.
    func allHashes() -> [Hash256] {
        if count == 1 { return [hash(0)] }
        if count == 0 { return [] }
        let slots = hashSlots
        let known = [Hash256](room: count) { output in
            for index in 0..<count {
                guard let hash = slots.known(index) else { return }
                output.append(hash)
            }
        }
        if known.count == count { return known }
        let all = computeAllHashes()
        for (index, hash) in all.enumerated() { slots.remember(hash, at: index) }
        return all
    }

    private func computeHash(_ index: Int) -> Hash256 {
        let range = byteRange(index)
        return withBytes { SHA256d.hash($0.extracting(range)) }
    }

    private func computeAllHashes() -> [Hash256] {
        let starts = [UInt32](room: count + 1) { output in
            output.append(places[0].start)
            for index in 0..<count {
                // Transactions of compact blocks have other fields between them.
                guard places[index].start == output.span[index] else { return }
                output.append(places[index].end)
            }
        }
        if starts.count == count + 1 { return withBytes { SHA256d.hashes(of: $0, starts: starts) } }
        return (0..<count).map { computeHash($0) }
    }

    private var hashSlots: HashSlots { hashes.load() ?? hashes.storeIfNil(HashSlots(count: count)) }
}

extension RawSpan {
    /// A count or length that was read and found good before.
    @inline(__always)
    func knownCount(at offset: Int) -> Int {
        let first = loadUInt8(offset)
        return first < 0xfd ? Int(first) : knownLongCount(at: offset, first)
    }

    private func knownLongCount(at offset: Int, _ first: UInt8) -> Int {
        switch first {
        case 0xfd: Int(loadUInt16(offset + 1))
        case 0xfe: Int(loadUInt32(offset + 1))
        default: Int(truncatingIfNeeded: loadUInt64(offset + 1))
        }
    }

    /// The range of bytes after a length that was read and found good before.
    @inline(__always)
    func knownByteRange(at offset: Int) -> Range<Int> {
        let length = knownCount(at: offset)
        let start = offset + CompactSize.encodedLength(length)
        return start..<(start + length)
    }
}
