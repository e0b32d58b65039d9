public import PeerLoop
internal import PeerSession
internal import Synchronization

/// Peers whose connection the application makes itself.
extension Peer {
    /// A peer that connected to the application, without a connection as yet: give it one with ``attach(_:)`` or
    /// ``attach(adopting:)`` within ``PeerConfiguration/connectTimeout``, or it ends with
    /// ``/PeerSession/DisconnectReason/connectTimedOut``.
    ///
    /// It counts as an inbound peer of the node at once; beyond a limit of those it ends with
    /// ``/PeerSession/DisconnectReason/tooManyPeers``. Messages may be queued before it is attached: they are held as
    /// before the handshake. It ends with its node. Of a peer that ends before it is attached
    /// ``MessageListeners/onDisconnect`` does not tell; ``handshaken()`` does. Any thread; never waits.
    ///
    /// The address is that of the other side; ``/PeerLoop/SocketAddress/unspecified``, which no limit by address
    /// counts, where there is none.
    public convenience init(inbound node: PeerNode, from address: SocketAddress = .unspecified) {
        self.init(unattached: node.core, address, .inbound)
    }

    /// A peer that the application connects to, without a connection as yet; see ``init(inbound:from:)``, without the
    /// limits.
    ///
    /// The address is that of the other side, which the node's `version` repeats to it.
    public convenience init(outbound node: PeerNode, to address: SocketAddress = .unspecified) {
        self.init(unattached: node.core, address, .outbound)
    }

    private convenience init(unattached core: NodeCore, _ address: SocketAddress, _ direction: Direction) {
        self.init(id: core.nextPeerID(), address: address, direction: direction, core: core)
        state.store(PeerState.unattached, ordering: .relaxed)
        // First in the mailbox of all that is ever asked about it.
        if !core.mailbox.post(.perform { $0.join(self) }) { endWithoutNode() }
    }

    /// Runs the peer on this transport; the handshake begins. True when it is the peer's first one. False when there
    /// was one before, or the peer is over: nothing changes then, and the transport is closed.
    ///
    /// The peer owns the transport, also when it is refused. Any thread; never waits.
    @discardableResult
    public func attach(_ transport: some ByteTransport) -> Bool {
        guard claimsConnection(), core.mailbox.post(.perform { $0.attach(transport, to: self) }) else {
            transport.close()
            return false
        }
        return true
    }

    /// Runs the peer on a connected stream socket, TCP or Unix, that was made elsewhere, by its descriptor. True and
    /// false as for ``attach(_:)``.
    ///
    /// The descriptor is the peer's from here on and is closed in any case, unless the number names no open descriptor
    /// at all. Throws ``/PeerLoop/SystemError`` for one that cannot be, as ``/PeerLoop/AdoptedSocket`` says; the peer
    /// is then as it was. Any thread; never waits.
    @discardableResult
    public func attach(adopting descriptor: Int32) throws(SystemError) -> Bool {
        let socket = try AdoptedSocket(descriptor: descriptor)
        return claimsConnection() && core.mailbox.post(.perform { $0.attach(socket, to: self) })
    }

    /// Returns once the handshake is done, at once when it is.
    ///
    /// Throws ``NodeError``: the peer ended before it, or has ended since (``NodeError/connectFailed(_:_:)``), the node
    /// was shut down, or the task was cancelled, which ends the wait and nothing else.
    public func handshaken() async throws(NodeError) {
        let answer = Answer<Result<Void, NodeError>>()
        if !core.mailbox.post(.perform { $0.tell(answer, ofHandshakeOf: self) }) { answer.give(.failure(.shutDown)) }
        try await answer.value(whenCancelled: .failure(.cancelled)).get()
    }

    /// Nobody has brought a connection yet, nor has it ended.
    fileprivate var isUnattached: Bool { state.load(ordering: .acquiring) == PeerState.unattached }

    private func claimsConnection() -> Bool {
        state.compareExchange(
            expected: PeerState.unattached, desired: PeerState.handshaking.rawValue, ordering: .acquiringAndReleasing
        ).exchanged
    }

    /// The node is gone, and nobody else knows of the peer yet.
    private func endWithoutNode() {
        state.store(PeerState.gone.rawValue, ordering: .releasing)
        let extras = madeExtras
        extras.state.withLock { $0.reason = .shutDown }
        extras.deliveredEnd()
    }

    fileprivate func failure(_ reason: DisconnectReason) -> NodeError {
        reason == .shutDown ? .shutDown : .connectFailed(address, reason)
    }
}

extension NodeLoop {
    /// Keeps a peer that the application made, for as long as a connect may take.
    fileprivate func join(_ peer: Peer) {
        let isAdmitted = peer.direction == .outbound || admits(peer.address)
        if peer.direction == .inbound { countInbound(peer.address) }
        let connection = take(peer)
        if isShuttingDown || !isAdmitted {
            connection.handle(.transportClosed(isShuttingDown ? .shutDown : .tooManyPeers), at: loop.now)
            endUnattached(connection)
            return
        }
        loop.schedule(after: core.configuration.connectTimeout) { [weak self, weak connection] loop in
            // Not what the loop knows: it may have yet to hear of a connection that was given in time.
            guard let self, let connection, connection.peer.isUnattached else { return }
            connection.handle(.transportClosed(.connectTimedOut), at: loop.now)
            endUnattached(connection)
        }
    }

    /// Says the last word of a peer that was closed while it had no connection to say it.
    func endUnattached(_ connection: PeerConnection) {
        let isKept = self.connection(of: connection.peer) === connection
        if isKept, connection.connection == nil, connection.closeReason != nil { connection.end() }
    }

    fileprivate func attach(_ transport: some ByteTransport, to peer: Peer) {
        guard let connection = connection(of: peer) else { return transport.close() }
        connection.connection = loop.attach(
            transport, remoteAddress: peer.address, isInbound: peer.direction == .inbound, handler: connection)
    }

    fileprivate func attach(_ socket: AdoptedSocket, to peer: Peer) {
        guard let connection = connection(of: peer) else { return }
        do throws(SystemError) {
            connection.connection = try loop.adopt(
                socket, remoteAddress: peer.address, isInbound: peer.direction == .inbound, handler: connection)
        } catch {
            connection.failToConnect(error)
        }
    }

    fileprivate func tell(_ answer: Answer<Result<Void, NodeError>>, ofHandshakeOf peer: Peer) {
        guard let connection = connection(of: peer), connection.closeReason == nil else {
            let reason = connection(of: peer)?.closeReason ?? peer.extras.load()?.state.withLock { $0.reason }
            answer.give(.failure(peer.failure(reason ?? .requested)))
            return
        }
        if peer.isConnected {
            answer.give(.success(()))
            return
        }
        let isFirst = peer.madeExtras.state.withLock { state in
            let isFirst = state.handshakeWaiters.isEmpty
            // Those that were cancelled wait no longer.
            state.handshakeWaiters.removeAll(where: \.isGiven)
            state.handshakeWaiters.append(answer)
            return isFirst
        }
        guard isFirst else { return }
        let earlier = connection.onOutcome
        connection.onOutcome = { result in
            earlier?(result)
            peer.tellHandshakeWaiters(result)
        }
    }
}

extension Peer {
    fileprivate func tellHandshakeWaiters(_ result: Result<Peer, DisconnectReason>) {
        let waiters = madeExtras.state.withLock { state in
            let waiters = state.handshakeWaiters
            state.handshakeWaiters = []
            return waiters
        }
        for waiter in waiters { waiter.give(result.map { _ in }.mapError { failure($0) }) }
    }
}
