internal import PeerLoop
internal import PeerSession
internal import PeerWire

/// What is told of frames as such: to ``MessageListeners/onRead``, ``MessageListeners/onWrite`` and the log.
extension PeerConnection {
    /// Follows a change of the listeners. A watch of writes begins with the next frame, and then stays: it could not
    /// begin again in the midst of what waits.
    func updateTraffic() {
        traffic = TrafficInterest(peer.listenerTable, core.log)
        if traffic.contains(.writes), writeWatch == nil {
            let written = connection.map { $0.sentByteCount + UInt64($0.pendingByteCount) } ?? 0
            writeWatch = WriteWatch(limit: core.configuration.writeEventLimit, writtenByteCount: written)
        }
        if writeWatch != nil { traffic.insert(.writes) }
    }

    /// A frame that the codec took, before its message is heard of.
    @inline(__always)
    func noteRead(_ frame: Frame, in input: RawSpan) {
        if !traffic.isEmpty { tellRead(frame, in: input) }
    }

    /// A whole frame that the codec refused, with a payload of its own.
    func noteRefused(_ error: WireError, _ frame: Frame) {
        noteRefused(error, byteCount: Frame.headerByteCount + frame.length, frame)
    }

    /// A frame that the codec refused, of which so many bytes were read.
    func noteRefused(_ error: WireError, byteCount: Int, _ frame: Frame? = nil) {
        if traffic.isEmpty { return }
        if traffic.contains(.reads) {
            let command =
                switch error {
                case .frame(let error): error.claimedCommand
                case .payload(let command, _): command
                }
            deliver(.traffic(.read(ReadEvent(command: command, byteCount: byteCount, error: error))))
        }
        if traffic.contains(.log) {
            log(byteCount: frame?.length ?? 0) { .refused(error, byteCount: byteCount, frame) }
        }
    }

    @inline(never)
    private func tellRead(_ frame: Frame, in input: RawSpan) {
        if traffic.contains(.reads) {
            let byteCount = Frame.headerByteCount + frame.length
            deliver(.traffic(.read(ReadEvent(command: frame.command, byteCount: byteCount, error: nil))))
        }
        if traffic.contains(.log) {
            log(byteCount: frame.length) { .received(frame.detached(from: input), session.negotiatedVersion) }
        }
    }
}

// MARK: - Writes

extension PeerConnection {
    /// A frame was given to the connection. `shared` are its bytes where they may be kept without copying them.
    @inline(never)
    func tellWrite(_ frame: RawSpan, shared: [UInt8]?) {
        writeWatch?.add(Frame.command(of: frame), byteCount: frame.byteCount)
        if traffic.contains(.log) {
            log(byteCount: frame.byteCount) {
                .sent(shared ?? WireBytes(copying: frame).array, session.negotiatedVersion)
            }
        }
    }

    /// The kernel took some bytes.
    func tellSent(_ watch: WriteWatch, upTo sentByteCount: UInt64) {
        while let sent = watch.popSent(upTo: sentByteCount) {
            if let event = watch.event(sent.command, sent.byteCount, .sent) { deliver(event) }
        }
    }

    /// A message that was taken will not be sent after all.
    func noteNotSent(_ command: Command, byteCount: Int = 0, _ error: SendError) {
        if traffic.isEmpty { return }
        if let event = writeWatch?.event(command, byteCount, .notSent(error)) { deliver(event) }
        if traffic.contains(.log) { log { .notSent(command, error) } }
    }

    /// A message came for a peer that is gone, or about to be told so: what waited before it is told of before it.
    func noteTooLate(_ command: Command, byteCount: Int) {
        if connection != nil, writeWatch?.addUnsent(command, byteCount: byteCount) == true { return }
        noteNotSent(command, byteCount: byteCount, .disconnected)
    }

    /// The peer is gone: tells of what waited for it, before ``MessageListeners/onDisconnect``.
    func tellUnsent() {
        while let unsent = writeWatch?.popUnsent() {
            noteNotSent(unsent.command, byteCount: unsent.byteCount, .disconnected)
        }
        for message in held { noteNotSent(message.message.command, .disconnected) }
        if let event = writeWatch?.lastEvent() { deliver(event) }
    }
}

// MARK: - Log

extension PeerConnection {
    func logConnected(_ version: ProtocolVersion) {
        log { .connected(peer.version, version) }
    }

    func logEnded(_ reason: DisconnectReason, wasEstablished: Bool) {
        log { .ended(reason, wasEstablished: wasEstablished) }
    }

    /// Hands a record to the log if there is room for it: nothing is copied for one that is lost.
    private func log(byteCount: Int = 0, _ event: () -> LogRecord.Event) {
        guard let log = core.log, log.reserve(byteCount) else { return }
        if log.append(LogRecord(peer: peer, byteCount: byteCount, event: event())) {
            node.readyLanes.append(log.lane)
        }
    }
}
