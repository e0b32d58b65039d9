import PeerKit
import PeerSession

/// Makes up a chain of blocks, the same ones for the same network, block size and seed.
///
/// Block 1 builds on the network's genesis block. Headers link, merkle roots are right, times go up by ten minutes, and
/// each block has exactly the size asked for. Nobody mined it: ``easyBits`` is stated and no nonce was searched for, so
/// a node that verifies proof of work, signatures or the order of transactions refuses these blocks; one that
/// downloads, decodes and hashes them finds nothing wrong.
struct SyntheticChain {
    /// A header, a coinbase and a transaction or two.
    static let minimumBlockSize = 1_000
    /// Blocks of one chain: 19 years of them, so that times stay within their four bytes.
    static let maximumBlockCount = 1_000_000
    static let secondsBetweenBlocks: UInt32 = 600
    /// The easiest target there is, that of private test networks.
    static let easyBits: UInt32 = 0x207f_ffff

    let blockSize: Int
    let seed: UInt64
    /// Height of the block made last; 0 is the genesis block, which the network has already.
    private(set) var height = 0
    private var tip: Hash256
    private var time: UInt32

    /// A size under the minimum is taken as the minimum.
    init(network: Network, blockSize: Int, seed: UInt64) throws {
        let genesis = network.genesisHeader
        self.blockSize = max(blockSize, Self.minimumBlockSize)
        self.seed = seed
        tip = genesis.hash()
        time = genesis.time
    }

    /// Makes the next block. What is in it depends on the seed and its height alone, besides its parent.
    mutating func next() throws -> (block: Block, transactionIDs: [Hash256]) {
        height += 1
        time &+= Self.secondsBetweenBlocks
        // Two rounds, so that neighbouring heights and neighbouring seeds have nothing in common.
        var mixer = SplitMix64(seed: seed)
        var random = SplitMix64(seed: mixer.next() ^ UInt64(height))
        random = SplitMix64(seed: random.next())

        var body = SyntheticBlockBody(size: blockSize, height: height, random: &random)
        let ids = body.transactionIDs()
        let header = BlockHeader(
            version: 0x2000_0000, previousBlock: tip, merkleRoot: Block.merkleRoot(of: ids), time: time,
            bits: Self.easyBits, nonce: UInt32(truncatingIfNeeded: random.next()))
        tip = header.hash()
        body.payload.replaceSubrange(0..<BlockHeader.byteCount, with: header.bytes)
        return (try Block(bytes: body.payload), ids)
    }
}

/// The bytes of a made-up block after its header, and where its transactions begin.
struct SyntheticBlockBody {
    /// The block; its header is still zero.
    var payload: [UInt8]
    private let starts: [Int]

    init(size: Int, height: Int, random: inout SplitMix64) {
        let plan = BlockPlan(size: size, height: height, random: &random)
        var starts: [Int] = []
        starts.reserveCapacity(plan.inputCounts.count + 1)
        var writer = ByteWriter(capacity: size)
        writer.writeBytes([UInt8](repeating: 0, count: BlockHeader.byteCount))
        writer.writeCount(plan.inputCounts.count + 1)
        starts.append(writer.count)
        writer.writeCoinbase(height: height, extraByteCount: plan.coinbaseExtra, random: &random)
        for inputCount in plan.inputCounts {
            starts.append(writer.count)
            writer.writePayment(inputCount: Int(inputCount), random: &random)
        }
        payload = writer.finish()
        self.starts = starts
    }

    func transactionIDs() -> [Hash256] {
        let span = payload.span.bytes
        return starts.indices.map { index in
            let end = index + 1 < starts.count ? starts[index + 1] : span.byteCount
            return SHA256d.hash(span.extracting(starts[index]..<end))
        }
    }
}

/// Which transactions fill a block: as many as fit, and the coinbase takes what is left over.
private struct BlockPlan {
    /// Inputs of each transaction after the coinbase: 1 or 2.
    var inputCounts: [UInt8] = []
    var coinbaseExtra: Int

    init(size: Int, height: Int, random: inout SplitMix64) {
        let one = SyntheticTransaction.paymentByteCount(inputs: 1)
        let two = SyntheticTransaction.paymentByteCount(inputs: 2)
        var left = size - BlockHeader.byteCount - SyntheticTransaction.coinbaseByteCount(height: height)
        inputCounts.reserveCapacity(left / one)
        while true {
            // The count is in front of the transactions and grows with them.
            let room = left - CompactSize.encodedLength(inputCounts.count + 2)
            if room < one { break }
            // Most payments spend one output; a third of these spend two.
            let isPair = room >= two && random.next() % 3 == 0
            inputCounts.append(isPair ? 2 : 1)
            left -= isPair ? two : one
        }
        coinbaseExtra = left - CompactSize.encodedLength(inputCounts.count + 1)
    }
}
