import PeerKit

/// Announces made-up transactions to every peer of a node, the same ones for the same seed.
///
/// Nobody can have them: they are answered with `notfound` like all that is not there.
struct TransactionAnnouncer {
    let seed: UInt64
    let batch: Int
    /// Between two batches.
    let interval: Duration
    private var next: UInt64 = 0

    init(_ options: TrafficOptions, seed: UInt64) {
        self.seed = seed
        batch = options.announceBatch
        interval = .seconds(1) * options.announceBatch / max(1, options.announceRate)
    }

    /// The next items in the order of the seed.
    mutating func nextBatch() -> [InventoryVector] {
        let first = next
        next += UInt64(batch)
        return (first..<next).map { .transaction(Self.id(seed: seed, number: $0)) }
    }

    static func id(seed: UInt64, number: UInt64) -> Hash256 {
        SHA256d.hash(
            Hash256(word0: seed, word1: 0, word2: 0, word3: 0), Hash256(word0: number, word1: 0, word2: 0, word3: 0))
    }

    /// Announces until the task is cancelled. A batch waits until the loop has taken the one before it, so that a rate
    /// beyond what the node can do makes it busy and nothing grow; what was missed is not made up for.
    mutating func run(on node: PeerNode) async {
        var due = ContinuousClock.now
        while !Task.isCancelled {
            due = max(due + interval, .now - interval)
            do { try await Task.sleep(until: due, clock: .continuous) } catch { return }
            node.announce(nextBatch())
            await node.loopCaughtUp()
        }
    }
}

extension PeerNode {
    /// Returns once the loop has done all that it was asked for before; at once when the node is shut down.
    fileprivate func loopCaughtUp() async {
        await withCheckedContinuation { continuation in
            if !onLoop({ _ in continuation.resume() }) { continuation.resume() }
        }
    }
}
