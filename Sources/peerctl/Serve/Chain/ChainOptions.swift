import ArgumentParser
import Glibc
import PeerKit

/// What chain `serve` has.
struct ChainOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A block to serve, as in the payload of a block message. May be repeated.", valueName: "path"))
    var blockFile: [String] = []

    @Option(help: "Blocks of a made-up chain on top of the genesis block; the same ones for the same options.")
    var blocks = 0

    @Option(help: "Size of each made-up block, exactly.")
    var blockSize = 1_000_000

    @Option(help: "Number from which the made-up blocks, and the ids that are announced, are drawn.")
    var seed: UInt64 = 1

    func validate() throws {
        let most = SyntheticChain.maximumBlockCount
        if blocks < 0 || blocks > most { throw ValidationError("--blocks must be between 0 and \(most)") }
        if blockSize < SyntheticChain.minimumBlockSize {
            throw ValidationError("--block-size must be at least \(SyntheticChain.minimumBlockSize) bytes")
        }
    }

    /// Reads and makes the blocks: files first, so that a wrong path is told before the long part.
    ///
    /// - Parameter isInterrupted: asked between two blocks.
    func makeChain(_ network: Network, isInterrupted: () -> Bool = { false }) throws -> ServedChain {
        let limits = WireLimits(network: network)
        let files = try blockFile.map { try BlockFile.read($0, limits: limits) }
        var chain = try ServedChain(network: network)
        if blocks > 0 {
            try checkSize(network, limits)
            var synthetic = try SyntheticChain(network: network, blockSize: blockSize, seed: seed)
            for _ in 0..<blocks {
                if isInterrupted() { throw CommandFailure.interrupted }
                let (block, ids) = try synthetic.next()
                try chain.append(block, transactionIDs: ids)
            }
        }
        for block in files { try chain.append(block) }
        return chain
    }

    private func checkSize(_ network: Network, _ limits: WireLimits) throws(CommandFailure) {
        if blockSize > limits.maxBlockSize {
            throw .usage("--block-size must be at most \(limits.maxBlockSize) bytes on \(network.rawValue)")
        }
        // Both factors were validated: the product is below 2.56e14.
        let needed = blocks * blockSize
        let memory = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
        if memory > 0, needed > memory / 10 * 9 {
            throw .usage(
                "\(blocks) blocks of \(blockSize) bytes do not fit in this machine's memory of \(memory) bytes; "
                    + "lower --blocks or --block-size")
        }
    }
}
