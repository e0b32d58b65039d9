internal import PeerLoop
internal import PeerSession

/// A connect that a task waits for.
final class ConnectAttempt: Sendable {
    let outcome = Answer<Result<Peer, NodeError>>()
    private let address: SocketAddress
    private let peer = Lock<Peer?>(nil)

    init(_ address: SocketAddress) {
        self.address = address
    }

    func begin(on node: NodeLoop, from source: SocketAddress?, messages: MessageBound?) {
        if outcome.isGiven { return }
        if node.isShuttingDown {
            outcome.give(.failure(.shutDown))
            return
        }
        let connection = node.connect(to: address, from: source) { [outcome, address] result in
            outcome.give(result.mapError { .connectFailed(address, $0) })
        }
        // Nothing has been received yet.
        if let messages {
            connection.peer.keepMessages(messages)
            connection.updateHeardKinds()
        }
        peer.withLock { $0 = connection.peer }
    }

    /// Ends it at whatever point it is; the handshake may have been done before the loop heard of it.
    func abandon(on node: NodeLoop) {
        guard let peer = peer.withLock({ $0 }), let connection = node.connection(of: peer) else { return }
        connection.handle(.disconnectRequested, at: node.loop.now)
        connection.connection?.close()
    }
}
