internal import PeerSession
internal import PeerWire

/// The requests that one peer has not answered yet. On the loop; only a peer that is asked has this.
final class PendingRequests {
    private struct Entry {
        let id: UInt64
        let deadline: ContinuousClock.Instant
        let request: any PendingRequest
    }

    /// In the order they began.
    private var entries: [Entry] = []
    /// The kinds that may be answers. Those of a request that is over may stay as long as others are pending.
    private(set) var kinds: UInt64 = 0
    /// No later than the earliest deadline of all.
    private(set) var nextDeadline: ContinuousClock.Instant?
    /// The `getheaders` that is not answered yet, also when nobody waits for its answer any more: it will come, and
    /// must not be taken for another's.
    private(set) var headersOnWire: GetHeadersMessage?

    var isEmpty: Bool { entries.isEmpty && headersOnWire == nil }

    func add(_ request: any PendingRequest, id: UInt64, deadline: ContinuousClock.Instant) {
        entries.append(Entry(id: id, deadline: deadline, request: request))
        kinds |= request.kinds
        nextDeadline = min(nextDeadline ?? deadline, deadline)
    }

    /// Drops a request that nobody waits for any more.
    func forget(_ id: UInt64) {
        entries.removeAll { $0.id == id }
    }

    /// Ends what is due.
    func expire(at now: ContinuousClock.Instant) {
        guard let due = nextDeadline, due <= now else { return }
        entries.removeAll { entry in
            if entry.deadline > now, !entry.request.isOver { return false }
            entry.request.fail(.timedOut)
            return true
        }
        nextDeadline = entries.map(\.deadline).min()
    }

    func fail(_ error: RequestError) {
        for entry in entries { entry.request.fail(error) }
        entries = []
        headersOnWire = nil
    }

    /// Gives a message to whom it answers.
    func take(_ message: Message, genesis: Hash256, at now: ContinuousClock.Instant) {
        guard let kind = message.kind, kinds & kind.bit != 0 else { return }
        if case .headers(let headers) = message {
            guard let request = headersOnWire, request.isAnswered(by: headers.headers, genesis: genesis) else { return }
            headersOnWire = nil
        }
        // A block may be awaited by many; a `blocktxn` answers one request for it.
        var isAnswered = false
        entries.removeAll { entry in
            if isAnswered, kind == .blockTransactions { return false }
            guard entry.request.take(message, at: now) else { return false }
            isAnswered = true
            return true
        }
    }

    /// The `getheaders` to send now, if it is time for one. One that repeats the last, which nobody waits for any more,
    /// gets its answer.
    func nextHeaders() -> HeadersRequest? {
        let waiting = entries.lazy.compactMap { $0.request as? HeadersRequest }.first { !$0.isOver }
        guard let next = waiting, !next.isOnWire else { return nil }
        if let onWire = headersOnWire {
            next.isOnWire = onWire == next.message
            return nil
        }
        next.isOnWire = true
        headersOnWire = next.message
        return next
    }

    /// The `getheaders` on the wire was not sent after all.
    func failHeadersOnWire(_ error: RequestError) {
        headersOnWire = nil
        entries.removeAll { entry in
            guard let request = entry.request as? HeadersRequest, request.isOnWire else { return false }
            request.fail(error)
            return true
        }
    }
}
