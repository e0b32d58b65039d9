import PeerSession
import PeerWire

// MARK: - Reading

extension SimPeer {
    /// The message of an event, with what the host knows of it.
    struct FrameContext {
        let event: SessionEvent
        let message: Message
        let number: Int64
        let mark: FrameMark
        let byteCount: Int
        let isFromLane: Bool
    }

    private var inbound: Int { 1 - end }

    /// True while frames may be given to the session.
    private var canFeed: Bool {
        ending == .none && !isReadingPaused && !session.isAwaitingHost && !books.isRefused && connection.isUp
            && !isStoppedBySabotage
    }

    private var isStoppedBySabotage: Bool {
        simulation.sabotage == .readingStopsWhenSendQueueIsFull
            && pendingByteCount > node.settings.session.sendQueueHighMark
    }

    func readable() {
        switch ending {
        case .none: scheduleRead(delayed: true)
        case .flushing, .draining: drain()
        case .closed, .over: break
        }
    }

    func scheduleRead(delayed: Bool) {
        guard !isReadScheduled, canFeed, rest.isEmpty, connection.pipes[inbound].isReadable, !hasSeenEnd else { return }
        let delay = connection.profile.readDelay
        isReadScheduled = true
        if delayed, delay > .zero {
            let time = simulation.now + node.random.duration(upTo: delay)
            simulation.events.schedule(.read, of: id, at: time)
        } else if delayed {
            readTurn()
        } else {
            simulation.events.schedule(.read, of: id, at: simulation.now)
        }
    }

    func readTurn() {
        isReadScheduled = false
        guard canFeed, rest.isEmpty else { return }
        var input: [UInt8] = []
        swap(&input, &simulation.scratch)
        input.removeAll(keepingCapacity: true)
        let count = simulation.read(
            upTo: connection.profile.readByteCount, from: connection, end: end, into: &input)
        if count > 0 {
            session.countReceived(byteCount: count, at: simulation.now.instant)
            var offset = 0
            feed(input, &offset)
            if offset < input.count, ending == .none {
                rest = Array(input[offset...])
                restOffset = 0
            }
        }
        swap(&input, &simulation.scratch)
        finishTurn()
    }

    /// Goes on with what was read before, and reads on.
    func resumeInput() {
        if !rest.isEmpty, canFeed {
            var offset = restOffset
            feed(rest, &offset)
            restOffset = offset
            if offset == rest.count || ending != .none {
                rest = []
                restOffset = 0
            }
        }
        guard rest.isEmpty, ending == .none else { return }
        let pipe = connection.pipes[inbound]
        if pipe.unreadByteCount > 0 {
            scheduleRead(delayed: false)
        } else if pipe.isEndArrived || pipe.isResetArrived {
            takeEnd(isReset: pipe.isResetArrived)
        }
    }

    /// The end comes behind all that came before it.
    private func takeEnd(isReset: Bool) {
        guard canFeed, framesInLane == 0, !hasSeenEnd else { return }
        hasSeenEnd = true
        if !isReset {
            let missing = connection.logs[inbound].missing(within: connection.pipes[inbound].writtenByteCount)
            if missing > 0 { simulation.fail(.streamIntact, "\(self) saw the end with \(missing) frames missing") }
        }
        give(.transportClosed(isReset ? .reset : .endOfStream), nil)
    }

    private func feed(_ input: [UInt8], _ offset: inout Int) {
        limits.blockLikePayloadCap = session.blockLikePayloadCap
        var boundary = offset
        while canFeed {
            let isEstablished = session.isEstablished
            let inLoop = framesInLane > 0 ? -1 : isEstablished ? node.settings.host.largePayloadByteCount : .max
            do throws(FrameError) {
                let frame = try decoder.nextFrame(
                    in: input.span.bytes, at: &offset, limits: limits,
                    phase: isEstablished ? .established : .handshake, verifyChecksumUpTo: inLoop,
                    registry: node.settings.registry)
                guard let frame else {
                    partial.add(input, from: boundary)
                    notePart()
                    return
                }
                take(frame, input)
            } catch {
                refuse(error.claimedCommand, FrameRefusal(error), takeNumber())
            }
            boundary = offset
            partial.clear()
            pauseWhenFull()
        }
    }

    private func takeNumber() -> Int64 {
        nextFrameNumber += 1
        return nextFrameNumber - 1
    }

    private func notePart() {
        guard decoder.isMidFrame, ending == .none else { return }
        let header = partial.content
        books.deadlines.partOfFrame(length: header?.length ?? 0, at: simulation.now)
        give(.framePartlyReceived(command: header?.command, payloadByteCount: header?.length ?? 0), nil)
    }

    private func take(_ frame: Frame, _ input: [UInt8]) {
        let number = takeNumber()
        let mark = FrameMark(frame)
        if case .differs(let expected) = connection.logs[inbound].received(
            mark, isVerified: frame.isChecksumVerified)
        {
            let due = expected.map { "\($0.command) of \($0.length) bytes" } ?? "nothing"
            simulation.fail(.streamIntact, "\(self) received \(mark.command) of \(mark.length) bytes, due was \(due)")
        }
        guard !frame.isChecksumVerified else {
            decode(frame, input, number, isFromLane: false)
            return
        }
        lane.append(.decode(frame.detached(from: input.span.bytes), number: number))
        laneByteCount += Frame.headerByteCount + frame.length
        framesInLane += 1
        books.deadlines.lane(1, at: simulation.now)
        give(.enteredLane, nil)
        work()
    }

    func refuse(_ command: Command, _ refusal: FrameRefusal, _ number: Int64) {
        // A refusal waits for what came before it, too.
        if framesInLane > 0 {
            books.isRefused = true
            lane.append(.refused(command, refusal, number: number))
            work()
        } else {
            refuseNow(command, refusal, number)
        }
    }

    /// Tells the session of a refused frame whose turn it is.
    func refuseNow(_ command: Command, _ refusal: FrameRefusal, _ number: Int64) {
        guard ending == .none else { return }
        books.refusedNumber = number
        books.deadlines.refusedFrame()
        if simulation.isSabotaged(.deliveryAfterRefusal) {
            books.lastGiven = number
            return
        }
        books.isRefused = true
        give(.refused(command: command, refusal: refusal), nil)
    }

    /// Decodes a frame whose checksum agrees, and gives the session what it says.
    func decode(_ frame: Frame, _ input: [UInt8], _ number: Int64, isFromLane: Bool) {
        let message: Message
        do throws(DecodeError) {
            message = try Message.decode(
                frame, input: input.span.bytes, protocolVersion: session.negotiatedVersion, limits: limits,
                registry: node.settings.registry)
        } catch {
            refuseNow(frame.command, FrameRefusal(error), number)
            return
        }
        if number != books.lastGiven + 1 {
            simulation.fail(.streamIntact, "\(self) gave frame \(number) to the session after \(books.lastGiven)")
        }
        books.lastGiven = number
        let facts = MessageFacts(
            message, checksum: frame.checksum, hashes: true,
            wallTime: simulation.wallTime + node.settings.wallClockOffset)
        note(message, facts)
        let byteCount = Frame.headerByteCount + frame.length
        let event = SessionEvent.message(facts, frameByteCount: byteCount)
        let context = FrameContext(
            event: event, message: message, number: number, mark: FrameMark(frame), byteCount: byteCount,
            isFromLane: isFromLane)
        if simulation.sabotage == .deliveredBeforeHandshake, !books.hasEstablished,
            !PeerBooks.belongsToHandshake(message)
        {
            deliver(context, withinRate: nil)
        }
        give(event, context)
        if ending == .none, !PeerBooks.isDropped(message, node.settings) { books.mustDeliver += 1 }
    }

    /// Enters a message into the books before the session sees it.
    private func note(_ message: Message, _ facts: MessageFacts) {
        books.receivedMessages += 1
        books.deadlines.frame(facts, at: simulation.now)
        switch (message, facts) {
        case (.inventory(let list), _): for item in list.items { books.known.peerHas(item) }
        case (_, .transaction(let hash?)): books.known.peerHas(.transaction(hash))
        case (_, .block(let hash?)), (_, .merkleBlock(let hash?)), (_, .compactBlock(let hash?)):
            books.known.peerHas(.block(hash))
        case (.pong(let nonce), _):
            if books.outstandingPings.first == nonce {
                books.outstandingPings.removeFirst()
                books.deadlines.ponged()
            }
        default: break
        }
    }
}
