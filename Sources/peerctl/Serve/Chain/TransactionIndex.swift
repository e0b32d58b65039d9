import PeerKit

/// Finds transactions in the frames of blocks by their ids, in some twenty bytes for each.
///
/// Ids are not kept: an entry has 32 bits of one, which point to a place in a block, and the bytes there are hashed
/// again to be sure. A dictionary of whole ids would take a quarter of the blocks' own memory.
struct TransactionIndex {
    /// Transactions that are indexed by default: about 4.7 GB of blocks and 400 MB of index.
    static let defaultMaximumCount = 1 << 24

    /// Transactions that are indexed. A block with which there would be more is left out: its transactions are not
    /// found.
    let maximumCount: Int

    /// Where a transaction may be: the number of its block and its bytes in that block's frame.
    struct Place: Equatable {
        let block: Int
        let range: Range<Int>
    }

    /// For each transaction, where it begins in its block's frame, and 32 bits of its id.
    private var entries: [(start: UInt32, fingerprint: UInt32)] = []
    /// For each block, the number of its first transaction, and the length of its frame.
    private var blocks: [(firstEntry: Int, frameEnd: Int)] = []
    /// Open addressing: 1 + the number of a transaction, 0 where none is; at most half full.
    private var table = [UInt32](repeating: 0, count: 1024)

    init(maximumCount: Int = Self.defaultMaximumCount) {
        self.maximumCount = min(maximumCount, Self.defaultMaximumCount)
    }

    var count: Int { entries.count }

    /// Adds the next block: the ids of its transactions, where each begins in its frame, and where the last ends.
    mutating func append(ids: [Hash256], starts: [Int], frameEnd: Int) {
        blocks.append((entries.count, frameEnd))
        guard ids.count == starts.count, entries.count + ids.count <= maximumCount else { return }
        for (id, start) in zip(ids, starts) {
            entries.append((UInt32(truncatingIfNeeded: start), Self.fingerprint(id)))
        }
        if 2 * entries.count > table.count {
            grow()
        } else {
            for entry in (entries.count - ids.count)..<entries.count { insert(entry) }
        }
    }

    /// The place of the transaction whose bytes `isRight` finds to have the id.
    func place(of id: Hash256, where isRight: (Place) -> Bool) -> Place? {
        let fingerprint = Self.fingerprint(id)
        var slot = Int(fingerprint) & (table.count - 1)
        while table[slot] != 0 {
            let entry = Int(table[slot]) - 1
            if entries[entry].fingerprint == fingerprint {
                let place = place(entry)
                if isRight(place) { return place }
            }
            slot = (slot + 1) & (table.count - 1)
        }
        return nil
    }

    private static func fingerprint(_ id: Hash256) -> UInt32 { UInt32(truncatingIfNeeded: id.word0) }

    private mutating func grow() {
        var size = table.count
        while size < 2 * entries.count { size *= 2 }
        table = [UInt32](repeating: 0, count: size)
        for entry in entries.indices { insert(entry) }
    }

    private mutating func insert(_ entry: Int) {
        var slot = Int(entries[entry].fingerprint) & (table.count - 1)
        while table[slot] != 0 { slot = (slot + 1) & (table.count - 1) }
        table[slot] = UInt32(entry + 1)
    }

    private func place(_ entry: Int) -> Place {
        // The last block that begins at or before the entry; blocks without entries begin where the next one does.
        var low = 0
        var high = blocks.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if blocks[middle].firstEntry <= entry { low = middle } else { high = middle }
        }
        let nextBlock = low + 1 < blocks.count ? blocks[low + 1].firstEntry : entries.count
        let end = entry + 1 < nextBlock ? Int(entries[entry + 1].start) : blocks[low].frameEnd
        return Place(block: low, range: Int(entries[entry].start)..<end)
    }
}
