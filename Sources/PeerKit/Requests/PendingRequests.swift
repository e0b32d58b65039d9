internal import DequeModule
internal import PeerSession
internal import PeerWire

/// The requests that one peer has not answered yet. On the loop; only a peer that is asked has this.
///
/// Each kind is found by what its answer says, so that a message costs the same however many are pending.
final class PendingRequests {
    private struct Entry {
        let deadline: ContinuousClock.Instant
        let request: any PendingRequest
    }

    private var entries: [UInt64: Entry] = [:]
    /// By nonce.
    var pings: [UInt64: PingRequest] = [:]
    /// In the order they began; all but the first wait for their turn.
    var headers: Deque<HeadersRequest> = []
    /// In the order they began.
    var blockTransactions: [BlockTransactionsRequest] = []
    /// Those for one thing, by what it is.
    var singles: [InventoryVector: [DataRequest]] = [:]
    /// Those for many things.
    var batches: [DataRequest] = []
    /// The kinds that may be answers. Those of a request that is over may stay as long as others are pending.
    private(set) var kinds: UInt64 = 0
    /// No later than the earliest deadline of all.
    private(set) var nextDeadline: ContinuousClock.Instant?
    /// The `getheaders` that is not answered yet, also when nobody waits for its answer any more: it will come, and
    /// must not be taken for another's.
    private var headersOnWire: GetHeadersMessage?

    var isEmpty: Bool { entries.isEmpty && headersOnWire == nil }

    func add(_ request: any PendingRequest, id: UInt64, deadline: ContinuousClock.Instant) {
        request.id = id
        entries[id] = Entry(deadline: deadline, request: request)
        request.join(self)
        kinds |= request.kinds
        nextDeadline = min(nextDeadline ?? deadline, deadline)
    }

    /// Drops a request that is over.
    func remove(_ id: UInt64) {
        entries.removeValue(forKey: id)?.request.leave(self)
    }

    /// Ends what is due.
    func expire(at now: ContinuousClock.Instant) {
        guard let due = nextDeadline, due <= now else { return }
        for (id, entry) in entries where entry.deadline <= now || entry.request.isOver {
            entry.request.fail(.timedOut)
            remove(id)
        }
        nextDeadline = entries.values.lazy.map(\.deadline).min()
    }

    func fail(_ error: RequestError) {
        for entry in entries.values { entry.request.fail(error) }
        entries = [:]
    }
}

// MARK: - Answers

extension PendingRequests {
    /// Gives a message to whom it answers.
    func take(_ message: Message, genesis: Hash256, at now: ContinuousClock.Instant) {
        switch message {
        case .pong(let nonce):
            guard let request = pings[nonce] else { return }
            request.answer(at: now)
            remove(request.id)
        case .headers(let headers):
            take(headers.headers, genesis: genesis)
        case .blockTransactions(let transactions):
            guard let request = blockTransactions.first(where: { $0.take(transactions) }) else { return }
            remove(request.id)
        case .block(let block):
            for request in blockTransactions where request.take(block) { remove(request.id) }
            finish(.block(block.hash()), .found(message))
            finish(InventoryVector(kind: .compactBlock, hash: block.hash()), .found(message))
        case .merkleBlock(let block):
            finish(InventoryVector(kind: .filteredBlock, hash: block.header.hash()), .found(message))
        case .compactBlock(let block):
            finish(InventoryVector(kind: .compactBlock, hash: block.header.hash()), .found(message))
        case .transaction(let transaction):
            finish(.transaction(transaction.hash()), .found(message))
        case .doubleSpendProof(let proof):
            finish(InventoryVector(kind: .doubleSpendProof, hash: proof.id), .found(message))
        case .notFound(let list):
            for item in list.items { finish(item, .notFound) }
        default:
            break
        }
    }

    /// Whoever asked for it has it, each of them.
    private func finish(_ item: InventoryVector, _ result: RequestedItem) {
        for request in singles[item] ?? [] where request.finish(item, result) { remove(request.id) }
        for request in batches where request.finish(item, result) { remove(request.id) }
    }
}

// MARK: - Headers

extension PendingRequests {
    private func take(_ list: [BlockHeader], genesis: Hash256) {
        guard let message = headersOnWire, message.isAnswered(by: list, genesis: genesis) else { return }
        headersOnWire = nil
        guard let request = headers.first(where: \.isOnWire) else { return }
        request.answer(list)
        remove(request.id)
    }

    /// The `getheaders` to send now, if it is time for one. One that repeats the last, which nobody waits for any more,
    /// gets its answer.
    func nextHeaders() -> HeadersRequest? {
        guard let next = headers.first(where: { !$0.isOver }), !next.isOnWire else { return nil }
        if let headersOnWire {
            next.isOnWire = headersOnWire == next.message && headers.first === next
            return nil
        }
        next.isOnWire = true
        headersOnWire = next.message
        return next
    }

    /// The `getheaders` on the wire was not sent after all.
    func failHeadersOnWire(_ error: RequestError) {
        headersOnWire = nil
        guard let request = headers.first(where: \.isOnWire) else { return }
        request.fail(error)
        remove(request.id)
    }
}
