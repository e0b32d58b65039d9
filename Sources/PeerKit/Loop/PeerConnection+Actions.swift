internal import DequeModule
internal import Glibc
internal import PeerLoop
internal import PeerSession
internal import PeerWire
internal import Synchronization

/// What the session asks for, done.
extension PeerConnection {
    /// Gives the session an event that is not a frame.
    func handle(_ event: SessionEvent, at now: ContinuousClock.Instant) {
        var actions = node.takeActionList()
        session.handle(event, at: now, into: &actions)
        for index in 0..<actions.count { perform(actions[index], of: actions, at: now) }
        node.giveBack(&actions)
    }

    func perform(_ action: SessionAction, of actions: borrowing ActionList, at now: ContinuousClock.Instant) {
        switch action {
        case .sendVersion(let height):
            write(.version(versionMessage(startHeight: height)), version: core.session.protocolVersion)
        case .sendExtendedVersion: writeReply(node.frames.extendedVersion, .extendedVersion)
        case .sendAddressesV2: writeReply(node.frames.sendAddressesV2, .sendAddressesV2)
        case .sendVerack: writeReply(node.frames.verack, .verack)
        case .sendXVerack: writeReply(node.frames.xVerack, .xVerack)
        case .sendPing(let nonce):
            if let nonce {
                writeReply(PingFrame.ping(nonce: nonce, magic: core.magic).span.bytes, .ping)
            } else {
                // It exists at the versions below the others only.
                write(.ping(nonce: nil), version: session.negotiatedVersion)
            }
            publishPing(sentAt: now, nonce: nonce)
        case .sendPong(let nonce, let checksum):
            writeReply(PingFrame.pong(nonce: nonce, checksum: checksum, magic: core.magic).span.bytes, .pong)
        case .sendReject(let command, let code, let reason):
            // One goes to a peer whose version is not known or is refused, too.
            write(.reject(command, code, reason: text(of: reason)), version: max(session.negotiatedVersion, .reject))
        case .sendInventory(let first, let count):
            writeInventory(actions.items(first: first, count: count))
        case .deliver, .deliverAddresses, .remember, .postpone:
            preconditionFailure("only a frame is delivered")
        case .releasePostponed: releasePostponed(at: now)
        case .askNewestBlock: ask(.newestBlock)
        case .askVersionAcceptance: ask(.versionAcceptance)
        case .discourage(let offence):
            if peer.hears(.discouraged) { deliver(.discouraged(offence)) }
        case .established(let version):
            establish(version, at: now)
        case .close(let reason, let flushFirst):
            close(reason, flushFirst: flushFirst)
        }
    }

    /// Asks the host, in the peer's lane; what comes until it answers waits.
    private func ask(_ question: HostQuestion) {
        makeBacklog().awaitsHost = true
        deliver(.question(question))
    }

    private func text(of reason: RejectReason) -> String {
        reason == .host ? node.rejectionText : reason.text
    }

    /// The last action of its list: what it sends may be told to the session, which uses the list anew.
    private func establish(_ version: ProtocolVersion, at now: ContinuousClock.Instant) {
        peer.negotiated.store(version.rawValue, ordering: .releasing)
        peer.state.store(PeerState.established.rawValue, ordering: .releasing)
        node.established()
        logConnected(version)
        if peer.hears(.handshake) {
            // It may want more than is heard until then, from the first message after it on; then this is undone.
            heardKinds = .max
            deliver(.handshake)
        }
        let waiting = held
        held = []
        for message in waiting { release(message) }
        if let tell = onOutcome {
            onOutcome = nil
            tell(.success(peer))
        }
        // The handshake itself had more room.
        pauseIfLaneIsFull()
        observer?.established(self, at: now)
    }

    private func close(_ reason: DisconnectReason, flushFirst: Bool) {
        closeReason = reason
        // Nobody answers them any more, and a goodbye may take a while.
        postponed.removeAll()
        defer { dropBacklog() }
        endRequests(reason)
        guard let connection else { return }
        // At a shutdown only those that shook hands are owed a goodbye.
        if flushFirst || (reason == .shutDown && peer.currentState == .established) {
            connection.finish(within: core.configuration.goodbyeTimeout)
        } else {
            connection.close()
        }
    }

    /// The clock on the wall, in seconds since 1970.
    static func wallTime() -> Int64 { Int64(time(nil)) }

    private func versionMessage(startHeight: Int32?) -> VersionMessage {
        let configuration = core.configuration
        return VersionMessage(
            protocolVersion: core.session.protocolVersion,
            services: core.session.services,
            timestamp: Self.wallTime(),
            receiver: receiverInVersion,
            sender: senderInVersion,
            nonce: session.localNonce,
            userAgent: configuration.userAgent,
            startHeight: startHeight ?? configuration.chainHeight,
            relay: configuration.relaysTransactions)
    }
}

// MARK: - Writing

extension PeerConnection {
    /// Writes a message the session makes. What it makes always encodes: its texts and counts are bounded.
    private func write(_ message: Message, version: ProtocolVersion) {
        do throws(EncodeError) {
            let frame = try message.frame(magic: core.magic, protocolVersion: version, limits: core.limits)
            writeReply(frame, message.kind)
        } catch {
            // A user agent over its limit is the one thing that comes from outside, and it was refused at the start.
            assertionFailure("the session made a message that does not encode: \(error)")
        }
    }

    private func writeReply(_ frame: RawSpan, _ kind: MessageKind?) {
        guard let connection else { return }
        connection.write(frame)
        noteSent(frame, kind)
        unpublishedBytes += frame.byteCount
    }

    /// Writes bytes that others may share.
    func writeReply(_ frame: [UInt8], _ kind: MessageKind?) {
        guard let connection else { return }
        connection.write(frame)
        noteSent(frame.span.bytes, kind, shared: frame)
        unpublishedBytes += frame.count
    }

    /// Every frame that is given to the connection passes here.
    func noteSent(_ frame: RawSpan, _ kind: MessageKind?, shared: [UInt8]? = nil) {
        sentMessages &+= 1
        session.countSent(kind, frameByteCount: frame.byteCount)
        node.sendingMemory.add(frame.byteCount)
        if !traffic.isEmpty { tellWrite(frame, shared: shared) }
    }

    /// Writes a request unless it repeats the last one.
    func request(_ facts: MessageFacts, _ frame: [UInt8], completion: (@Sendable (Result<Void, SendError>) -> Void)?) {
        // What waits before it decides when its answer is due.
        tellSendQueue(at: node.loop.now)
        switch session.decide(on: facts, byteCount: frame.count, at: node.loop.now) {
        case .send, .refuseClosed:
            if case .sendCompact = facts { publishAllowance() }
            send(frame, completion: completion)
            settle(node.loop.now)
        case .skip:
            peer.release(frame.count)
            tellWritableIfOwed()
            completion?(.success(()))
        case .hold, .refuseFull:
            preconditionFailure("a request was encoded before the handshake")
        }
    }

    /// Writes a frame whose bytes were counted when it was queued.
    package func send(_ frame: [UInt8], completion: (@Sendable (Result<Void, SendError>) -> Void)? = nil) {
        guard let connection, connection.isOpen, closeReason == nil else {
            peer.release(frame.count)
            completion?(.failure(.disconnected))
            noteTooLate(Frame.command(of: frame.span.bytes), byteCount: frame.count)
            return
        }
        noteSent(frame.span.bytes, Frame.kind(of: frame.span.bytes), shared: frame)
        if let completion {
            connection.write(frame) { outcome in
                switch outcome {
                case .sent: completion(.success(()))
                case .connectionClosed: completion(.failure(.disconnected))
                }
            }
        } else {
            connection.write(frame)
        }
    }

    /// Writes a frame from the loop itself, for an observer.
    package func sendFromLoop(_ frame: RawSpan) {
        guard let connection, closeReason == nil else { return }
        connection.write(frame)
        noteSent(frame, Frame.kind(of: frame))
        peer.countFromLoop(frame.byteCount)
    }

    /// Writes a message from the loop itself, for an observer, with what follows from it. False when it does not
    /// encode or is not sent.
    @discardableResult
    package func sendFromLoop(_ message: Message) -> Bool {
        guard closeReason == nil, let frame = try? core.encode(message, for: peer),
            session.decide(on: MessageFacts(message), byteCount: frame.count, at: node.loop.now) == .send
        else { return false }
        sendFromLoop(frame.span.bytes)
        return true
    }

    /// Closes from the loop itself, for an observer: at once, without a goodbye.
    package func closeFromLoop() {
        handle(.transportClosed(.shutDown), at: node.loop.now)
        connection?.close()
    }

    /// A message queued before the handshake was done: kept until then, sent at once after it.
    func hold(_ message: HeldMessage) {
        if closeReason != nil {
            peer.release(message.reservedBytes)
            message.completion?(.failure(.disconnected))
            noteNotSent(message.message.command, .disconnected)
        } else if session.isEstablished {
            release(message)
        } else {
            held.append(message)
        }
    }

    private func release(_ message: HeldMessage) {
        peer.release(message.reservedBytes)
        do throws(EncodeError) {
            let frame = try core.encode(message.message, for: peer)
            peer.countFromLoop(frame.count)
            let facts = MessageFacts(message.message)
            if facts.needsDecision {
                request(facts, frame, completion: message.completion)
            } else {
                send(frame, completion: message.completion)
            }
        } catch {
            // The peer speaks a version that does not have this message.
            tellWritableIfOwed()
            message.completion?(.failure(.encoding(error)))
            noteNotSent(message.message.command, .encoding(error))
        }
    }
}

extension NetworkAddress {
    init(_ address: SocketAddress, services: Services = []) {
        let bytes = address.mappedBytes
        let high = bytes[0..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let low = bytes[8..<16].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.init(services: services, high: high, low: low, port: address.port)
    }
}
