/// Messages that are made here from their parts, besides ``Peer/pushAddresses(_:)``.
extension Peer {
    /// Asks for the hashes of the blocks after those that the locator names, up to `stop`; zero for as many as the peer
    /// gives. The same question twice in a row, while the first is not answered, goes out once.
    ///
    /// ``/PeerWire/BlockLocator`` makes locators. One of over 500 hashes is refused. Never waits; any thread.
    @discardableResult
    public func pushGetBlocks(locator: [Hash256], stop: Hash256 = .zero) -> QueueOutcome {
        queue(.getBlocks(locator: locator, stop: stop))
    }

    /// Asks for the headers of the blocks after those that the locator names, up to `stop`; zero for as many as the
    /// peer gives. The same question twice in a row, while the first is not answered, goes out once.
    ///
    /// ``/PeerWire/BlockLocator`` makes locators. One of over 500 hashes is refused. Never waits; any thread.
    @discardableResult
    public func pushGetHeaders(locator: [Hash256], stop: Hash256 = .zero) -> QueueOutcome {
        queue(.getHeaders(locator: locator, stop: stop))
    }

    /// Tells the peer that a message of its was not accepted. Never waits; any thread.
    ///
    /// Refused with ``SendError/encoding(_:)`` when the peer's protocol version is below 70002, which has no `reject`,
    /// and when the reason is over 4,096 bytes; common nodes read 111 of them. Before the handshake is done it is held.
    ///
    /// - Parameters:
    ///   - command: The command of the message.
    ///   - code: Why, as a code.
    ///   - reason: Why, in words.
    ///   - hash: Which transaction or block. Sent for a `tx` or `block` alone; zero is sent when it is missing there.
    @discardableResult
    public func pushReject(
        of command: Command, _ code: RejectCode, reason: String, hash: Hash256? = nil
    ) -> QueueOutcome {
        queue(Self.reject(command, code, reason, hash))
    }

    /// Tells the peer that a message of its was not accepted, and returns once the kernel has that: for a goodbye. As
    /// ``pushReject(of:_:reason:hash:)`` in all else. Throws ``SendError``.
    public func sendReject(
        of command: Command, _ code: RejectCode, reason: String, hash: Hash256? = nil
    ) async throws(SendError) {
        try await send(Self.reject(command, code, reason, hash))
    }

    private static func reject(_ command: Command, _ code: RejectCode, _ reason: String, _ hash: Hash256?) -> Message {
        // A reader takes the hash to be there for these two, and for no other.
        let hasHash = command == .transaction || command == .block
        return .reject(command, code, reason: reason, hash: hasHash ? hash ?? .zero : nil)
    }
}
