internal import PeerLoop

/// A listening address of a node.
public struct PeerServer: Sendable {
    /// The address, with the port the system chose when 0 was asked for.
    public let address: SocketAddress
    let core: NodeCore
    let id: ConnectionID

    /// Accepts no more peers here; those accepted stay.
    public func stop() {
        let id = id
        core.mailbox.post(.perform { $0.stopListening(id) })
    }
}

extension NodeLoop {
    func listen(on address: SocketAddress) throws(SystemError) -> PeerServer {
        let listener = try loop.listen(on: address, handler: self)
        return PeerServer(address: listener.address, core: core, id: listener.id)
    }

    func stopListening(_ id: ConnectionID) {
        if let listener = loop.listener(id) { loop.close(listener) }
    }
}
