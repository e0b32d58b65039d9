/// Connections that are over their high mark, looked at now and then. They are few, and nothing is kept for others.
struct SlowWriters {
    var connections: [Connection] = []
    var isScheduled = false
}

extension EventLoop {
    /// A connection has more waiting than its high mark, after a write.
    func watchProgress(of connection: Connection, _ queue: OutputQueue) {
        guard let window = queue.limits.progressWindow else { return }
        queue.beginWindow(at: nowNanoseconds)
        if !connection.isProgressWatched {
            connection.isProgressWatched = true
            slowWriters.connections.append(connection)
        }
        scheduleProgressCheck(after: window)
    }

    /// Often enough that nobody has more than a quarter of its window for nothing.
    private func scheduleProgressCheck(after window: Duration) {
        if slowWriters.isScheduled { return }
        slowWriters.isScheduled = true
        schedule(after: max(window / 4, .milliseconds(1))) { $0.checkProgress() }
    }

    private func checkProgress() {
        slowWriters.isScheduled = false
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
            let length = clock.nanoseconds(of: clock.origin + window)
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
