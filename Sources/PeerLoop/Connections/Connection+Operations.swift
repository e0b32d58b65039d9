extension Connection {
    /// Queues a copy of `bytes`. What is written while the connection's own event is handled goes out when the handler
    /// returns, anything else when the tick ends.
    ///
    /// Nothing is taken before ``ConnectionHandler/opened(_:)``, and nothing once the connection is finishing or this
    /// side's stream has ended: the call has no effect. Where more would wait than
    /// the cap of ``writeLimits`` allows, the connection is closed with ``CloseCause/writeCapExceeded``.
    public func write(_ bytes: RawSpan) {
        guard acceptsOutput, bytes.byteCount > 0 else { return }
        if !enqueue(bytes) { loop.close(self, cause: .writeCapExceeded) }
    }

    /// Queues what `fill` appends to the memory that it is lent, as ``write(_:)-(RawSpan)`` does with bytes that lie
    /// elsewhere: for answers that are made one after the other, each of which would be copied otherwise.
    ///
    /// Nothing of it is queued when `fill` throws. Where nothing would be taken any more it is not called. It must not
    /// write to this connection in any other way meanwhile, nor call ``shutDownWriting()``: that traps.
    ///
    /// - Parameters:
    ///   - capacity: bytes at most. Memory for so many is made ready, and so they are held against the cap of
    ///     ``writeLimits`` whether they are used or not.
    ///   - fill: appends; called once, before this call returns.
    public func write<Failure: Error>(
        capacity: Int, _ fill: (inout OutputRawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(capacity >= 0, "there is no room for fewer than no bytes")
        guard acceptsOutput else { return }
        let queue = outputForWriting()
        guard queue.admits(capacity) else {
            loop.close(self, cause: .writeCapExceeded)
            return
        }
        isOutputLent = true
        defer { isOutputLent = false }
        let count = try queue.append(capacity: capacity, fill)
        loop.outputByteCount += count
    }

    /// Whether what is written now is taken. Whoever is lent the memory behind it cannot have it moved.
    @inline(__always)
    private var acceptsOutput: Bool {
        precondition(!isOutputLent, "written to while write(capacity:_:) fills its memory")
        return phase == .open && !isOutputClosed
    }

    /// As ``write(_:)-(RawSpan)``; `chunk` is shared and not copied when it is large.
    public func write(_ chunk: [UInt8]) {
        guard acceptsOutput, !chunk.isEmpty else { return }
        if !enqueue(chunk) { loop.close(self, cause: .writeCapExceeded) }
    }

    /// As ``write(_:)-(RawSpan)``, but refuses what would exceed the cap, or comes too late: false, and nothing of it
    /// is queued.
    public func tryWrite(_ bytes: RawSpan) -> Bool {
        guard acceptsOutput else { return false }
        return bytes.byteCount == 0 || enqueue(bytes)
    }

    /// As ``write(_:)-([UInt8])``, but refuses what would exceed the cap, or comes too late: false, and nothing of it
    /// is queued.
    public func tryWrite(_ chunk: [UInt8]) -> Bool {
        guard acceptsOutput else { return false }
        return chunk.isEmpty || enqueue(chunk)
    }

    /// Queues `chunk` and has `completion` called, on the loop, once the kernel has all of it or never will.
    ///
    /// Where nothing is taken, as before ``ConnectionHandler/opened(_:)``, it is called with
    /// ``WriteOutcome/connectionClosed`` before this call returns.
    public func write(_ chunk: [UInt8], completion: @escaping @Sendable (WriteOutcome) -> Void) {
        guard acceptsOutput else {
            completion(.connectionClosed)
            return
        }
        if chunk.isEmpty, output == nil {
            completion(.sent)
            return
        }
        guard chunk.isEmpty || enqueue(chunk) else {
            loop.close(self, cause: .writeCapExceeded)
            completion(.connectionClosed)
            return
        }
        outputForWriting().notify(completion)
    }

    /// Ends this side of the stream once everything queued is written: the other side reads the end of the stream, and
    /// may still send. The connection is over when it ends its own, too. What is written after this is not taken.
    /// Nothing happens before ``ConnectionHandler/opened(_:)``.
    public func shutDownWriting() {
        guard acceptsOutput else { return }
        isOutputClosed = true
        endsWriting = true
        if output == nil { loop.endWriting(self) }
    }

    /// Stops taking bytes from the kernel, so that the sender is slowed down. Hang-ups are still noticed on resuming.
    /// Nothing happens once the connection is finishing: what arrives then is dropped, which cannot wait.
    public func pauseReading() {
        if phase == .finishing || phase == .drainingInput || phase == .closed { return }
        isReadingPaused = true
        loop.updateInterest(self)
    }

    /// Reads again.
    public func resumeReading() {
        if hasInputEnded { return }
        isReadingPaused = false
        loop.updateInterest(self)
    }

    /// Has ``ConnectionHandler/deadlineReached(on:)`` called at `deadline`; `nil` cancels. One deadline at a time.
    ///
    /// Moving it later costs next to nothing: the timer is left where it is and looked at again when it fires.
    ///
    /// It may be set before the connection is open, besides the limit of connecting. A connection that is not open by
    /// then ends with ``CloseCause/connectTimedOut``, as it does at that limit.
    public func setDeadline(_ deadline: ContinuousClock.Instant?) {
        guard phase == .open || phase == .connecting || phase == .negotiating else { return }
        guard let deadline else {
            loop.cancelDeadline(of: self)
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
    /// has ended already still gets what waits. After `limit` the connection is closed in any case. One that is not
    /// open yet is closed at once.
    public func finish(within limit: Duration) {
        guard phase == .open else {
            if phase == .connecting || phase == .negotiating { close() }
            return
        }
        phase = .finishing
        // Nothing comes after the end, which would be reported again and again.
        if !hasInputEnded { isReadingPaused = false }
        loop.armTimer(of: self, at: loop.nanoseconds(after: limit))
        loop.updateInterest(self)
        if output == nil { loop.endWriting(self) }
    }

    @inline(__always)
    private func enqueue(_ bytes: RawSpan) -> Bool {
        if bytes.byteCount >= Self.leastSentAtOnce, output == nil, loop.servedToken == id.token {
            return enqueueRest(of: bytes)
        }
        let queue = outputForWriting()
        guard queue.admits(bytes.byteCount) else { return false }
        queue.append(bytes)
        loop.outputByteCount += bytes.byteCount
        return true
    }

    /// Bytes: an answer of so many goes out straight from where it lies; only what the kernel does not take is copied.
    private static var leastSentAtOnce: Int { ByteArena.retainedByteCount }

    @inline(never)
    private func enqueueRest(of bytes: RawSpan) -> Bool {
        // Before any of it is gone. Whether the kernel would take it makes no difference.
        guard bytes.byteCount <= writeLimits.cap else { return false }
        let sent = loop.sendAtOnce(bytes, of: self)
        isDirty = true
        if sent == bytes.byteCount { return true }
        let queue = outputForWriting()
        queue.append(bytes.extracting(droppingFirst: sent))
        loop.outputByteCount += bytes.byteCount - sent
        return true
    }

    private func enqueue(_ chunk: [UInt8]) -> Bool {
        let queue = outputForWriting()
        guard queue.admits(chunk.count) else { return false }
        queue.append(chunk)
        loop.outputByteCount += chunk.count
        return true
    }

    @inline(__always)
    func outputForWriting() -> OutputQueue {
        if !isDirty {
            isDirty = true
            if loop.servedToken != id.token { loop.dirtyList.append(self) }
        }
        if let output { return output }
        let queue = loop.takeOutputQueue(writeLimits)
        output = queue
        return queue
    }
}
