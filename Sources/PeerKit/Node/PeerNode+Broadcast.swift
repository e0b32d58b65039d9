internal import PeerLoop
internal import PeerSession
internal import PeerWire

/// What became of a broadcast.
public struct BroadcastOutcome: Sendable {
    /// A peer that did not get the message.
    public struct Refusal: Sendable, Hashable {
        /// The peer.
        public let peer: Peer
        /// Why: ``SendError/queueFull`` where too much waits for it already.
        public let error: SendError

        /// A refusal.
        public init(peer: Peer, error: SendError) {
            self.peer = peer
            self.error = error
        }
    }

    /// Peers that the message was queued for.
    public var takenCount = 0
    /// Peers that it was not queued for.
    public var refused: [Refusal] = []
}

extension PeerNode {
    /// Queues a message for every peer whose handshake is done, as ``Peer/queue(_:)-(Message)`` does for one. It is
    /// encoded on this thread, crosses to the loop once, and all peers share its bytes; only for peers of versions at
    /// which it has other bytes is it encoded again, once for each such range of versions. A peer for which too much
    /// waits is skipped. Never waits; what this thread queued before goes first.
    ///
    /// The completion is called once, on a worker thread, when every peer has it in its queue or was skipped; of a node
    /// that is shut down it tells of no peer.
    public func broadcast(_ message: Message, completion: (@Sendable (BroadcastOutcome) -> Void)? = nil) {
        broadcast(Broadcast(message, core), completion)
    }

    /// As ``broadcast(_:completion:)-(Message,_)`` for a message that was encoded before. Peers at whose version it has
    /// other bytes are refused, and all are where it is of another network.
    public func broadcast(_ message: EncodedMessage, completion: (@Sendable (BroadcastOutcome) -> Void)? = nil) {
        broadcast(Broadcast(message), completion)
    }

    /// Queues a message for every peer, and returns when it is in their queues: which peers have it there and which
    /// were skipped. See ``broadcast(_:completion:)-(Message,_)``. A task that is cancelled hears of no peers; the
    /// message goes out all the same.
    public func outcome(ofBroadcasting message: Message) async -> BroadcastOutcome {
        await outcome(of: Broadcast(message, core))
    }

    /// As ``outcome(ofBroadcasting:)-(Message)`` for a message that was encoded before.
    public func outcome(ofBroadcasting message: EncodedMessage) async -> BroadcastOutcome {
        await outcome(of: Broadcast(message))
    }

    private func outcome(of message: Broadcast) async -> BroadcastOutcome {
        if Task.isCancelled {
            broadcast(message, nil)
            return BroadcastOutcome()
        }
        let answer = Answer<BroadcastOutcome>()
        broadcast(message) { answer.give($0) }
        return await answer.value(whenCancelled: BroadcastOutcome())
    }

    private func broadcast(_ message: Broadcast, _ completion: (@Sendable (BroadcastOutcome) -> Void)?) {
        let pool = core.pool
        let isTaken = core.mailbox.post(
            .perform { node in
                let outcome = node.broadcast(message)
                if let completion { pool.perform { completion(outcome) } }
            })
        if !isTaken, let completion { pool.perform { completion(BroadcastOutcome()) } }
    }
}

/// A message on its way to every peer, with what was encoded of it.
private struct Broadcast: Sendable {
    /// `nil` where it is sent as it was encoded, or not at all.
    private let message: Message?
    private var encoded: [Result<EncodedMessage, EncodeError>] = []
    private var versions: [ClosedRange<ProtocolVersion>] = []

    init(_ message: EncodedMessage) {
        self.message = nil
        encoded = [.success(message)]
        versions = [message.protocolVersions]
    }

    /// Encoded for the version this node offers, which most peers speak.
    init(_ message: Message, _ core: NodeCore) {
        self.message = message
        encode(message, core.session.protocolVersion, core)
    }

    private mutating func encode(_ message: Message, _ version: ProtocolVersion, _ core: NodeCore) {
        versions.append(message.versions(encodedAsAt: version))
        encoded.append(
            Result { () throws(EncodeError) in
                try EncodedMessage(
                    message, network: core.configuration.network, protocolVersion: version, limits: core.limits)
            })
    }

    /// What a peer of that version gets.
    mutating func encoded(for version: ProtocolVersion, _ core: NodeCore) throws(SendError) -> EncodedMessage {
        var place = versions.firstIndex { $0.contains(version) }
        if place == nil, let message {
            // The messages that differ by version are short.
            encode(message, version, core)
            place = versions.count - 1
        }
        switch encoded[place ?? 0] {
        case .failure(let error): throw .encoding(error)
        case .success(let bytes):
            if let problem = bytes.problem(magic: core.magic, version: version) { throw problem }
            return bytes
        }
    }
}

extension NodeLoop {
    fileprivate func broadcast(_ message: Broadcast) -> BroadcastOutcome {
        var message = message
        var outcome = BroadcastOutcome()
        forEachConnection { connection in
            guard connection.session.isEstablished else { return }
            do throws(SendError) {
                try connection.queue(try message.encoded(for: connection.session.negotiatedVersion, core))
                outcome.takenCount += 1
            } catch {
                outcome.refused.append(BroadcastOutcome.Refusal(peer: connection.peer, error: error))
            }
        }
        return outcome
    }
}

extension PeerConnection {
    /// Queues a message on the loop, as other threads do with ``Peer/queue(_:)-(EncodedMessage)``.
    fileprivate func queue(_ message: EncodedMessage) throws(SendError) {
        guard closeReason == nil else { throw .disconnected }
        guard peer.reserve(message.bytes.count, cap: core.configuration.sendQueueByteCap) else { throw .queueFull }
        if message.facts.needsDecision {
            request(message.facts, message.bytes, completion: nil)
        } else {
            send(message.bytes)
            noteQueued(node.loop.now)
        }
    }
}
