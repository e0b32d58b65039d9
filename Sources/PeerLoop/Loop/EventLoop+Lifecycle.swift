extension EventLoop {
    static func make(_ configuration: Configuration, _ handle: EventLoopHandle) throws(SystemError) -> EventLoop {
        let poller = try Poller(eventsPerWait: max(1, configuration.eventsPerTick))
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
    /// has passed.
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
        forEachConnection { close($0, cause: .loopStopped) }
        processCloses(atMost: .max)
        for drain in drainsAtStop { drain() }
        // What was drained may have connected or accepted again; those end the same way.
        forEachConnection { close($0, cause: .loopStopped) }
        processCloses(atMost: .max)
        transportList = []
        for action in tickEndActions { action(self) }
        tickEndActions = []
        drains = []
        drainsAtStop = []
        dropJobs()
        watch?.stop()
    }

    private func forEachListener(_ body: (Listener) -> Void) {
        for index in slots.indices {
            if case .listener(let listener) = slots[index].registration { body(listener) }
        }
    }
}
