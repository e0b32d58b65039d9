internal import DequeModule
internal import PeerLoop
internal import PeerSession
internal import PeerWire
internal import Synchronization

/// From a frame to the session, and from the session's answer to the listeners.
extension PeerConnection {
    /// Takes a verified frame whose turn it is. One that comes from the loop's own reading is decoded even when nobody
    /// listens, so that a malformed one is noticed; a larger one, which comes from a decoder, does not pass here.
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
        do throws(DecodeError) {
            let message = try Message.decode(
                frame, input: input, protocolVersion: session.negotiatedVersion, limits: core.limits,
                registry: core.registry)
            let facts = MessageFacts(
                message, checksum: frame.checksum, hashes: core.remembersWhatPeersSend, wallTime: wallTime(of: message))
            if case .version(let version) = message { publish(version, facts) }
            run(facts, frame, message, input, now)
        } catch {
            if !traffic.isEmpty { noteRefused(.payload(frame.command, error), frame.detached(from: input)) }
            handle(.refused(command: frame.command, refusal: FrameRefusal(error)), at: now)
        }
    }

    /// The clock on the wall is read for a `version` only.
    private func wallTime(of message: Message) -> Int64 {
        if case .version = message { Self.wallTime() } else { 0 }
    }

    /// Gives the session a frame's facts and carries out its actions; `message` is what `deliver` delivers.
    func run(
        _ facts: MessageFacts, _ frame: Frame, _ message: Message?, _ input: RawSpan, _ now: ContinuousClock.Instant
    ) {
        noteRead(frame, in: input)
        let event = SessionEvent.message(facts, frameByteCount: Frame.headerByteCount + frame.length)
        var actions = node.takeActionList()
        session.handle(event, at: now, into: &actions)
        publishWishes(after: facts)
        for index in 0..<actions.count {
            let action = actions[index]
            switch action {
            case .deliver:
                pass(message, withinRate: nil, of: frame, in: input)
            case .deliverAddresses(let withinRate):
                pass(message, withinRate: withinRate, of: frame, in: input)
            case .remember:
                if case .inventory(let list)? = message { session.remember(list.items.span) }
            case .postpone:
                node.laneMemory.add(frame.length)
                postponed.append(
                    PostponedRequest(event: event, frame: frame.detached(from: input), message: message))
            default:
                perform(action, of: actions, at: now)
            }
        }
        node.giveBack(&actions)
    }

    private func pass(_ message: Message?, withinRate: Int?, of frame: Frame, in input: RawSpan) {
        if let message, let requests { answerRequests(requests, with: message) }
        if let message, isHeard(frame.kind) {
            deliver(.message(message, byteCount: frame.length, withinRate: withinRate))
        }
        observer?.received(frame, in: input, from: self)
    }

    /// The peer has read enough for its oldest postponed request to go on.
    func releasePostponed(at now: ContinuousClock.Instant) {
        // An observer may have closed amid several.
        if closeReason != nil { return }
        guard let request = postponed.popFirst() else {
            preconditionFailure("the session released a request that was not postponed")
        }
        var actions = node.takeActionList()
        session.handlePostponed(request.event, at: now, into: &actions)
        let nothing: [UInt8] = []
        for index in 0..<actions.count {
            if case .deliver = actions[index] {
                pass(request.message, withinRate: nil, of: request.frame, in: nothing.span.bytes)
            } else {
                perform(actions[index], of: actions, at: now)
            }
        }
        node.giveBack(&actions)
    }

    func isHeard(_ kind: MessageKind?) -> Bool {
        guard let kind else { return heardKinds & MessageListeners.unknownBit != 0 }
        return heardKinds >> UInt64(kind.rawValue) & 1 != 0
    }

    /// Hands an event to this peer's listeners; the lanes of a tick are scheduled together when it ends.
    func deliver(_ event: PeerEvent) {
        let lane = makeLane()
        node.laneMemory.add(event.byteCount)
        if lane.append(event) { node.readyLanes.append(lane.lane) }
        pauseIfLaneIsFull()
    }

    func makeLane() -> PeerLane {
        if let lane { return lane }
        let made = PeerLane(peer: peer)
        lane = made
        return made
    }

    func pauseIfLaneIsFull() {
        guard let lane, lane.isOverLimit, let connection, connection.isOpen, !connection.isPaused else { return }
        // What nobody can read before the handshake is done does not hold it up.
        if !session.isEstablished, !lane.isOverHandshakeLimit { return }
        connection.pauseReading()
        note(.readingPaused)
        // The listeners may have caught up meanwhile, and then nobody else would resume.
        if lane.mayResumeAfterPausing() { resumeReading() }
    }

    /// Reads again, and lets time pass again for the peer's silence; the deadline has to be settled then.
    func resumeReading() {
        guard let connection, connection.isPaused else { return }
        connection.resumeReading()
        note(.readingResumed)
    }

    /// Tells the session of something that calls for no action; it may happen amid the actions of another event.
    func note(_ event: SessionEvent) {
        var none = ActionList()
        session.handle(event, at: node.loop.now, into: &none)
        assert(none.isEmpty, "an event that was only to be noted calls for action")
    }
}

extension RawSpan {
    /// The eight bytes of a ping's or pong's payload.
    fileprivate var nonce: UInt64 {
        UInt64(littleEndian: unsafeLoadUnaligned(as: UInt64.self))
    }
}
