public import PeerWire

extension PeerSession {
    /// Announces items: those that the peer does not know are sent in batches by ``nextDeadline``, blocks at once.
    /// Transactions and double spend proofs are not announced to a peer that wants none. Before the handshake is done
    /// all wait.
    public mutating func announce(
        _ items: Span<InventoryVector>, at instant: ContinuousClock.Instant, into actions: inout ActionList
    ) {
        guard state != .closed, items.count > 0 else { return }
        let now = Timestamp(instant)
        ensureAnnouncer().announce(items, wantsTransactions: preferences.wantsTransactions, at: now)
        if isEstablished { sendDueInventory(at: now, into: &actions) }
    }

    mutating func sendDueInventory(at now: Timestamp, into actions: inout ActionList) {
        guard let announcer, let deadline = announcer.deadline, deadline <= now else { return }
        let start = actions.inventory.count
        let count = announcer.takeDue(
            at: now, wantsTransactions: preferences.wantsTransactions, isHeldBack: sendQueue.isOverHighMark,
            into: &actions.inventory, random: &group.random)
        if count > 0 { actions.append(.sendInventory(first: Int32(start), count: Int32(count))) }
    }

    /// Notes that the peer knows these.
    public mutating func remember(_ items: Span<InventoryVector>) {
        guard state != .closed, items.count > 0, group.configuration.inventory.maxKnownItems > 0 else { return }
        let announcer = ensureAnnouncer()
        for index in items.indices { announcer.remember(items[index]) }
    }

    /// True when the peer is known to know this. Being asked does not count as use.
    public func knows(_ item: InventoryVector) -> Bool { announcer?.knows(item) ?? false }

    /// Forgets that the peer knows this. False when it did not.
    @discardableResult
    public mutating func forget(_ item: InventoryVector) -> Bool { announcer?.forget(item) ?? false }

    /// All that the peer is known to know, least recently used first.
    public var knownInventory: [InventoryVector] { announcer?.known ?? [] }
    /// How many items wait to be announced.
    public var waitingInventoryCount: Int { announcer?.waitingCount ?? 0 }
    /// How many items were dropped because too many waited.
    public var droppedInventoryCount: UInt64 { announcer?.droppedCount ?? counters.droppedInventoryCount }

    mutating func ensureAnnouncer() -> InventoryAnnouncer {
        if let announcer { return announcer }
        let made = InventoryAnnouncer(table: group.inventory, configuration: group.configuration.inventory)
        announcer = made
        return made
    }
}
