internal import Glibc

extension EventLoop {
    static func make(_ configuration: Configuration, _ handle: EventLoopHandle) throws(SystemError) -> EventLoop {
        let poller = try Poller(eventsPerWait: configuration.inRange.eventsPerTick)
        try handle.core.waker.register(with: poller, token: wakeToken)
        let loop = try EventLoop(configuration: configuration, handle: handle, poller: poller)
        loop.attach(handle.core.jobs) { loop, jobs in
            for job in jobs {
                job(loop)
                loop.ran { "a job of another thread" }
            }
        }
        return loop
    }

    /// Stops accepting, lets every connection finish in order, and ends the loop when the last one is gone or `limit`
    /// has passed. From here on there are no new connections: making one throws `ECANCELED`, and one that is attached
    /// ends with ``CloseCause/loopStopped``.
    public func shutdown(within limit: Duration) {
        if isShuttingDown { return }
        isShuttingDown = true
        endDials()
        forEachListener { close($0) }
        forEachConnection { $0.finish(within: limit) }
        schedule(after: limit) { $0.isStopping = true }
        stopWhenEmpty()
    }

    func stopWhenEmpty() {
        if isShuttingDown, connectionCount == 0 { isStopping = true }
    }

    /// The loop's last act: nothing it was given stays unanswered.
    func stop() {
        endDials()
        forEachListener { close($0) }
        endAllConnections()
        // One that is drained may attach another.
        var index = 0
        while index < drainsAtStop.count {
            drainsAtStop[index]()
            index += 1
        }
        // What was attached meanwhile hears of its end, too. Beyond that it could go on for ever.
        isOver = true
        endAllConnections()
        transportList = []
        for action in tickEndActions { action(self) }
        tickEndActions = []
        drains = []
        drainsAtStop = []
        dropJobs()
        publishCounts()
        watch?.stop()
    }

    private func endAllConnections() {
        forEachConnection { close($0, cause: .loopStopped) }
        processCloses(atMost: closeList.count - closeHead)
    }

    /// A loop that ends takes nothing new: whoever connects again whenever a connection ends would hold it up.
    func requireRunning(_ operation: SystemError.Operation) throws(SystemError) {
        if isShuttingDown { throw SystemError(operation, code: ECANCELED) }
    }

    private func forEachListener(_ body: (Listener) -> Void) {
        for index in slots.indices {
            if case .listener(let listener) = slots[index].registration { body(listener) }
        }
    }
}
