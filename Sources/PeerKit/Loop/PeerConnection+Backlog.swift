internal import DequeModule
internal import PeerLoop
internal import PeerSession
internal import PeerWire
internal import Synchronization

/// Frames that wait their turn: a large one goes to a decoder, and what follows waits behind it.
extension PeerConnection {
    /// Payloads over this many bytes are hashed and decoded by a decoder: more would hold the loop for too long.
    static let largestPayloadOnLoop = 64 << 10

    /// Takes the next frame of the stream: at once, or when its turn comes.
    func accept(_ frame: Frame, in input: RawSpan, at now: ContinuousClock.Instant) {
        if backlog == nil, frame.isChecksumVerified {
            count(frame)
            take(frame, in: input, at: now)
        } else {
            wait(frame.detached(from: input), at: now)
        }
    }

    private func count(_ frame: Frame) {
        receivedMessages &+= 1
        node.receivedMessages &+= 1
    }

    private func wait(_ frame: Frame, at now: ContinuousClock.Instant) {
        let backlog = makeBacklog()
        backlog.items.append(.frame(frame))
        makeLane().reserve(frame.length)
        node.laneMemory.add(frame.length)
        note(.enteredLane)
        advanceBacklog(at: now)
        pauseIfLaneIsFull()
    }

    /// A frame that the decoder refused: the last, behind those that wait.
    func refuse(_ error: FrameError, byteCount: Int, at now: ContinuousClock.Instant) {
        if let backlog {
            backlog.items.append(.refused(error, byteCount: byteCount))
            advanceBacklog(at: now)
        } else {
            refuseNow(error, byteCount: byteCount, at: now)
        }
    }

    private func refuseNow(_ error: FrameError, byteCount: Int, at now: ContinuousClock.Instant) {
        noteRefused(.frame(error), byteCount: byteCount)
        handle(.refused(command: error.claimedCommand, refusal: FrameRefusal(error)), at: now)
    }

    func makeBacklog() -> FrameBacklog {
        if let backlog { return backlog }
        let made = FrameBacklog()
        backlog = made
        return made
    }

    /// Goes on with what waits, until something has to be waited for again.
    func advanceBacklog(at now: ContinuousClock.Instant) {
        // A frame may close the session, which drops the backlog, or have the host asked.
        while let backlog, !backlog.isBlocked, let item = backlog.items.popFirst() {
            switch item {
            case .refused(let error, let byteCount):
                refuseNow(error, byteCount: byteCount, at: now)
            case .frame(let frame) where frame.isChecksumVerified:
                note(.leftLane)
                count(frame)
                let nothing: [UInt8] = []
                take(frame, in: nothing.span.bytes, at: now)
                leaveLane(frame)
            case .frame(let frame):
                backlog.isAtWork = true
                let decodes = isHeard(frame.kind) || MessageFacts.arePayloadsRead(of: frame.kind)
                node.readyFrames.append(
                    FrameWork(frame, of: peer, decodes: decodes, protocolVersion: session.negotiatedVersion))
            }
        }
        guard let backlog, !backlog.isBlocked else { return }
        self.backlog = nil
        if let end = backlog.end {
            finishClosed(end, at: now)
        } else if decoder.isMidFrame, closeReason == nil {
            // Not told while the host was waited for.
            handle(partlyReceived, at: now)
        }
    }

    /// A decoder is done with the frame whose turn it is.
    func take(_ outcome: FrameWork.Outcome, of frame: Frame, at now: ContinuousClock.Instant) {
        guard let backlog, backlog.isAtWork else { return }
        backlog.isAtWork = false
        tellSendQueue(at: now)
        note(.leftLane)
        switch outcome {
        case .message(let message, let facts):
            count(frame)
            let nothing: [UInt8] = []
            run(facts, frame, message, nothing.span.bytes, now)
        case .refused(let error):
            noteRefused(error, frame)
            handle(.refused(command: frame.command, refusal: FrameRefusal(error)), at: now)
        }
        leaveLane(frame)
        goOn(at: now)
    }

    /// The host has answered what the session asked.
    func take(_ answer: HostAnswer, at now: ContinuousClock.Instant) {
        guard let backlog, backlog.awaitsHost else { return }
        backlog.awaitsHost = false
        tellSendQueue(at: now)
        switch answer {
        case .newestBlock(let height): handle(.newestBlock(height: height), at: now)
        case .version(nil): handle(.versionAccepted, at: now)
        case .version(let rejection?):
            node.rejectionText = rejection.reason
            handle(.versionRefused(rejection.code), at: now)
            node.rejectionText = ""
        }
        goOn(at: now)
    }

    private func goOn(at now: ContinuousClock.Instant) {
        advanceBacklog(at: now)
        peer.counters.receivedMessages.store(receivedMessages, ordering: .relaxed)
        settle(now)
    }

    /// After its message was delivered, so that reading does not resume to pause at once.
    private func leaveLane(_ frame: Frame) {
        if let lane, lane.release(frame.length) { resumeReading() }
    }

    /// Nothing more is given to the session. What a decoder still has comes back and is dropped.
    func dropBacklog() {
        guard let backlog else { return }
        self.backlog = nil
        var waiting = backlog.items
        while let item = waiting.popFirst() {
            if case .frame(let frame) = item { leaveLane(frame) }
        }
        // The connection is over already, so nobody else says the last word.
        if backlog.end != nil { end() }
    }
}
