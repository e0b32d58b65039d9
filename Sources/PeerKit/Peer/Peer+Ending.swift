public import PeerSession
internal import Synchronization

extension Peer {
    /// Returns when the connection is over, with the reason, at once when it is already; listeners may still be
    /// handling what came before. It does not end it: call ``disconnect()`` first to leave and wait.
    ///
    /// `nil` when the task is cancelled, which ends the wait and nothing else.
    @discardableResult
    public func waitForDisconnect() async -> DisconnectReason? {
        let extras = madeExtras
        let waiter = Answer<DisconnectReason?>()
        if let reason = extras.addWaiter(waiter) { return reason }
        return await waiter.value(whenCancelled: nil) { extras.forget(waiter) }
    }
}

extension PeerExtras {
    /// The reason when the connection has ended; otherwise the waiter is told when it does.
    fileprivate func addWaiter(_ waiter: Answer<DisconnectReason?>) -> DisconnectReason? {
        state.withLock { state in
            if state.reason == nil { state.endWaiters.append(waiter) }
            return state.reason
        }
    }

    fileprivate func forget(_ waiter: Answer<DisconnectReason?>) {
        state.withLock { $0.endWaiters.removeAll { $0.isSame(as: waiter) } }
    }

    /// The connection has ended.
    fileprivate func end(_ reason: DisconnectReason) {
        let waiters = state.withLock { state in
            state.reason = reason
            defer { state.endWaiters = [] }
            return state.endWaiters
        }
        for waiter in waiters { waiter.give(reason) }
    }
}

extension PeerConnection {
    /// Notes why the connection ended. True when the lane has to be told: somebody hears of it, or there may be
    /// messages before it. The extras are made even for a peer that had none: whoever asks later must find out.
    func noteEnd(_ reason: DisconnectReason) -> Bool {
        let extras = peer.madeExtras
        let isDelivered = wasOpened && (lane != nil || peer.hears(.disconnected))
        extras.end(reason)
        if !isDelivered { extras.deliveredEnd() }
        return isDelivered
    }
}
