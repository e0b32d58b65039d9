internal import PeerLoop
internal import PeerSession
internal import PeerWire

extension PeerConnection {
    /// Keeps a request until it is answered. What is to be sent for it comes after this, or here in its turn.
    func begin(_ request: any PendingRequest, id: UInt64, deadline: ContinuousClock.Instant) {
        if let closeReason { return request.fail(.disconnected(closeReason)) }
        let pending = requests ?? PendingRequests()
        requests = pending
        pending.add(request, id: id, deadline: deadline)
        updateHeardKinds()
        sendHeadersRequest()
        if wasOpened { settle(node.loop.now) } else { expireUnopened(request, deadline) }
    }

    /// The timer of a connection comes with its opening.
    private func expireUnopened(_ request: any PendingRequest, _ deadline: ContinuousClock.Instant) {
        node.loop.schedule(after: node.loop.now.duration(to: deadline)) { [weak self, weak request] loop in
            if let self, request != nil { expireRequests(at: loop.now) }
        }
    }

    /// Passes a message to the requests it may answer.
    func answerRequests(_ pending: PendingRequests, with message: Message) {
        guard let kind = message.kind, pending.kinds & kind.bit != 0 else { return }
        pending.take(message, genesis: core.configuration.network.genesisHash, at: node.loop.now)
        sendHeadersRequest()
        dropRequestsIfNone()
    }

    func forgetRequest(_ id: UInt64) {
        requests?.remove(id)
        sendHeadersRequest()
        dropRequestsIfNone()
    }

    func expireRequests(at now: ContinuousClock.Instant) {
        guard let requests else { return }
        requests.expire(at: now)
        sendHeadersRequest()
        dropRequestsIfNone()
    }

    /// Nothing is answered from here on.
    func endRequests(_ reason: DisconnectReason) {
        requests?.fail(.disconnected(reason))
        requests = nil
    }

    /// Sends the next `getheaders` when the last one is answered.
    private func sendHeadersRequest() {
        while let request = requests?.nextHeaders() {
            let outcome = peer.enqueue(.getHeaders(request.message)) { [peer] result in
                guard case .failure(let error) = result else { return }
                peer.core.mailbox.post(.perform { $0.connection(of: peer)?.headersNotSent(error) })
            }
            guard case .refused(let error) = outcome else { return }
            requests?.failHeadersOnWire(peer.requestError(error))
        }
    }

    /// It was held until the handshake was done, and the peer turned out not to know such requests.
    private func headersNotSent(_ error: SendError) {
        requests?.failHeadersOnWire(peer.requestError(error))
        sendHeadersRequest()
        dropRequestsIfNone()
    }

    private func dropRequestsIfNone() {
        guard let requests, requests.isEmpty else { return }
        self.requests = nil
        updateHeardKinds()
    }
}

extension PeerExtras {
    /// Counts a request and gives it a number; `nil` when too many are pending.
    func admitRequest(atMost limit: Int) -> UInt64? {
        state.withLock { state in
            guard state.pendingRequestCount < limit else { return nil }
            state.pendingRequestCount += 1
            state.lastRequestID += 1
            return state.lastRequestID
        }
    }

    func releaseRequest() { state.withLock { $0.pendingRequestCount -= 1 } }

    /// Why the connection ended, `nil` until it has.
    var reason: DisconnectReason? { state.withLock { $0.reason } }
}
