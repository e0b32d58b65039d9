internal import PeerLoop
internal import PeerSession
internal import PeerWire
internal import Synchronization

/// Requests with their answers.
///
/// Each waits at most as long as it is told, and no longer than its task is cancelled or the connection ends. Besides,
/// the node disconnects a peer that does not answer within ``PeerConfiguration/responseTimeouts``. Listeners and
/// ``Peer/messages`` get the answers, too. At most ``PeerConfiguration/maxPendingRequests`` are pending with one peer.
/// Any thread.
extension Peer {
    /// Asks for the headers after the first block of `locator` that the peer has, newest first, up to and with `stop`
    /// where that is not zero, in one answer of at most 2,000; empty when the peer has no more.
    ///
    /// An empty locator asks for the header of `stop` alone. With one peer, one such request is on the wire at a time;
    /// others wait for its answer, also when nobody waits for that any more. A `headers` that announces a block is
    /// taken for an answer only if it follows a block of the locator.
    ///
    /// Throws ``RequestError``.
    public func headers(
        after locator: [Hash256], upTo stop: Hash256 = .zero, within limit: Duration = .seconds(30)
    ) async throws(RequestError) -> [BlockHeader] {
        let message = GetHeadersMessage(locator: locator, stop: stop)
        return try await ask(within: limit) { answer, _ in HeadersRequest(message, answer) }
    }

    /// Asks for a block by its hash. Throws ``RequestError``, `notFound` when the peer does not have it.
    public func block(_ hash: Hash256, within limit: Duration = .seconds(30)) async throws(RequestError) -> Block {
        guard case .found(.block(let block))? = try await data([.block(hash)], within: limit).first else {
            throw .notFound
        }
        return block
    }

    /// Asks for a transaction by its id. Peers give those that are not in a block yet, and some of the newest blocks'.
    /// Throws ``RequestError``, `notFound` when the peer does not have it.
    public func transaction(
        _ id: Hash256, within limit: Duration = .seconds(30)
    ) async throws(RequestError) -> Transaction {
        guard case .found(.transaction(let transaction))? = try await data([.transaction(id)], within: limit).first
        else { throw .notFound }
        return transaction
    }

    /// Asks for many things at once, in one `getdata`: at most ``/PeerWire/WireLimits/maxInventoryCount``. Returns what
    /// became of each, in the order asked for, once all are answered. No peer answers an entry of a kind it does not
    /// know.
    ///
    /// Throws ``RequestError``: `timedOut` when not all were answered; those that were reached the listeners.
    public func data(
        _ items: [InventoryVector], within limit: Duration = .seconds(30)
    ) async throws(RequestError) -> [RequestedItem] {
        if items.isEmpty { return [] }
        let prepared = DataRequest.Items(items)
        return try await ask(.getData(items), within: limit) { answer, _ in DataRequest(prepared, answer) }
    }

    /// Asks for the transactions of a block that a compact block left out. Throws ``RequestError``.
    ///
    /// For an old block some nodes send the whole block; the transactions are then taken from it.
    public func blockTransactions(
        _ request: GetBlockTransactionsMessage, within limit: Duration = .seconds(30)
    ) async throws(RequestError) -> BlockTransactionsMessage {
        try await ask(.getBlockTransactions(request), within: limit) { answer, _ in
            BlockTransactionsRequest(request, answer)
        }
    }

    /// Pings the peer and returns the time until its `pong`. Peers of protocol version 60000 or below do not answer.
    /// Throws ``RequestError``.
    public func ping(within limit: Duration = .seconds(30)) async throws(RequestError) -> Duration {
        let nonce = UInt64.random(in: 1 ... .max)
        return try await ask(.ping(nonce: nonce), within: limit) { PingRequest(nonce, sentAt: $1, $0) }
    }
}

extension Peer {
    /// Begins a request on the loop and waits for its answer. Without a message the loop sends it in its turn.
    private func ask<Value: Sendable>(
        _ message: Message? = nil, within limit: Duration,
        _ make: @escaping @Sendable (RequestAnswer<Value>, ContinuousClock.Instant) -> any PendingRequest
    ) async throws(RequestError) -> Value {
        if Task.isCancelled { throw .cancelled }
        let extras = madeExtras
        guard let id = extras.admitRequest(atMost: core.configuration.maxPendingRequests) else {
            throw .tooManyPending
        }
        defer { extras.releaseRequest() }
        let answer = RequestAnswer<Value>()
        // More than that is no limit, and would be too much for a clock.
        let deadline = ContinuousClock.now + min(max(limit, .zero), .seconds(100 * 365 * 86_400))
        // Before it is sent, so that no answer can come before.
        let isTaken = core.mailbox.post(
            .perform { node in
                if let connection = node.connection(of: self) {
                    connection.begin(make(answer, node.loop.now), id: id, deadline: deadline)
                } else {
                    answer.give(.failure(.disconnected(extras.reason)))
                }
            })
        if !isTaken {
            answer.give(.failure(.disconnected(extras.reason)))
        } else if let message {
            send(message, for: answer)
        }
        return try await answer.value(whenCancelled: .failure(.cancelled)) { self.forgetRequest(id) }.get()
    }

    private func send<Value: Sendable>(_ message: Message, for answer: RequestAnswer<Value>) {
        let fail: @Sendable (SendError) -> Void = { error in
            // The loop, which has the request already, knows why the connection ended.
            if error != .disconnected { answer.give(.failure(.notSent(error))) }
        }
        let outcome = enqueue(message) { result in
            if case .failure(let error) = result { fail(error) }
        }
        if case .refused(let error) = outcome { fail(error) }
    }

    /// What a request that was not sent ends with.
    func requestError(_ error: SendError) -> RequestError {
        error == .disconnected ? .disconnected(extras.load()?.reason) : .notSent(error)
    }

    private func forgetRequest(_ id: UInt64) {
        core.mailbox.post(.perform { $0.connection(of: self)?.forgetRequest(id) })
    }
}
