extension EventLoop {
    func allocateTimer(owner: TimerOwner) -> TimerQueue.Identifier {
        let identifier = timers.allocate()
        if Int(identifier) == timerOwners.count {
            timerOwners.append(owner)
        } else {
            timerOwners[Int(identifier)] = owner
        }
        return identifier
    }

    func releaseTimer(_ identifier: TimerQueue.Identifier) {
        timerOwners[Int(identifier)] = .none
        timers.release(identifier)
    }

    /// Sets the connection's own deadline.
    func armTimer(of connection: Connection, at deadline: Int64) {
        connection.ownDeadline = deadline
        armTimer(of: connection)
    }

    /// Sets by when the connection has to be open.
    func limitConnecting(_ connection: Connection, until deadline: Int64) {
        connection.connectDeadline = deadline
        armTimer(of: connection)
    }

    /// The connection is open, or goes on to the next step of becoming so. A deadline of its own stays.
    func becameOpen(_ connection: Connection) {
        connection.connectDeadline = .max
        if connection.ownDeadline == .max { cancelTimer(of: connection) }
    }

    func cancelDeadline(of connection: Connection) {
        connection.ownDeadline = .max
        if connection.connectDeadline == .max { cancelTimer(of: connection) }
    }

    private func armTimer(of connection: Connection) {
        let deadline = min(connection.ownDeadline, connection.connectDeadline)
        let identifier: TimerQueue.Identifier
        if let existing = connection.timer {
            identifier = existing
        } else {
            identifier = allocateTimer(owner: .connection(connection))
            connection.timer = identifier
        }
        if let armed = timers.armedDeadline(of: identifier), armed <= deadline { return }
        armTimer(identifier, at: deadline)
    }

    /// A deadline in the past is due in the next round of timers, never in the one under way, so that a handler that
    /// keeps asking for one cannot hold the loop.
    func armTimer(_ identifier: TimerQueue.Identifier, at deadline: Int64) {
        timers.arm(identifier, at: deadline, now: nowNanoseconds)
    }

    func cancelTimer(of connection: Connection) {
        connection.ownDeadline = .max
        connection.connectDeadline = .max
        if let identifier = connection.timer {
            releaseTimer(identifier)
            connection.timer = nil
        }
    }

    /// Rounded up: a wait that ends just before its deadline would spin.
    func timeoutMilliseconds() -> Int32 {
        guard let earliest = timers.earliest else { return -1 }
        // The clock is read again only when it matters: the tick may have taken a while.
        let isFar = earliest - nowNanoseconds > 1_000_000_000
        let left = earliest - (isFar ? nowNanoseconds : clock.nanoseconds())
        if left <= 0 { return 0 }
        return Int32(clamping: (left - 1) / 1_000_000 + 1)
    }

    func fireTimers() {
        guard timers.earliest != nil else { return }
        let current = nowNanoseconds
        var left = max(1, configuration.timersPerTick)
        while left > 0, let identifier = timers.popDue(at: current) {
            left -= 1
            switch timerOwners[Int(identifier)] {
            case .connection(let connection): timerFired(connection, identifier, at: current)
            case .listener(let listener):
                releaseTimer(identifier)
                resume(listener)
            case .job(let job): fire(job, identifier, at: current)
            case .none: break
            }
            ran { "a timer" }
        }
        tally[.timers] &+= UInt64(max(1, configuration.timersPerTick) - left)
        if left == 0 { tally[.timerBudget] &+= 1 }
    }

    private func timerFired(_ connection: Connection, _ identifier: TimerQueue.Identifier, at current: Int64) {
        let deadline = min(connection.ownDeadline, connection.connectDeadline)
        if deadline > current {
            // It was moved later after it was armed.
            if deadline != .max { armTimer(identifier, at: deadline) }
            return
        }
        connection.ownDeadline = .max
        switch connection.phase {
        case .connecting, .negotiating: close(connection, cause: .connectTimedOut)
        case .open: connection.handler?.deadlineReached(on: connection)
        case .finishing, .drainingInput: close(connection, cause: .closedLocally)
        case .closed: break
        }
    }
}
