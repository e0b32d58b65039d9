internal import PeerSession
internal import PeerWire
internal import Synchronization

extension Peer {
    /// The messages of this peer from now on: from the next one that is delivered, so that from within
    /// ``MessageListeners/onHandshake`` none after the handshake is missed. Of a peer that was connected to with
    /// ``PeerNode/connect(to:messages:)`` they begin with the first of all. Any thread.
    ///
    /// While one such sequence lives, asking again gives the same one: whoever reads, each message goes to one reader.
    /// While it lives, messages of all kinds are delivered.
    public var messages: PeerMessages {
        let subscription = madeExtras.subscribe(self)
        updateHeardKinds()
        return PeerMessages(subscription: subscription)
    }

    /// Drops those that nobody has read yet: the peer was ended to free their memory.
    func discardUnreadMessages() {
        extras.load()?.state.withLock({ $0.stream })?.discard()
    }

    /// Keeps messages from now on until somebody reads them. Called before the first one comes.
    func keepMessages(_ bound: MessageBound) {
        madeExtras.keep(MessageStream(bound: bound.count))
    }
}

extension PeerExtras {
    func subscribe(_ peer: Peer) -> MessageSubscription {
        state.withLock { state in
            if let subscription = state.subscription { return subscription }
            let stream: MessageStream
            if let kept = state.stream, !state.isStreamRead {
                stream = kept
            } else {
                stream = MessageStream()
                if state.hasDeliveredEnd { stream.finish() }
                state.stream = stream
            }
            state.isStreamRead = true
            let subscription = MessageSubscription(stream, of: peer)
            state.subscription = subscription
            return subscription
        }
    }

    func keep(_ stream: MessageStream) {
        state.withLock { state in
            state.stream = stream
            state.isStreamRead = false
        }
    }

    func forget(_ stream: MessageStream) {
        state.withLock { state in
            if state.stream === stream { state.stream = nil }
        }
    }

    /// Everything that came has been delivered.
    func deliveredEnd() {
        let stream = state.withLock { state in
            state.hasDeliveredEnd = true
            return state.stream
        }
        stream?.finish()
    }
}
