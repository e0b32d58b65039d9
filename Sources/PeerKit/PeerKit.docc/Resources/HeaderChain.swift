import PeerKit

/// The hashes of a chain of headers, from the network's first block on. Every header was checked when it came in.
struct HeaderChain {
    /// 32 bytes each: 160 MB, about a century of blocks. Without a limit a node that makes headers up as fast as we
    /// take them would fill the memory.
    static let maximumCount = 5_000_000

    let network: Network
    let checksProofOfWork: Bool
    private var hashes: [Hash256]

    init(network: Network, checksProofOfWork: Bool) {
        self.network = network
        self.checksProofOfWork = checksProofOfWork
        hashes = [network.genesisHash]
    }

    /// The number of blocks on top of the first one.
    var height: Int { hashes.count - 1 }

    /// The hash of the newest block.
    var tip: Hash256 { hashes[height] }

    /// Hashes by which a node finds out how much of its own chain this is: the last ones, and fewer and fewer of those
    /// before. After a reorganization the node goes on from the last block that both have.
    var locator: [Hash256] { BlockLocator.hashes(tipHeight: height) { hashes[$0] } }

    /// Adds headers, oldest first. Throws for the first that is wrong; those before it stay.
    mutating func append(_ headers: [BlockHeader]) throws(HeaderError) {
        let easiest = network.easiestTarget
        // All at once: that takes less time than one by one.
        let newHashes = BlockHeader.hashes(of: headers)
        for (header, hash) in zip(headers, newHashes) {
            guard header.previousBlock == tip else { throw .doesNotLink(height: height + 1, hash) }
            if checksProofOfWork, !ProofOfWork.isValid(header, hash: hash, easiest: easiest) {
                throw .lacksWork(height: height + 1, hash)
            }
            guard hashes.count < Self.maximumCount else { throw .tooMany }
            hashes.append(hash)
        }
    }
}

/// Why a header was not taken.
enum HeaderError: Error, CustomStringConvertible {
    /// The block before it is not the one we have.
    case doesNotLink(height: Int, Hash256)
    /// Its hash is above its target, or the target is easier than the network allows.
    case lacksWork(height: Int, Hash256)
    /// There are more than anybody has.
    case tooMany

    var description: String {
        switch self {
        case .doesNotLink(let height, let hash): "header \(height), \(hash), does not follow the one before it"
        case .lacksWork(let height, let hash): "header \(height), \(hash), has no proof of work"
        case .tooMany: "the node has more than \(HeaderChain.maximumCount) headers"
        }
    }
}
