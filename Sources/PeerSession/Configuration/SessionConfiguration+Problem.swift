import PeerWire

extension SessionConfiguration {
    /// What is wrong with this configuration, in a line that names the setting and says what it may be; `nil` when it
    /// can be used.
    public var problem: String? {
        for (name, duration) in waits where !(.nanoseconds(1)...Self.longestDuration).contains(duration) {
            return "\(name) must be at least a nanosecond and at most 100 years"
        }
        for (name, count) in counts where count < 1 {
            return "\(name) must be at least 1"
        }
        if minimumProtocolVersion > protocolVersion { return "minimumProtocolVersion is above protocolVersion" }
        if !(.zero...Self.longestDuration).contains(inventory.trickleInterval) {
            return "inventory.trickleInterval must not be negative, and at most 100 years"
        }
        if inventory.maxItemsPerMessage > 50_000 { return "inventory.maxItemsPerMessage must be at most 50000" }
        if !(0...60_000).contains(inventory.maxKnownItems) {
            return "inventory.maxKnownItems must be 0 to 60000"
        }
        return addressRate.problem ?? misbehaviour.problem
    }

    private var waits: [(String, Duration)] {
        let answers = responseTimeouts
        return [
            ("handshakeTimeout", handshakeTimeout), ("idleTimeout", idleTimeout), ("pingInterval", pingInterval),
            ("pongTimeout", pongTimeout), ("frameTimeout", frameTimeout),
            ("sendProgressTimeout", sendProgressTimeout),
        ]
            + [
                ("responseTimeouts.headers", answers.headers), ("responseTimeouts.data", answers.data),
                ("responseTimeouts.blockInventory", answers.blockInventory),
                ("responseTimeouts.mempool", answers.mempool),
                ("responseTimeouts.committedFilters", answers.committedFilters),
                ("responseTimeouts.committedFilterHeaders", answers.committedFilterHeaders),
                ("responseTimeouts.committedFilterCheckpoints", answers.committedFilterCheckpoints),
                ("responseTimeouts.blockTransactions", answers.blockTransactions),
            ].compactMap { name, wait in wait.map { (name, $0) } }
    }

    private var counts: [(String, Int)] {
        [
            ("heldByteCap", heldByteCap), ("slowestByteRate", slowestByteRate),
            ("sendQueueHighMark", sendQueueHighMark), ("postponedByteCap", postponedByteCap),
            ("unrequestedBlockByteCap", unrequestedBlockByteCap),
            ("inventory.maxItemsPerMessage", inventory.maxItemsPerMessage),
            ("inventory.maxWaitingItems", inventory.maxWaitingItems),
        ]
    }
}

extension AddressRateConfiguration {
    var problem: String? {
        let numbers = [
            ("addressesPerSecond", addressesPerSecond), ("initialAddresses", initialAddresses),
            ("maxAddresses", maxAddresses), ("addressesPerRequest", addressesPerRequest),
        ]
        for (name, number) in numbers where !(number >= 0 && number.isFinite) {
            return "addressRate.\(name) must be a number that is not negative"
        }
        return nil
    }
}
