import PeerKit
import Synchronization

/// Takes the blocks of peers: asks for those they announce, and takes any, asked for or not. They are decoded, counted
/// and forgotten, so that a block announced again is asked for again.
final class BlockTaker: Sendable {
    private let taken = Atomic<UInt64>(0)

    /// Blocks that came, whole and well formed.
    var blockCount: UInt64 { taken.load(ordering: .relaxed) }

    /// Sets up a node to take blocks; `chain` is what it has already.
    func install(in configuration: inout PeerConfiguration, chain: ServedChain) {
        // The longest that the network's messages may be: no block is refused for not having been asked for.
        configuration.unrequestedBlockByteCap = configuration.wireLimits.maxBlockLikePayload
        configuration.listeners.onInventory = { peer, inventory in
            let wanted = inventory.items.filter { $0.kind == .block && chain.block($0.hash) == nil }
            if !wanted.isEmpty { peer.queue(.getData(wanted)) }
        }
        configuration.listeners.onBlock = { [self] _, _ in taken.wrappingAdd(1, ordering: .relaxed) }
    }
}
