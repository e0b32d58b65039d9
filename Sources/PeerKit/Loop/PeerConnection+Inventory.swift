internal import PeerLoop
internal import PeerSession
internal import PeerWire

extension PeerConnection {
    func announce(_ items: [InventoryVector], at now: ContinuousClock.Instant) {
        guard closeReason == nil else { return }
        var actions = node.takeActionList()
        session.announce(items.span, at: now, into: &actions)
        for index in 0..<actions.count { perform(actions[index], of: actions, at: now) }
        node.giveBack(&actions)
        settle(now)
    }

    /// Writes a message that the application asked the loop to make. False when too much waits already.
    func sendWithinCap(_ message: Message) -> Bool {
        do throws(EncodeError) {
            let frame = try core.encode(message, for: peer)
            guard closeReason == nil, peer.reserve(frame.count, cap: core.configuration.sendQueueByteCap) else {
                return false
            }
            send(frame)
            settle(node.loop.now)
            return true
        } catch {
            return false
        }
    }

    /// Writes an `inv`; peers that are told the same in one tick share its bytes.
    func writeInventory(_ items: ArraySlice<InventoryVector>) {
        if let frame = node.sharedInventory.frame(of: items) {
            writeReply(frame, .inventory)
            return
        }
        do throws(EncodeError) {
            let list = Array(items)
            let frame = try Message.inventory(list).frame(
                magic: core.magic, protocolVersion: session.negotiatedVersion, limits: core.limits)
            node.sharedInventory.keep(frame, of: list)
            writeReply(frame, .inventory)
        } catch {
            // A batch is no longer than an inv may be, which was checked at the start.
            assertionFailure("the session made an inv that does not encode: \(error)")
        }
    }
}

/// The last `inv` that was encoded, for the next peer that is told the same. An `inv` is the same at every version.
struct SharedInventory {
    private var items: [InventoryVector] = []
    private var frame: [UInt8] = []

    func frame(of wanted: ArraySlice<InventoryVector>) -> [UInt8]? {
        !frame.isEmpty && items.count == wanted.count && items.elementsEqual(wanted) ? frame : nil
    }

    mutating func keep(_ frame: [UInt8], of items: [InventoryVector]) {
        self.items = items
        self.frame = frame
    }

    /// At the end of a tick: nobody is told the same later.
    mutating func forget() {
        if frame.isEmpty { return }
        items = []
        frame = []
    }
}
