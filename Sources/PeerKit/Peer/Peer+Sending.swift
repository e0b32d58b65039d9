internal import PeerLoop
internal import PeerSession
internal import Synchronization

/// Why a message was not sent.
public enum SendError: Error, Hashable, Sendable {
    /// The peer was gone before the kernel had taken the message.
    case disconnected
    /// More than ``PeerConfiguration/sendQueueByteCap`` bytes would wait, or before the handshake more than
    /// ``PeerConfiguration/heldByteCap``.
    case queueFull
    /// An ``EncodedMessage`` was queued before the handshake was done: it may be of a version the peer does not speak.
    case notConnectedYet
    /// The message cannot be encoded for this peer.
    case encoding(EncodeError)
    /// An ``EncodedMessage`` is of this network and the peer of another.
    case otherNetwork(Network)
    /// An ``EncodedMessage`` has other bytes, or does not exist, at this version, which the peer speaks.
    case otherVersion(ProtocolVersion)
    /// The task that sent it was cancelled. It may still go out.
    case cancelled
}

extension SendError: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .disconnected: "not sent: the peer is gone"
        case .notConnectedYet: "not sent: the handshake is not done"
        case .queueFull: "not sent: too much waits for this peer already"
        case .encoding(let error): "not sent: \(error)"
        case .otherNetwork(let network): "not sent: it was encoded for \(network)"
        case .otherVersion(let version): "not sent: it was encoded for other protocol versions than \(version)"
        case .cancelled: "cancelled: the message may be sent or not"
        }
    }
}

/// What became of a message given to ``Peer/queue(_:)-(Message)``.
public enum QueueOutcome: Hashable, Sendable {
    /// It is on its way. It is lost only if the connection ends first, or if it waits for the handshake and turns out
    /// to be of a version that the peer does not speak. ``MessageListeners/onWrite`` tells of either, and so do
    /// ``Peer/queue(_:completion:)-(Message,_)`` and ``Peer/send(_:)-(Message)``.
    case queued
    /// It was not taken.
    case refused(SendError)
}

extension Peer {
    /// Queues a message. Never waits; refuses when too much waits already. Before the handshake is done messages are
    /// held, and sent after it. A `getblocks` or `getheaders` that repeats the one before it, while that is not
    /// answered, is not sent and counts as sent. Any thread; the messages of one thread keep their order.
    @discardableResult
    public func queue(_ message: Message) -> QueueOutcome {
        enqueue(message, completion: nil)
    }

    /// Sends a message and returns once the kernel has all of it. Throws ``SendError`` when it never will.
    ///
    /// A task that is cancelled waits no longer and gets ``SendError/cancelled``; what it had queued may still be sent.
    public func send(_ message: Message) async throws(SendError) {
        try await sending { enqueue(message, completion: $0) }
    }

    /// Ends the connection: what is queued is sent first. ``MessageListeners/onDisconnect`` tells when it is over.
    public func disconnect() {
        core.mailbox.post(.disconnect(self))
    }

    typealias Completion = @Sendable (Result<Void, SendError>) -> Void

    /// Waits for the completion of what `enqueue` queues.
    func sending(_ enqueue: (@escaping Completion) -> QueueOutcome) async throws(SendError) {
        if Task.isCancelled { throw .cancelled }
        let answer = Answer<Result<Void, SendError>>()
        if case .refused(let error) = enqueue({ answer.give($0) }) { throw error }
        try await answer.value(whenCancelled: .failure(.cancelled)).get()
    }

    /// The completion is called once, unless the outcome is a refusal.
    func enqueue(_ message: Message, completion: Completion?) -> QueueOutcome {
        switch currentState {
        case .gone:
            return .refused(.disconnected)
        case .handshaking:
            return hold(message, completion: completion)
        case .established:
            do throws(EncodeError) {
                let frame = try core.encode(message, for: self)
                return enqueue(frame: frame, MessageFacts(message), completion: completion)
            } catch {
                return .refused(.encoding(error))
            }
        }
    }

    /// The version to encode for is not known yet, so the loop keeps the message; what no version can send is refused
    /// here, where the caller hears of it.
    private func hold(_ message: Message, completion: Completion?) -> QueueOutcome {
        let byteCount: Int
        do throws(EncodeError) {
            byteCount = try core.encode(message, for: self).count
        } catch {
            return .refused(.encoding(error))
        }
        guard reserve(byteCount, cap: core.configuration.heldByteCap) else { return .refused(.queueFull) }
        guard core.mailbox.post(.hold(self, message, reservedBytes: byteCount, completion)) else {
            release(byteCount)
            return .refused(.disconnected)
        }
        return .queued
    }

    func enqueue(frame: [UInt8], _ facts: MessageFacts, completion: Completion?) -> QueueOutcome {
        guard reserve(frame.count, cap: core.configuration.sendQueueByteCap) else { return .refused(.queueFull) }
        let command: NodeCommand =
            facts.needsDecision ? .request(self, facts, frame, completion) : .send(self, frame, completion)
        guard core.mailbox.post(command) else {
            release(frame.count)
            return .refused(.disconnected)
        }
        return .queued
    }

    /// Counts bytes against the cap before they are handed over. An empty queue takes one message of any size.
    func reserve(_ byteCount: Int, cap: Int) -> Bool {
        let before = queuedByteCount.wrappingAdd(byteCount, ordering: .relaxed).oldValue
        if before > 0, before + byteCount > cap {
            release(byteCount)
            return false
        }
        if before + byteCount > core.configuration.sendQueueHighMark { owesWritable.store(true, ordering: .releasing) }
        return true
    }

    /// Counts bytes that the loop itself queues, which no cap refuses.
    func countFromLoop(_ byteCount: Int) {
        let before = queuedByteCount.wrappingAdd(byteCount, ordering: .relaxed).oldValue
        if before + byteCount > core.configuration.sendQueueHighMark { owesWritable.store(true, ordering: .releasing) }
    }

    func release(_ byteCount: Int) {
        // Ordered with ``owesWritable``: either the loop sees that it is owed, or ``isWritable`` sees fewer bytes.
        queuedByteCount.wrappingSubtract(byteCount, ordering: .sequentiallyConsistent)
    }
}
