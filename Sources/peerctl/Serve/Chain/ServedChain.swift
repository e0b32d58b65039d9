import PeerKit

/// The blocks that `serve` has, in the order in which it offers their headers. Block 0 is the network's genesis block.
///
/// Each block is kept once, as the frame that goes to every peer, besides its header and hash. A value that does not
/// change once it is served, so that any number of threads read it without a lock.
struct ServedChain: Sendable {
    struct Entry: Sendable {
        let header: BlockHeader
        let hash: Hash256
        let frame: EncodedMessage
    }

    /// Headers of one answer; no receiver takes more.
    static let maximumHeaderCount = 2_000

    let network: Network
    private let limits: WireLimits
    private(set) var entries: [Entry] = []
    private var heights: [Hash256: Int] = [:]
    private var transactions = TransactionIndex()

    /// The chain of a network's genesis block alone.
    init(network: Network) throws {
        self.network = network
        limits = WireLimits(network: network)
        try append(network.genesisBlock)
    }

    /// Adds a block after the others, whether it links to them or not. One that is there already is not added again.
    ///
    /// Throws ``PeerWire/EncodeError`` when the block is larger than the network's messages may be.
    mutating func append(_ block: Block, transactionIDs: [Hash256]? = nil) throws(EncodeError) {
        let hash = block.hash()
        if heights[hash] != nil { return }
        let frame = try EncodedMessage(.block(block), network: network, limits: limits)
        var starts: [Int] = []
        starts.reserveCapacity(block.transactions.count)
        var offset = frame.bytes.count - block.byteCount + BlockHeader.byteCount
        offset += CompactSize.encodedLength(block.transactions.count)
        for transaction in block.transactions {
            starts.append(offset)
            offset += transaction.byteCount
        }
        transactions.append(
            ids: transactionIDs ?? block.transactions.map { $0.hash() }, starts: starts, frameEnd: frame.bytes.count)
        heights[hash] = entries.count
        entries.append(Entry(header: block.header, hash: hash, frame: frame))
    }

    /// The place of the newest block, what peers are told as the chain's height.
    var height: Int { entries.count - 1 }

    var largestFrameByteCount: Int { entries.reduce(0) { max($0, $1.frame.bytes.count) } }

    var byteCount: Int { entries.reduce(0) { $0 + $1.frame.bytes.count } }

    func block(_ hash: Hash256) -> EncodedMessage? {
        heights[hash].map { entries[$0].frame }
    }

    /// The bytes of a transaction, as a view of its block's frame.
    func transaction(_ id: Hash256) -> WireBytes? {
        transactions.place(of: id) { place in bytes(place)?.withBytes { SHA256d.hash($0) } == id }.flatMap(bytes)
    }

    private func bytes(_ place: TransactionIndex.Place) -> WireBytes? {
        WireBytes(entries[place.block].frame.bytes, place.range)
    }

    /// The answer to `getheaders`: what follows the first hash of the locator that is known (the genesis block when
    /// none is), up to the stop hash. Without a locator, the one header the stop hash names.
    func headers(for request: GetHeadersMessage) -> [BlockHeader] {
        if request.locator.isEmpty {
            return heights[request.stop].map { [entries[$0].header] } ?? []
        }
        var known = 0
        for hash in request.locator {
            if let height = heights[hash] {
                known = height
                break
            }
        }
        let first = known + 1
        var end = min(entries.count, first + Self.maximumHeaderCount)
        // A stop that is not ahead stops nothing.
        if let stop = heights[request.stop], stop >= first { end = min(end, stop + 1) }
        return entries[first..<end].map(\.header)
    }
}
