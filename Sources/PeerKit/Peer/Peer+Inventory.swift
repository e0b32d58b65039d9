internal import PeerLoop
public import PeerSession

/// What a peer is told of and what it knows. Its session keeps that on the event loop, so questions are `async`; they
/// see what the same caller did before. A task that is cancelled gets what it would of a peer that is gone.
extension Peer {
    /// Announces an item: unless the peer knows it, it goes out with others in an `inv` within
    /// ``PeerConfiguration/inventory``'s interval, a block at once. Transactions are not announced to a peer that wants
    /// none. Never waits; before the handshake is done it is kept until then. False when the peer is gone.
    @discardableResult
    public func announce(_ item: InventoryVector) -> Bool { announce([item]) }

    /// Announces items, in this order unless they are shuffled.
    @discardableResult
    public func announce(_ items: [InventoryVector]) -> Bool {
        currentState != .gone && core.mailbox.post(.announce(self, items))
    }

    /// Notes that the peer knows these, so that they are not announced to it.
    public func remember(_ items: [InventoryVector]) {
        core.mailbox.post(.perform { $0.connection(of: self)?.session.remember(items.span) })
    }

    /// Notes that the peer knows this, so that it is not announced to it.
    public func remember(_ item: InventoryVector) { remember([item]) }

    /// Forgets that the peer knows this, so that it may be announced to it again.
    public func forget(_ item: InventoryVector) { forget([item]) }

    /// Forgets that the peer knows these, so that they may be announced to it again.
    public func forget(_ items: [InventoryVector]) {
        core.mailbox.post(
            .perform { node in
                guard let connection = node.connection(of: self) else { return }
                for item in items { connection.session.forget(item) }
            })
    }

    /// Whether the peer is known to know an item: because it was announced to it, or because the peer announced or sent
    /// it. False once the peer is gone.
    public func knows(_ item: InventoryVector) async -> Bool {
        await knows([item]).first ?? false
    }

    /// Whether the peer is known to know each of these, in one question.
    public func knows(_ items: [InventoryVector]) async -> [Bool] {
        await onLoop { connection in items.map { connection.session.knows($0) } } ?? items.map { _ in false }
    }

    /// All that the peer is known to know, the least recently used first; at most as many as
    /// ``PeerConfiguration/inventory`` says.
    public var knownInventory: [InventoryVector] {
        get async { await onLoop { $0.session.knownInventory } ?? [] }
    }

    /// Tells the peer of addresses, by `addrv2` if it reads that, else by `addr`: at most 1,000, chosen at random when
    /// there are more. Returns those that were sent; none before the handshake is done, when the peer is gone, or when
    /// too much waits for it already.
    @discardableResult
    public func pushAddresses(_ addresses: [PeerAddress]) async -> [PeerAddress] {
        await onLoop { connection in
            guard let made = connection.session.makeAddresses(from: addresses) else { return [] }
            return connection.sendWithinCap(made.message) ? made.chosen : []
        } ?? []
    }

    /// All there is to know of the peer at this moment; `nil` once it is gone. ``statistics`` has less and never waits.
    public var snapshot: PeerSnapshot? {
        get async {
            await onLoop { connection in
                PeerSnapshot(
                    id: self.id, address: PeerAddress(NetworkAddress(self.address)),
                    userAgent: self.version?.userAgent,
                    statistics: connection.session.statistics(at: connection.node.loop.now))
            }
        }
    }

    /// What the peer wants and what it is allowed; `nil` once it is gone.
    public var preferences: PeerPreferences? {
        get async { await onLoop { $0.session.preferences } }
    }

    /// Asks the loop, behind all that was asked of it before. `nil` when the peer is gone, and for a task that is
    /// cancelled before the answer comes.
    func onLoop<Value: Sendable>(_ body: @escaping @Sendable (PeerConnection) -> Value) async -> Value? {
        if Task.isCancelled { return nil }
        let answer = Answer<Value?>()
        let isTaken = core.mailbox.post(.perform { node in answer.give(node.connection(of: self).map(body)) })
        if !isTaken { answer.give(nil) }
        return await answer.value(whenCancelled: nil)
    }
}

extension PeerNode {
    /// Announces an item to every peer, as ``Peer/announce(_:)-(InventoryVector)`` does to one.
    public func announce(_ item: InventoryVector) { announce([item]) }

    /// Announces items to every peer, as ``Peer/announce(_:)-([InventoryVector])`` does to one. They cross to the loop
    /// once, and peers that are told the same share one encoded `inv`.
    public func announce(_ items: [InventoryVector]) {
        core.mailbox.post(.perform { $0.announce(items) })
    }
}

extension NodeLoop {
    fileprivate func announce(_ items: [InventoryVector]) {
        forEachConnection { $0.announce(items, at: loop.now) }
    }
}
