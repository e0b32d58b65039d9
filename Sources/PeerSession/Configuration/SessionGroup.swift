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

    /// A group. A configuration that cannot be (a duration that is not positive or over 100 years, a limit below 1
    /// where the description gives no meaning to it, a minimum version above the one offered) is a programming error
    /// and traps.
    ///
    /// - Parameters:
    ///   - configuration: What the sessions share.
    ///   - inventoryKey: 128 secret random bits: without them a peer could choose inventory that is slow to look up.
    public init(configuration: SessionConfiguration, inventoryKey: (UInt64, UInt64)) {
        configuration.check()
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

extension SessionConfiguration {
    /// Traps on what would otherwise go wrong later.
    func check() {
        let waits = [handshakeTimeout, idleTimeout, pingInterval, pongTimeout, frameTimeout, sendProgressTimeout]
        for duration in waits + responseTimeouts.all {
            precondition(duration >= .nanoseconds(1), "a duration of a session is not positive")
            precondition(duration <= Self.longestDuration, "a duration of a session is over 100 years")
        }
        precondition(inventory.trickleInterval >= .zero, "the trickle interval is negative")
        precondition(inventory.trickleInterval <= Self.longestDuration, "a duration of a session is over 100 years")
        precondition(
            minimumProtocolVersion <= protocolVersion, "the minimum protocol version is above the one offered")
        let counts = [
            heldByteCap, slowestByteRate, sendQueueHighMark, postponedByteCap, unrequestedBlockByteCap,
            inventory.maxItemsPerMessage, inventory.maxWaitingItems,
        ]
        for count in counts { precondition(count >= 1, "a limit of a session is below 1") }
        precondition(inventory.maxItemsPerMessage <= 50_000, "an inv has more than 50,000 items")
        precondition((0...60_000).contains(inventory.maxKnownItems), "known inventory is not of 0 to 60,000 items")
    }
}

extension ResponseTimeouts {
    var all: [Duration] {
        [
            headers, data, blockInventory, mempool, committedFilters, committedFilterHeaders,
            committedFilterCheckpoints, blockTransactions,
        ].compactMap(\.self)
    }
}
