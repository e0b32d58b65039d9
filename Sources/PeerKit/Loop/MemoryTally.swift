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
        if laneMemory.mayBeOver { laneMemory.settle(held: keepLanes()) }
        if sendingMemory.mayBeOver { sendingMemory.settle(held: keep(.sending, within: sendingMemory.budget)) }
    }

    /// Peers ended in one tick at most; each costs a look at all of them.
    private static let endedPerTick = 8

    /// Drops what peers that are gone had sent before it disconnects others.
    private func keepLanes() -> Int {
        var held = 0
        forEachConnection { held += $0.byteCount(held: .lanes) }
        held += departedLanes.keep(within: laneMemory.budget - held)
        return held > laneMemory.budget ? keep(.lanes, within: laneMemory.budget) : held
    }

    /// What a peer that is gone has sent still waits for its listeners.
    func noteLane(of connection: PeerConnection) {
        if let lane = connection.lane, lane.byteCount > 0 { departedLanes.add(lane, of: connection.peer) }
    }

    /// Disconnects those that hold most until the rest is within the budget, and says what that rest holds.
    private func keep(_ use: MemoryUse, within budget: Int) -> Int {
        // What they hold is free at the end of the tick only.
        var ended: [Peer] = []
        for _ in 0..<Self.endedPerTick {
            var chunks = SharedChunks()
            var held = 0
            forEachConnection { connection in
                if !ended.contains(connection.peer) { held += connection.byteCount(held: use, counting: &chunks) }
            }
            if held <= budget { return held }
            var most: (connection: PeerConnection, byteCount: Int)?
            forEachConnection { connection in
                if ended.contains(connection.peer) { return }
                let own = connection.byteCount(held: use, sharing: chunks)
                if own > most?.byteCount ?? 0 { most = (connection, own) }
            }
            guard let most else { return held }
            ended.append(most.connection.peer)
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
        case .lanes: postponed.reduce(lane?.byteCount ?? 0) { $0 + $1.frame.length }
        case .sending: connection?.pendingByteCount ?? 0
        }
    }

    /// With its part only of what other peers are sent, too: to end it frees no more.
    fileprivate func byteCount(held use: MemoryUse, sharing chunks: SharedChunks) -> Int {
        use == .sending ? connection?.pendingByteCount(sharing: chunks) ?? 0 : byteCount(held: use)
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

/// The lanes of peers that are gone, as far as messages wait in them. A listener that is slow would otherwise let a
/// peer that comes and goes fill one lane after the other.
struct DepartedLanes {
    /// Keeps alive neither the peer nor its messages.
    private struct Entry {
        weak var peer: Peer?
        weak var lane: Lane<PeerEvent>?
        let meter: LaneMeter

        var byteCount: Int { peer == nil ? 0 : meter.byteCount }
    }

    private var lanes: [Entry] = []
    /// Looked through for empty ones when there are so many.
    private var lookedThroughAt = 64

    mutating func add(_ lane: PeerLane, of peer: Peer) {
        lanes.append(Entry(peer: peer, lane: lane.lane, meter: lane.meter))
        if lanes.count >= lookedThroughAt { forgetEmpty() }
    }

    private mutating func forgetEmpty() {
        lanes.removeAll { $0.byteCount == 0 }
        lookedThroughAt = max(64, lanes.count * 2)
    }

    /// Drops messages of those that hold most until the rest is within the budget, and says what that rest holds. What
    /// a listener is busy with is not counted any more.
    mutating func keep(within budget: Int) -> Int {
        forgetEmpty()
        // Counted once: workers go on meanwhile.
        var waiting = lanes.map { (byteCount: $0.byteCount, entry: $0) }
        waiting.sort { $0.byteCount < $1.byteCount }
        var held = waiting.reduce(0) { $0 + $1.byteCount }
        while held > budget, let (byteCount, entry) = waiting.popLast() {
            held -= byteCount
            if let lane = entry.lane { entry.meter.discardMessages(of: lane) }
            entry.peer?.discardUnreadMessages()
        }
        lanes = waiting.map(\.entry)
        return held
    }
}
