extension Connection {
    /// Queues a copy of `bytes`; they are written when the tick ends. Nothing happens once the connection is finishing.
    public func write(_ bytes: RawSpan) {
        guard phase == .open, bytes.byteCount > 0 else { return }
        outputForWriting().append(bytes)
    }

    /// Queues `chunk`, shared and not copied when it is large. Nothing happens once the connection is finishing.
    public func write(_ chunk: [UInt8]) {
        guard phase == .open, !chunk.isEmpty else { return }
        outputForWriting().append(chunk)
    }

    /// Queues `chunk` and has `completion` called, on the loop, once the kernel has all of it or never will.
    public func write(_ chunk: [UInt8], completion: @escaping @Sendable (WriteOutcome) -> Void) {
        guard phase == .open else {
            completion(.connectionClosed)
            return
        }
        if chunk.isEmpty, output == nil {
            completion(.sent)
            return
        }
        let queue = outputForWriting()
        queue.append(chunk)
        queue.notify(completion)
    }

    /// Stops taking bytes from the kernel, so that the sender is slowed down. Hang-ups are still noticed on resuming.
    public func pauseReading() {
        isReadingPaused = true
        loop.updateInterest(self)
    }

    /// Reads again.
    public func resumeReading() {
        // Nothing comes after the end, which would be reported again and again.
        if hasInputEnded { return }
        isReadingPaused = false
        loop.updateInterest(self)
    }

    /// Has ``ConnectionHandler/deadlineReached(on:)`` called at `deadline`; `nil` cancels. One deadline at a time.
    ///
    /// Moving it later costs next to nothing: the timer is left where it is and looked at again when it fires.
    public func setDeadline(_ deadline: ContinuousClock.Instant?) {
        guard phase == .open || phase == .connecting else { return }
        guard let deadline else {
            loop.cancelTimer(of: self)
            return
        }
        loop.armTimer(of: self, at: loop.clock.nanoseconds(of: deadline))
    }

    /// Closes at the end of this tick. What waits to be written is lost; see ``finish(within:)``.
    public func close() {
        loop.close(self, cause: .closedLocally)
    }

    /// Closes at once with a reset, so that the kernel keeps no trace of the connection.
    public func reset() {
        if phase != .closed, attachment == nil { Socket.resetOnClose(descriptor) }
        loop.close(self, cause: .closedLocally)
    }

    /// Ends the connection in order: writes what waits, ends this side of the stream, drops further input until the
    /// other side ends too, and then closes, so that unread input does not turn the goodbye into a reset. A side that
    /// has ended already still gets what waits. After `limit` the connection is closed in any case.
    public func finish(within limit: Duration) {
        guard phase == .open else {
            if phase == .connecting { close() }
            return
        }
        phase = .finishing
        isReadingPaused = false
        loop.armTimer(of: self, at: loop.clock.nanoseconds(of: loop.now.advanced(by: limit)))
        loop.updateInterest(self)
        if output == nil { loop.endWriting(self) }
    }

    private func outputForWriting() -> OutputQueue {
        if !isDirty {
            isDirty = true
            loop.dirtyList.append(self)
        }
        if let output { return output }
        let queue = loop.takeOutputQueue()
        output = queue
        return queue
    }
}
