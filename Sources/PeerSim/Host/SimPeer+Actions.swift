import DequeModule
import PeerSession
import PeerWire

// MARK: - What the session says

extension SimPeer {
    /// Gives the session an event and carries out what it says.
    func give(_ event: SessionEvent, _ context: FrameContext?) {
        session.handle(event, at: simulation.now.instant, into: &actions)
        carryOut(context)
    }

    func carryOut(_ context: FrameContext?) {
        var index = 0
        while index < actions.count {
            perform(actions[index], context)
            index += 1
        }
        actions.removeAll()
    }

    private func perform(_ action: SessionAction, _ context: FrameContext?) {
        switch action {
        case .sendVersion(let height): send(.version(makeVersion(height)))
        case .sendExtendedVersion: send(.extendedVersion(ExtendedVersionMessage(version: .init(rawValue: 10_000))))
        case .sendAddressesV2: send(.sendAddressesV2)
        case .sendVerack: send(.verack)
        case .sendXVerack: send(.xVerack)
        case .sendPing(let nonce): sendPing(nonce)
        case .sendPong(let nonce, let checksum): sendPong(nonce, checksum)
        case .sendReject(let command, let code, let reason): send(.reject(command, code, reason: reason.text))
        case .sendInventory(let first, let count): sendInventory(first, count)
        case .deliver: deliver(context, withinRate: nil)
        case .deliverAddresses(let count): deliver(context, withinRate: count)
        case .remember:
            if case .inventory(let list) = context?.message, simulation.sabotage != .knownForgotten {
                session.remember(list.items.span)
            }
        case .postpone: postpone(context)
        case .releasePostponed: release()
        case .askNewestBlock: ask(.newestBlock)
        case .askVersionAcceptance: ask(.acceptance)
        case .established(let version): establish(version)
        case .discourage(let offence):
            let text = "\(offence)"
            simulation.trace { "\(self): discouraged for \(text)" }
        case .close(let reason, let flushFirst): close(reason, flushFirst: flushFirst)
        }
    }

    private func makeVersion(_ height: Int32?) -> VersionMessage {
        let configuration = node.settings.session
        return VersionMessage(
            protocolVersion: configuration.protocolVersion, services: configuration.services,
            timestamp: simulation.wallTime + node.settings.wallClockOffset, nonce: session.localNonce,
            userAgent: node.settings.userAgent, startHeight: height ?? 0)
    }

    private func sendPing(_ nonce: UInt64?) {
        if let nonce {
            books.outstandingPings.append(nonce)
            if books.outstandingPings.count > 1 {
                simulation.fail(.onePingOutstanding, "\(self) has \(books.outstandingPings.count) pings outstanding")
            }
            books.deadlines.pinged(at: simulation.now)
        }
        send(.ping(nonce: nonce))
        if simulation.isSabotaged(.secondPing), let nonce { sendPing(nonce &+ 1) }
    }

    private func sendPong(_ nonce: UInt64, _ checksum: UInt32) {
        let magic = node.settings.network.magic
        let pong = PingFrame.pong(nonce: nonce, checksum: checksum, magic: magic)
        enqueue(pong.indices.map { pong[$0] }, kind: .pong, message: -1)
    }

    private func sendInventory(_ first: Int32, _ count: Int32) {
        let items = Array(actions.items(first: first, count: count))
        for item in items where !books.known.announced(item) {
            simulation.fail(.knownNotAnnounced, "\(self) announced \(item), which the peer is known to know")
        }
        simulation.announcedItemCount += items.count
        send(.inventory(items))
    }

    /// Sends a message of the session's own.
    private func send(_ message: Message) {
        do throws(EncodeError) {
            let frame = try message.frame(
                magic: node.settings.network.magic, protocolVersion: session.negotiatedVersion,
                limits: node.settings.wire)
            enqueue(frame, kind: message.kind, message: -1)
        } catch {
            simulation.fail(.progress, "\(self) could not encode the session's own \(message.command): \(error)")
        }
    }

    func deliver(_ context: FrameContext?, withinRate: Int?) {
        guard let context, !simulation.isSabotaged(.deliveryLost) else { return }
        if !books.hasEstablished, !PeerBooks.belongsToHandshake(context.message) {
            simulation.fail(.nothingBeforeHandshake, "\(self) delivered \(context.message.command)")
        }
        if case .version(let version) = context.message { self.version = version }
        push(
            .deliver(
                context.message,
                LaneItem.Delivery(
                    number: context.number, mark: context.mark, withinRate: withinRate, byteCount: context.byteCount)),
            context.byteCount, isFirst: context.isFromLane)
    }

    private func push(_ item: LaneItem, _ byteCount: Int, isFirst: Bool) {
        laneByteCount += byteCount
        if isFirst != simulation.isSabotaged(.deliveriesSwapped) {
            lane.prepend(item)
        } else {
            lane.append(item)
        }
        work()
    }

    private func postpone(_ context: FrameContext?) {
        guard let context else { return }
        postponed.append(
            PostponedRequest(
                event: context.event, content: context.message, number: context.number, mark: context.mark))
        simulation.postponedCount += 1
    }

    private func release() {
        guard let request = postponed.popFirst() else {
            simulation.fail(.progress, "\(self) is to release a request, and none is postponed")
            return
        }
        var list = ActionList()
        session.handlePostponed(request.event, at: simulation.now.instant, into: &list)
        list.forEach { action in
            switch action {
            case .deliver:
                let delivery = LaneItem.Delivery(
                    number: request.number, mark: request.mark, wasPostponed: true,
                    byteCount: Frame.headerByteCount + request.mark.length)
                releasedInLane += 1
                push(.deliver(request.content, delivery), delivery.byteCount, isFirst: false)
            default: perform(action, nil)
            }
        }
    }

    private func establish(_ version: ProtocolVersion) {
        books.hasEstablished = true
        books.deadlines.established()
        if simulation.isSabotaged(.tableEntryLeaked) { node.leakTableEntry(at: simulation.now) }
        simulation.handshakeCount += 1
        simulation.trace { "\(self): handshake done at version \(version)" }
        lane.append(.handshake)
        work()
        while let message = held.popFirst() { submit(message.content, message.message, held: true) }
    }

    // MARK: Questions

    private func ask(_ asked: HostQuestion) {
        question = asked
        let delay = node.random.duration(upTo: node.settings.pace.slowestAnswer)
        simulation.events.schedule(.answer, of: id, at: simulation.now + delay)
    }

    func answer() {
        guard let asked = question, ending == .none else { return }
        question = nil
        switch asked {
        case .newestBlock: give(.newestBlock(height: node.listeners.newestBlock?(self) ?? 0), nil)
        case .acceptance:
            if let version, let code = node.listeners.refusal?(self, version) {
                give(.versionRefused(code), nil)
            } else {
                give(.versionAccepted, nil)
            }
        }
        finishTurn()
    }
}
