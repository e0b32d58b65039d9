/// Connections that are over their high mark, looked at now and then. They are few, and nothing is kept for others.
struct SlowWriters {
    var connections: [Connection] = []
    /// Nanoseconds at which they are looked at next.
    var checkDue = Int64.max
}

extension EventLoop {
    /// A connection has come to have more waiting than its high mark, which was told.
    func watchProgress(of connection: Connection, _ queue: OutputQueue) {
        guard let window = queue.limits.progressWindow else { return }
        queue.beginWindow(at: nowNanoseconds)
        if !connection.isProgressWatched {
            connection.isProgressWatched = true
            slowWriters.connections.append(connection)
        }
        scheduleProgressCheck(after: window)
    }

    /// The limits of a connection have changed: one that is over the mark already may have a window from here on, or a
    /// shorter one.
    func limitsChanged(of connection: Connection, _ queue: OutputQueue) {
        guard queue.isOverMarkTold, let window = queue.limits.progressWindow else { return }
        if connection.isProgressWatched {
            scheduleProgressCheck(after: window)
        } else {
            watchProgress(of: connection, queue)
        }
    }

    /// Often enough that nobody has more than a quarter of its window for nothing.
    private func scheduleProgressCheck(after window: Duration) {
        let delay = max(window / 4, .milliseconds(1))
        let due = nanoseconds(after: delay)
        if due >= slowWriters.checkDue { return }
        slowWriters.checkDue = due
        // One that was to come later finds that it has been overtaken.
        schedule(after: delay) { loop in
            if loop.slowWriters.checkDue == due { loop.checkProgress(late: loop.nowNanoseconds - due) }
        }
    }

    /// `late` is how long after its time the look comes, in nanoseconds: for as long the loop stood still, wrote
    /// nothing, and has nobody to blame.
    private func checkProgress(late: Int64) {
        slowWriters.checkDue = .max
        let connections = slowWriters.connections
        slowWriters.connections = []
        var shortest: Duration?
        for connection in connections {
            guard connection.phase != .closed, let queue = connection.output, queue.isOverMarkTold,
                let window = queue.limits.progressWindow
            else {
                connection.isProgressWatched = false
                continue
            }
            queue.delayWindow(by: late, now: nowNanoseconds)
            let length = LoopClock.nanoseconds(of: window)
            if nowNanoseconds - queue.windowBegan >= length {
                if queue.flushedInWindow < UInt64(queue.limits.leastByteCount) {
                    close(connection, cause: .sendTooSlow)
                    continue
                }
                queue.beginWindow(at: nowNanoseconds)
            }
            slowWriters.connections.append(connection)
            shortest = min(window, shortest ?? window)
        }
        if let shortest { scheduleProgressCheck(after: shortest) }
    }
}
