internal import Synchronization

/// A place for a hash that is computed when it is first asked for and remembered.
///
/// Any thread may ask. Threads that ask at the same time may each compute it, which gives the same words, so none of
/// them waits.
struct HashSlot: ~Copyable, Sendable {
    private let isKnown = Atomic<Bool>(false)
    private let word0 = Atomic<UInt64>(0)
    private let word1 = Atomic<UInt64>(0)
    private let word2 = Atomic<UInt64>(0)
    private let word3 = Atomic<UInt64>(0)

    /// The remembered hash, or `nil` before it was computed.
    var known: Hash256? {
        guard isKnown.load(ordering: .acquiring) else { return nil }
        return Hash256(
            word0: word0.load(ordering: .relaxed), word1: word1.load(ordering: .relaxed),
            word2: word2.load(ordering: .relaxed), word3: word3.load(ordering: .relaxed))
    }

    func remember(_ hash: Hash256) {
        word0.store(hash.word0, ordering: .relaxed)
        word1.store(hash.word1, ordering: .relaxed)
        word2.store(hash.word2, ordering: .relaxed)
        word3.store(hash.word3, ordering: .relaxed)
        isKnown.store(true, ordering: .releasing)
    }

    /// The remembered hash; computed now when there is none.
    func value(_ compute: () -> Hash256) -> Hash256 {
        if let known { return known }
        let hash = compute()
        remember(hash)
        return hash
    }
}

/// The hashes of many transactions, 40 bytes each.
final class HashSlots: Sendable {
    /// Slots that lie together. Arrays cannot hold what cannot be copied, so that they hold these.
    private final class Chunk: Sendable {
        static let slotCount = 128
        let slots = InlineArray<128, HashSlot> { _ in HashSlot() }
    }

    private let chunks: [Chunk]

    init(count: Int) {
        chunks = (0..<(count + Chunk.slotCount - 1) / Chunk.slotCount).map { _ in Chunk() }
    }

    func known(_ index: Int) -> Hash256? {
        chunks[index / Chunk.slotCount].slots[index % Chunk.slotCount].known
    }

    func remember(_ hash: Hash256, at index: Int) {
        chunks[index / Chunk.slotCount].slots[index % Chunk.slotCount].remember(hash)
    }

    func value(_ index: Int, _ compute: () -> Hash256) -> Hash256 {
        chunks[index / Chunk.slotCount].slots[index % Chunk.slotCount].value(compute)
    }
}
