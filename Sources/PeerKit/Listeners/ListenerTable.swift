/// Listeners as they are kept: once for the node, and once for each peer that has its own.
final class ListenerTable: Sendable {
    let listeners: MessageListeners
    /// See ``MessageListeners/heardKinds``.
    let heardKinds: UInt64
    let heardEvents: PeerEventKinds
    let traffic: TrafficInterest

    init(_ listeners: MessageListeners) {
        self.listeners = listeners
        heardKinds = listeners.heardKinds
        heardEvents = listeners.heardEvents
        traffic = .of(listeners)
    }
}

/// The events besides messages that somebody listens to.
struct PeerEventKinds: OptionSet, Sendable {
    let rawValue: UInt8

    static let handshake = PeerEventKinds(rawValue: 1)
    static let writable = PeerEventKinds(rawValue: 2)
    static let discouraged = PeerEventKinds(rawValue: 4)
    static let disconnected = PeerEventKinds(rawValue: 8)
}

extension MessageListeners {
    fileprivate var heardEvents: PeerEventKinds {
        var events: PeerEventKinds = []
        if onHandshake != nil { events.insert(.handshake) }
        if onWritable != nil { events.insert(.writable) }
        if onDiscouraged != nil { events.insert(.discouraged) }
        if onDisconnect != nil { events.insert(.disconnected) }
        return events
    }
}
