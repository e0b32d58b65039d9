internal import PeerLoop
internal import PeerSession
internal import Synchronization

extension Peer {
    /// What is called for this peer: listeners of its own, or else those of the node. Any thread.
    public var listeners: MessageListeners { listenerTable.listeners }

    /// Gives the peer listeners of its own in place of the node's, all of them; `nil` gives it the node's again.
    ///
    /// Any thread, also from within a listener, and at any time. They are in force from the next message that is
    /// delivered on. A kind that nobody listened to until now is heard from the next one that is received after the
    /// loop has learned of it; those set within ``MessageListeners/onHandshake`` miss nothing after the handshake.
    public func setListeners(_ listeners: MessageListeners?) {
        let table = listeners.map(ListenerTable.init)
        madeExtras.state.withLock { $0.listeners = table }
        updateHeardKinds()
    }

    /// Changes some of the peer's listeners, and leaves it with its own. Any thread, also from within a listener;
    /// in force as ``setListeners(_:)`` says. When another thread changes them meanwhile, `change` is called again with
    /// what that one left.
    public func updateListeners(_ change: (inout MessageListeners) -> Void) {
        let extras = madeExtras
        while true {
            let before = extras.state.withLock { $0.listeners }
            var listeners = (before ?? core.listeners).listeners
            change(&listeners)
            let table = ListenerTable(listeners)
            let isUnchanged = extras.state.withLock { state in
                guard state.listeners === before else { return false }
                state.listeners = table
                return true
            }
            if isUnchanged { break }
        }
        updateHeardKinds()
    }
}

extension Peer {
    var listenerTable: ListenerTable { extras.load()?.state.withLock { $0.listeners } ?? core.listeners }

    /// The kinds that are delivered; see ``MessageListeners/heardKinds``.
    var heardKinds: UInt64 { extras.load()?.heardKinds ?? core.heardKinds }

    func hears(_ event: PeerEventKinds) -> Bool { listenerTable.heardEvents.contains(event) }

    /// Has the loop look again at what is heard.
    func updateHeardKinds() {
        core.mailbox.post(.hear(self))
    }

    /// Calls the listeners of an event, on a worker. True when the event waits for somebody else, who counts it as
    /// handled.
    func dispatch(_ event: PeerEvent, _ meter: LaneMeter) -> Bool {
        guard let extras = extras.load() else {
            core.listeners.listeners.dispatch(event, to: self)
            if case .handshake = event { updateHeardKinds() }
            return false
        }
        // A listener that subscribes gets the next message as the first.
        let (own, stream) = extras.state.withLock { ($0.listeners, $0.stream) }
        (own ?? core.listeners).listeners.dispatch(event, to: self)
        switch event {
        case .message(let message, let byteCount, _):
            return stream?.append(message, byteCount: byteCount, meter: meter) ?? false
        case .disconnected:
            extras.deliveredEnd()
            return false
        case .handshake:
            updateHeardKinds()
            return false
        case .question, .writable, .discouraged, .traffic:
            return false
        }
    }
}

extension PeerConnection {
    /// Follows a change of the listeners or of what requests wait for. Whoever changed the listeners may have been
    /// overtaken, so they are read anew.
    func updateHeardKinds() {
        heardKinds = peer.heardKinds | (requests?.kinds ?? 0)
        updateTraffic()
    }
}
