internal import PeerLoop
internal import PeerSession
internal import Synchronization

/// The messages of one peer, in order: the same that its listeners get, after them. See ``Peer/messages``.
///
/// It ends when the connection has, after the last message. The peer is slowed down to the pace of the reader: while
/// as many messages wait as ``PeerConfiguration/laneMessageLimit`` or ``PeerConfiguration/laneByteLimit`` say, or
/// ``MessageBound``, its socket is not read. No thread and no task waits meanwhile.
///
/// When the last copy of the sequence and its iterators is dropped, what waits is discarded and the peer is read on.
public struct PeerMessages: AsyncSequence, Sendable {
    /// Reads one message after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let subscription: MessageSubscription

        /// The next message; `nil` after the last one, and when the task is cancelled, which loses no message.
        public mutating func next() async -> Message? { await subscription.next() }

        /// The next message, as ``next()``.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> Message? {
            await subscription.next()
        }
    }

    let subscription: MessageSubscription

    /// An iterator that goes on where the last one stopped. Several at once share the messages: each goes to one.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(subscription: subscription) }
}

/// How many messages may wait for ``Peer/messages`` before their peer is no longer read.
public struct MessageBound: Sendable, Hashable {
    let count: Int

    /// This many messages, at least 1. One read's worth of messages (64 KiB of them) may come on top.
    public static func bounded(_ count: Int) -> MessageBound { MessageBound(count: count) }
}

/// What the copies of a ``PeerMessages`` and their iterators share. With the last of them it ends.
final class MessageSubscription: Sendable {
    private let peer: Peer
    private let stream: MessageStream

    init(_ stream: MessageStream, of peer: Peer) {
        self.stream = stream
        self.peer = peer
    }

    deinit {
        if stream.close() { peer.core.mailbox.post(.resume(peer)) }
        peer.extras.load()?.forget(stream)
        peer.updateHeardKinds()
    }

    func next() async -> Message? {
        if Task.isCancelled { return nil }
        switch stream.next() {
        case .message(let message, let resumes):
            if resumes { peer.core.mailbox.post(.resume(peer)) }
            return message
        case .end:
            return nil
        case .wait(let reader):
            return await reader.value(whenCancelled: nil) { self.stream.forget(reader) }
        }
    }
}
