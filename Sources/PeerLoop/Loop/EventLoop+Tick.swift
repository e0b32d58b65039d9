extension EventLoop {
    /// Runs until stopped. The wait is the only place that blocks.
    func run() {
        while !isStopping { tick() }
        stop()
    }

    func tick() {
        let waits = !hasWorkLeft && handle.core.waker.mayWait()
        let count = waitForEvents(timeoutMilliseconds: waits ? timeoutMilliseconds() : 0)
        if handle.core.waker.take() { mustDrainMailboxes = true }
        beginTick(eventCount: count)
        for index in 0..<count { dispatch(poller[index]) }
        enter(.timers)
        fireTimers()
        enter(.mailboxes)
        drainMailboxes()
        enter(.transports)
        serveTransports()
        enter(.flush)
        flushDirty()
        enter(.closes)
        processCloses(atMost: configuration.closesPerTick)
        enter(.tickEnd)
        // Last, so that what a close or a completed write brought about is handed over too.
        for action in tickEndActions { action(self) }
        stopWhenEmpty()
        endTick()
    }

    /// Work that a phase left for the next tick, which then must not wait.
    private var hasWorkLeft: Bool {
        !dirtyList.isEmpty || !closeList.isEmpty || mustDrainMailboxes || !transportList.isEmpty
    }

    private func beginTick(eventCount: Int) {
        nowNanoseconds = clock.nanoseconds()
        tickCount &+= 1
        tally[.ticks] = tickCount
        tally[.events] &+= UInt64(eventCount)
        if eventCount == poller.capacity { tally[.eventBudget] &+= 1 }
        if let watch {
            watched = WatchedTick(beganAt: nowNanoseconds)
            watch.begin(at: nowNanoseconds)
        }
    }

    private func endTick() {
        let end = clock.nanoseconds()
        let took = end - nowNanoseconds
        handle.core.counters.add(tickNanoseconds: took)
        publishCounts()
        memoryReturn.note(outputByteCount)
        if !memoryReturn.isScheduled, memoryReturn.isWorthwhile { scheduleMemoryReturn() }
        if let watch {
            watched.enter(.waiting, at: end)
            watch.end(tookNanoseconds: took, longest: watched.longest, activity: watched.activity)
        }
    }

    /// What other threads may read.
    func publishCounts() {
        var waiting = InlineArray<6, Int>(repeating: 0)
        waiting[0] = connectionCount
        waiting[1] = timers.armedCount
        waiting[2] = dirtyList.count
        waiting[3] = closeList.count - closeHead
        waiting[4] = leftElementCount
        waiting[5] = outputByteCount
        handle.core.counters.publish(tally, waiting)
    }

    @inline(__always)
    private func enter(_ phase: LoopPhase) {
        if let watch { note(phase, watch) }
    }

    private func note(_ phase: LoopPhase, _ watch: TickWatch) {
        if watch.wantsActivity(), watched.activity == nil { watched.activity = "\(watched.phase)" }
        let now = clock.nanoseconds()
        watched.enter(phase, at: now)
        watch.enter(phase, at: now)
    }

    /// Called when something has returned that an application may have made slow.
    @inline(__always)
    func ran(_ describe: () -> String) {
        if let watch, watch.wantsActivity() { watched.activity = describe() }
    }

    /// Kept out of line under one name so that a profile can leave the waiting out.
    @inline(never)
    private func waitForEvents(timeoutMilliseconds: Int32) -> Int {
        do {
            return try poller.wait(timeoutMilliseconds: timeoutMilliseconds)
        } catch {
            preconditionFailure("epoll_wait refused its own descriptor: \(error)")
        }
    }

    private func dispatch(_ readiness: Readiness) {
        if readiness.token == Self.wakeToken {
            handle.core.waker.clear()
            tally[.wakeUps] &+= 1
            return
        }
        let index = Int(truncatingIfNeeded: readiness.token & 0xffff_ffff)
        let slot = slots[index]
        // A descriptor number may have been closed and used again since the kernel wrote this report.
        guard slot.generation == UInt32(truncatingIfNeeded: readiness.token >> 32) else { return }
        switch slot.registration {
        case .connection(let connection):
            ready(connection, readiness)
            ran { "an event of \(connection.watchDescription)" }
        case .listener(let listener):
            acceptWaiting(on: listener)
            ran { "accepting on \(listener.address)" }
        case .free: break
        }
    }
}

/// What the loop notes of the tick under way while it is watched.
struct WatchedTick {
    private(set) var phase = LoopPhase.events
    private var phaseBegan: Int64
    private(set) var longest: (phase: LoopPhase, nanoseconds: Int64) = (.events, 0)
    var activity: String?

    init(beganAt now: Int64 = 0) {
        phaseBegan = now
    }

    mutating func enter(_ next: LoopPhase, at now: Int64) {
        if now - phaseBegan >= longest.nanoseconds { longest = (phase, now - phaseBegan) }
        phase = next
        phaseBegan = now
    }
}

extension Connection {
    /// For reports of what took long.
    var watchDescription: String {
        let kind = handler.map { "\(type(of: $0))" } ?? "a connection that ended"
        return "\(kind), connection \(id), \(remoteAddress)"
    }
}
