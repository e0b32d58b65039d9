internal import PeerLoop
internal import PeerSession
internal import PeerWire

/// Watches one budget of a node at next to no cost: what is added is summed up, what is given back is not, and only
/// when the sum passes the budget what is really held is counted, peer by peer.
struct MemoryTally {
    let budget: Int
    /// No less than what is held.
    private(set) var atMost = 0

    init(budget: Int) {
        self.budget = budget
    }

    @inline(__always)
    mutating func add(_ byteCount: Int) { atMost &+= byteCount }

    var mayBeOver: Bool { atMost > budget }

    mutating func settle(held: Int) { atMost = held }
}

extension NodeLoop {
    /// Once a tick.
    func keepWithinBudgets() {
        if receivingMemory.mayBeOver {
            receivingMemory.settle(held: keep(.receiving, within: receivingMemory.budget))
        }
        if laneMemory.mayBeOver { laneMemory.settle(held: keep(.lanes, within: laneMemory.budget)) }
        if sendingMemory.mayBeOver { sendingMemory.settle(held: keep(.sending, within: sendingMemory.budget)) }
    }

    /// Peers ended in one tick at most; each costs a look at all of them.
    private static let endedPerTick = 8

    /// Disconnects those that hold most until the rest is within the budget, and says what that rest holds.
    private func keep(_ use: MemoryUse, within budget: Int) -> Int {
        for _ in 0..<Self.endedPerTick {
            var seen = SharedChunks()
            var held = 0
            var most: (connection: PeerConnection, byteCount: Int)?
            forEachConnection { connection in
                held += connection.byteCount(held: use, counting: &seen)
                let own = connection.byteCount(held: use)
                if own > most?.byteCount ?? 0 { most = (connection, own) }
            }
            guard held > budget, let most else { return held }
            most.connection.giveUp(use, at: loop.now)
        }
        // Looked at again in the next tick.
        return budget + 1
    }
}

extension PeerConnection {
    fileprivate func byteCount(held use: MemoryUse) -> Int {
        switch use {
        case .receiving: decoder.bufferedByteCount
        case .lanes: lane?.byteCount ?? 0
        case .sending: connection?.pendingByteCount ?? 0
        }
    }

    /// Without what was counted before for another peer.
    fileprivate func byteCount(held use: MemoryUse, counting seen: inout SharedChunks) -> Int {
        use == .sending ? connection?.pendingByteCount(countingOnce: &seen) ?? 0 : byteCount(held: use)
    }

    /// Frees what this peer holds.
    fileprivate func giveUp(_ use: MemoryUse, at now: ContinuousClock.Instant) {
        handle(.overBudget(use), at: now)
        // It may have been saying goodbye.
        connection?.close()
        decoder = FrameDecoder(magic: core.magic)
        lane?.discardMessages()
        peer.discardUnreadMessages()
    }
}
