/// What the sessions of one event loop share: the configuration, the table of inventory they know of, and the counts of
/// messages by command.
///
/// It belongs to one thread at a time, as its sessions do. A node with several loops has one of each.
public final class SessionGroup {
    /// What was given at the start, checked.
    public let configuration: SessionConfiguration
    let inventory: InventoryTable
    /// Messages and bytes by command of all sessions of the group so far, those that ended included.
    public internal(set) var traffic = CommandTraffic()
    /// For the order of announcements and the choice of addresses, which no peer may foresee: none of it goes out as it
    /// is, and pings, which do, have their own.
    var random: SplitMix64

    /// A group. A configuration with a ``SessionConfiguration/problem`` is a programming error and traps.
    ///
    /// - Parameters:
    ///   - configuration: What the sessions share.
    ///   - inventoryKey: 128 secret random bits: without them a peer could choose inventory that is slow to look up.
    public init(configuration: SessionConfiguration, inventoryKey: (UInt64, UInt64)) {
        if let problem = configuration.problem { preconditionFailure(problem) }
        self.configuration = configuration
        random = SplitMix64(seed: sipHash24(0x6f72_6465_72, inventoryKey.0, inventoryKey.1))
        inventory = InventoryTable(key0: inventoryKey.0, key1: inventoryKey.1)
    }

    /// How many different inventory items are known to any session of the group, or wait to be announced.
    public var inventoryItemCount: Int { inventory.count }
}

/// A group stays on its loop.
@available(*, unavailable)
extension SessionGroup: Sendable {}
