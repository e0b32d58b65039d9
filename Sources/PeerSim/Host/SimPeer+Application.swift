public import PeerSession
public import PeerWire

// MARK: - What an application does with a peer

extension SimPeer {
    /// Queues a message: sent in order, held until the handshake is done, refused past the caps.
    ///
    /// Returns the message's number, under which ``SimNode/Listeners/onOutcome`` tells what became of it.
    @discardableResult
    public func queue(_ message: Message) -> Int {
        let number = simulation.ledger.open()
        submit(message, number, held: false)
        finishTurn()
        return Int(number)
    }

    /// Announces something this node has: batched, and not sent to a peer that knows it.
    public func announce(_ item: InventoryVector) {
        let items = [item]
        session.announce(items.span, at: simulation.now.instant, into: &actions)
        carryOut(nil)
        finishTurn()
    }

    /// Tells the peer of addresses: at most 1,000, chosen at random when there are more, in the form it reads. Returns
    /// those it was told of, none while the handshake is not done.
    @discardableResult
    public func queueAddresses(_ addresses: [PeerAddress]) -> [PeerAddress] {
        guard let (message, chosen) = session.makeAddresses(from: addresses) else { return [] }
        queue(message)
        return chosen
    }

    /// Forgets that the peer knows this. False when it did not.
    @discardableResult
    public func forget(_ item: InventoryVector) -> Bool {
        books.known.forget(item)
        return session.forget(item)
    }

    /// True when the peer is known to know this.
    public func knows(_ item: InventoryVector) -> Bool { session.knows(item) }

    /// Closes the connection after what is queued.
    public func disconnect() {
        give(.disconnectRequested, nil)
        finishTurn()
    }

    /// Weighs an offence that the application has found.
    public func misbehaved(_ offence: Offence) {
        give(.misbehaved(offence), nil)
        finishTurn()
    }

    func submit(_ message: Message, _ number: Int32, held wasHeld: Bool) {
        if session.isClosed {
            settle(number, .peerGone)
            return
        }
        let version = session.negotiatedVersion
        if !session.isEstablished {
            // What it would take is not known before the version is: its length now will do.
            let length = (try? message.frame(magic: node.settings.network.magic, limits: node.settings.wire).count) ?? 0
            switch session.decide(on: MessageFacts(message), byteCount: length, at: simulation.now.instant) {
            case .hold:
                held.append(HeldMessage(content: message, message: number))
            case .refuseFull: settle(number, .refusedFull)
            case .refuseClosed, .send, .skip: settle(number, .peerGone)
            }
            return
        }
        let frame: [UInt8]
        do throws(EncodeError) {
            frame = try message.frame(
                magic: node.settings.network.magic, protocolVersion: version, limits: node.settings.wire)
        } catch {
            settle(number, .refusedUnencodable)
            return
        }
        let cap = node.settings.host.sendQueueByteCap
        let waiting = pendingByteCount - ownPendingByteCount
        if waiting > 0, waiting + frame.count > cap, !simulation.isSabotaged(.capIgnored) {
            settle(number, .refusedFull)
            return
        }
        let facts = MessageFacts(message)
        switch session.decide(on: facts, byteCount: frame.count, at: simulation.now.instant) {
        case .send:
            books.deadlines.asked(facts, at: simulation.now)
            enqueue(frame, kind: message.kind, message: number)
        case .skip: settle(number, .skipped)
        case .refuseFull: settle(number, .refusedFull)
        case .hold, .refuseClosed: settle(number, .peerGone)
        }
    }

    func settle(_ message: Int32, _ outcome: SendOutcome) {
        guard message >= 0 else { return }
        if simulation.isSabotaged(.outcomeLost) { return }
        if !simulation.ledger.settle(message, outcome) {
            simulation.fail(.oneOutcome, "message \(message) of \(self) ended twice, at last: \(outcome)")
        }
        if simulation.isSabotaged(.outcomeTwice), !simulation.ledger.settle(message, outcome) {
            simulation.fail(.oneOutcome, "message \(message) of \(self) ended twice, at last: \(outcome)")
        }
        if node.listeners.onOutcome != nil {
            lane.append(.outcome(Int(message), outcome))
            work()
        }
    }
}

extension SimPeer: CustomStringConvertible {
    /// Number, node and direction.
    public var description: String { "\(node.name)#\(id)\(end == 0 ? ">" : "<")" }
}
