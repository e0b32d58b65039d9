internal import Glibc
internal import PeerLoop
internal import PeerSession
internal import PeerWire
internal import Synchronization

/// What the session asks for, done.
extension PeerConnection {
    /// Gives the session an event that is not a frame.
    func handle(_ event: SessionEvent, at now: ContinuousClock.Instant) {
        node.actions.removeAll()
        session.handle(event, at: clock.time(at: now), into: &node.actions)
        for index in 0..<node.actions.count { perform(node.actions[index], at: now) }
    }

    func perform(_ action: SessionAction, at now: ContinuousClock.Instant) {
        switch action {
        case .sendVersion: write(.version(versionMessage()), version: core.session.protocolVersion)
        case .sendVerack: writeReply(node.verackFrame)
        case .sendPing(let nonce):
            if let nonce {
                writeReply(PingFrame.ping(nonce: nonce, magic: core.magic).span.bytes)
            } else {
                // It exists at the versions below the others only.
                write(.ping(nonce: nil), version: session.negotiatedVersion)
            }
        case .sendPong(let nonce, let checksum):
            writeReply(PingFrame.pong(nonce: nonce, checksum: checksum, magic: core.magic).span.bytes)
        case .sendReject(let command, let code, let reason):
            // One goes to a peer whose version is not known or is refused, too.
            write(.reject(command, code, reason: reason.text), version: max(session.negotiatedVersion, .reject))
        case .deliver:
            preconditionFailure("only a frame is delivered")
        case .established(let version):
            establish(version, at: now)
        case .close(let reason, let flushFirst):
            close(reason, flushFirst: flushFirst)
        }
    }

    private func establish(_ version: ProtocolVersion, at now: ContinuousClock.Instant) {
        peer.negotiated.store(version.rawValue, ordering: .releasing)
        peer.state.store(PeerState.established.rawValue, ordering: .releasing)
        node.established()
        if core.configuration.listeners.onHandshake != nil { deliver(.handshake) }
        let waiting = held
        held = []
        for message in waiting { release(message) }
        if let tell = onOutcome {
            onOutcome = nil
            tell(.success(peer))
        }
        observer?.established(self, at: now)
    }

    private func close(_ reason: DisconnectReason, flushFirst: Bool) {
        closeReason = reason
        guard let connection else { return }
        // At a shutdown only those that shook hands are owed a goodbye.
        if flushFirst || (reason == .shutDown && peer.currentState == .established) {
            connection.finish(within: core.configuration.goodbyeTimeout)
        } else {
            connection.close()
        }
    }

    private func versionMessage() -> VersionMessage {
        let configuration = core.configuration
        return VersionMessage(
            protocolVersion: core.session.protocolVersion,
            services: core.session.services,
            timestamp: Int64(time(nil)),
            receiver: NetworkAddress(peer.address),
            sender: NetworkAddress(services: core.session.services, high: 0, low: 0, port: 0),
            nonce: session.localNonce,
            userAgent: configuration.userAgent,
            startHeight: configuration.chainHeight(),
            relay: configuration.relaysTransactions)
    }
}

// MARK: - Writing

extension PeerConnection {
    /// Writes a message the session makes. What it makes always encodes: its texts and counts are bounded.
    private func write(_ message: Message, version: ProtocolVersion) {
        do throws(EncodeError) {
            let frame = try message.frame(magic: core.magic, protocolVersion: version, limits: core.limits)
            writeReply(frame.span.bytes)
        } catch {
            // A user agent over its limit is the one thing that comes from outside, and it was refused at the start.
            assertionFailure("the session made a message that does not encode: \(error)")
        }
    }

    private func writeReply(_ frame: RawSpan) {
        guard let connection else { return }
        connection.write(frame)
        sentMessages &+= 1
        unpublishedBytes += frame.byteCount
        replies.added(frame.byteCount)
    }

    private func writeReply(_ frame: [UInt8]) {
        writeReply(frame.span.bytes)
    }

    /// Writes a frame whose bytes were counted when it was queued.
    package func send(_ frame: [UInt8], completion: (@Sendable (Result<Void, SendError>) -> Void)? = nil) {
        guard let connection, connection.isOpen, closeReason == nil else {
            peer.release(frame.count)
            completion?(.failure(.disconnected))
            return
        }
        sentMessages &+= 1
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
        sentMessages &+= 1
        peer.countFromLoop(frame.byteCount)
    }

    /// Closes from the loop itself, for an observer: at once, without a goodbye.
    package func closeFromLoop() {
        handle(.transportClosed(.shutDown), at: node.loop.now)
        connection?.close()
    }

    /// A message queued before the handshake was done: kept until then, sent at once after it.
    func hold(_ message: HeldMessage) {
        if closeReason != nil || connection == nil {
            peer.release(message.reservedBytes)
            message.completion?(.failure(.disconnected))
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
            send(frame, completion: message.completion)
        } catch {
            // The peer speaks a version that does not have this message.
            message.completion?(.failure(.encoding(error)))
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
