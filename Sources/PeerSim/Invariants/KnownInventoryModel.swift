import PeerWire

/// What a peer is known to know, as long as that is less than what a session may remember.
struct KnownInventoryModel {
    private var known: Set<InventoryVector> = []
    private let capacity: Int
    private let remembersWhatPeersSend: Bool
    /// Once something may have been forgotten, nothing can be said any more.
    private var isOverflown: Bool

    init(capacity: Int, remembersWhatPeersSend: Bool) {
        self.capacity = capacity
        self.remembersWhatPeersSend = remembersWhatPeersSend
        isOverflown = capacity == 0
    }

    private mutating func note(_ item: InventoryVector) {
        if isOverflown { return }
        known.insert(item)
        if known.count > capacity {
            isOverflown = true
            known = []
        }
    }

    /// The peer announced or sent it.
    mutating func peerHas(_ item: InventoryVector) {
        if remembersWhatPeersSend { note(item) }
    }

    /// Notes an announcement; false when the peer was known to know it.
    mutating func announced(_ item: InventoryVector) -> Bool {
        if isOverflown { return true }
        if known.contains(item) { return false }
        note(item)
        return true
    }

    mutating func forget(_ item: InventoryVector) { known.remove(item) }
}
