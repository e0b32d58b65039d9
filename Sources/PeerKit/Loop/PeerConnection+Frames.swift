internal import PeerLoop
internal import PeerSession
internal import PeerWire
internal import Synchronization

/// From a frame to the session, and from the session's answer to the listeners.
extension PeerConnection {
    /// Payloads up to this many bytes are decoded even when nobody listens, so that a malformed one is noticed.
    static let alwaysDecodedByteCount = 64 << 10

    func take(_ frame: Frame, in input: RawSpan, at now: ContinuousClock.Instant) {
        // The message of most frames by far, answered without decoding it into a value.
        if frame.kind == .ping, frame.length == 8 {
            let nonce = frame.withPayload(in: input) { $0.nonce }
            run(.ping(nonce: nonce, checksum: frame.checksum), frame, .ping(nonce: nonce), input, now)
            return
        }
        if frame.kind == .pong, frame.length == 8 {
            let nonce = frame.withPayload(in: input) { $0.nonce }
            run(.pong(nonce: nonce), frame, .pong(nonce: nonce), input, now)
            publishPing()
            return
        }
        guard frame.length <= Self.alwaysDecodedByteCount || isHeard(frame.kind) else {
            run(.message(kind: frame.kind, command: frame.command), frame, nil, input, now)
            return
        }
        do throws(DecodeError) {
            let message = try Message.decode(
                frame, input: input, protocolVersion: session.negotiatedVersion, limits: core.limits)
            run(event(for: message, checksum: frame.checksum), frame, message, input, now)
        } catch {
            handle(.refused(command: frame.command, refusal: .undecodable), at: now)
        }
    }

    /// Gives the session a frame's event and carries out its actions; `message` is what `deliver` delivers.
    private func run(
        _ event: SessionEvent, _ frame: Frame, _ message: Message?, _ input: RawSpan, _ now: ContinuousClock.Instant
    ) {
        node.actions.removeAll()
        session.handle(event, at: clock.time(at: now), into: &node.actions)
        for index in 0..<node.actions.count {
            let action = node.actions[index]
            if case .deliver = action {
                if let message, isHeard(frame.kind) { deliver(.message(message, byteCount: frame.length)) }
                observer?.received(frame, in: input, from: self)
            } else {
                perform(action, at: now)
            }
        }
    }

    /// What the session is told of a decoded message. The switch names every message.
    private func event(for message: Message, checksum: UInt32) -> SessionEvent {
        switch message {
        case .version(let version):
            _ = peer.remoteVersion.storeIfNil(RemoteVersion(version))
            return .version(VersionFacts(version))
        case .verack: return .verack
        case .ping(let nonce): return .ping(nonce: nonce, checksum: checksum)
        case .pong(let nonce): return .pong(nonce: nonce)
        case .extendedVersion: return .extendedVersion
        case .sendAddressesV2: return .sendAddressesV2
        case .getAddresses, .addresses, .inventory, .reject, .getData, .notFound, .getHeaders, .headers, .transaction,
            .block, .sendHeaders, .sendCompact, .feeFilter, .xVersion, .xVerack, .addressesV2, .getBlocks, .mempool,
            .filterLoad, .filterAdd, .filterClear, .merkleBlock, .compactBlock, .getBlockTransactions,
            .blockTransactions, .getCommittedFilters, .committedFilter, .getCommittedFilterHeaders,
            .committedFilterHeaders, .getCommittedFilterCheckpoints, .committedFilterCheckpoints,
            .getCommittedFilterMempool, .doubleSpendProof, .custom, .unknown:
            return .message(kind: message.kind, command: message.command)
        }
    }

    private func isHeard(_ kind: MessageKind?) -> Bool {
        guard let kind else { return core.heardKinds & MessageListeners.unknownBit != 0 }
        return core.heardKinds >> UInt64(kind.rawValue) & 1 != 0
    }

    private func publishPing() {
        // In this order, read in the other: whoever sees the last one sees a minimum that counts it.
        peer.counters.minimumPing.store(session.minimumPingMicroseconds ?? .max, ordering: .releasing)
        peer.counters.lastPing.store(session.lastPingMicroseconds ?? .max, ordering: .releasing)
    }

    /// Hands an event to this peer's listeners; the lanes of a tick are scheduled together when it ends.
    func deliver(_ event: PeerEvent) {
        let lane: PeerLane
        if let existing = self.lane {
            lane = existing
        } else {
            lane = PeerLane(peer: peer)
            self.lane = lane
        }
        if lane.append(event) { node.readyLanes.append(lane.lane) }
        if lane.isOverLimit, let connection, connection.isOpen, !connection.isPaused {
            connection.pauseReading()
            clock.stop(at: node.loop.now)
            // The listeners may have caught up meanwhile, and then nobody else would resume.
            if lane.mayResumeAfterPausing() { resumeReading() }
        }
    }

    /// Reads again, and lets time pass again for the session, which has to be settled then.
    func resumeReading() {
        clock.start(at: node.loop.now)
        connection?.resumeReading()
    }
}

extension VersionFacts {
    init(_ message: VersionMessage) {
        self.init(
            protocolVersion: message.protocolVersion, services: message.services, timestamp: message.timestamp,
            nonce: message.nonce, startHeight: message.startHeight, relay: message.relay)
    }
}

extension RawSpan {
    /// The eight bytes of a ping's or pong's payload.
    fileprivate var nonce: UInt64 {
        UInt64(littleEndian: unsafeLoadUnaligned(as: UInt64.self))
    }
}
