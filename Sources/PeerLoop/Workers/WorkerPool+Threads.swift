/// What the threads of a pool do.
extension WorkerPool {
    func work(isExtra: Bool) {
        let desk = WorkerDesk()
        if !isExtra || joins() {
            monitor.withLock { $0.desks.append(desk) }
            var segment: WorkSegment?
            while let next = segment?.claim() ?? (isExtra ? takeNextAsExtra(&segment) : takeNext(&segment)) {
                desk.run(next, of: self)
            }
            monitor.withLock { state in
                state.desks.removeAll { $0 === desk }
                state.begunByEnded &+= desk.begunCount
            }
        }
        threadEnded()
    }

    /// An added worker counts from when it runs, so that nothing is scheduled for one that could not be started.
    private func joins() -> Bool {
        monitor.withLock { state in
            let isOver = state.isStopping && state.liveWorkers == 0
            if isOver || state.liveWorkers >= maximum { return false }
            state.liveWorkers += 1
            return true
        }
    }

    private func threadEnded() {
        let (isLastWorker, isLast) = monitor.withLock { state in
            state.liveThreads -= 1
            return (state.liveWorkers == 0, state.liveThreads == 0)
        }
        if isLastWorker { watcherWait.signal() }
        if isLast { ended.open() }
    }

    /// The next piece of work, and where more may be claimed; `nil` for a worker that is to end: it is no longer
    /// counted from then on, so that nothing is scheduled for workers that have all looked for the last time.
    private func takeNext(_ segment: inout WorkSegment?) -> (any Work)? {
        var isCountedIdle = false
        segment = nil
        return monitor.wait { state -> (any Work)?? in
            if isCountedIdle {
                state.regulars.end()
                isCountedIdle = false
            }
            if let answer = take(&state, &segment) { return answer }
            state.regulars.begin()
            isCountedIdle = true
            return nil
        }
    }

    /// As ``takeNext(_:)``; it also ends when no work comes for a while.
    private func takeNextAsExtra(_ segment: inout WorkSegment?) -> (any Work)? {
        var isCountedIdle = false
        segment = nil
        let answer = monitor.wait(on: extrasWait, atMost: retirement) { state, isLate -> (any Work)?? in
            if isCountedIdle {
                state.extras.end()
                isCountedIdle = false
            }
            if let answer = take(&state, &segment) { return answer }
            if isLate {
                state.liveWorkers -= 1
                return .some(nil)
            }
            state.extras.begin()
            isCountedIdle = true
            return nil
        }
        return answer ?? nil
    }

    /// Work, `.some(nil)` for a worker that is to end, or `nil` when there is nothing yet.
    private func take(_ state: inout State, _ segment: inout WorkSegment?) -> (any Work)?? {
        if let next = state.claim() {
            segment = next.from
            // Whoever takes the last free thread may never give it back.
            if hasToWatch(&state) { watcherWait.signal() }
            return .some(next.work)
        }
        if state.isStopping {
            state.liveWorkers -= 1
            return .some(nil)
        }
        return nil
    }
}

// MARK: - Growing

extension WorkerPool {
    private enum Watch {
        case begin(takenCount: UInt64)
        case grow
        case calm
        case end
    }

    /// How long growing rests when the system has no thread to give.
    private static var backOff: Duration { .seconds(1) }

    /// Sleeps until work waits while all workers are busy, and adds one each time that lasts.
    func watch() {
        var delay = growthDelay
        while true {
            let begin = monitor.wait(on: watcherWait) { state -> Watch? in
                if state.isStopping, state.liveWorkers == 0 { return .end }
                return state.isWatched ? .begin(takenCount: state.takenCount) : nil
            }
            guard case .begin(let takenCount) = begin else { break }
            let outcome = monitor.wait(on: watcherWait, atMost: delay) { state, isLate -> Watch? in
                if state.isStopping, state.liveWorkers == 0 { return .end }
                return isLate ? decide(&state, takenBefore: takenCount) : nil
            }
            delay = growthDelay
            if case .grow? = outcome, !grow() { delay = Self.backOff }
        }
        threadEnded()
    }

    private func decide(_ state: inout State, takenBefore: UInt64) -> Watch {
        guard state.isStarved(maximum) else {
            state.isWatched = false
            return .calm
        }
        if state.takenCount != takenBefore { return .begin(takenCount: state.takenCount) }
        // Before it starts, so that the end is not told while it does.
        state.liveThreads += 1
        return .grow
    }

    /// Starts another worker. False when there is no thread to be had.
    private func grow() -> Bool {
        do throws(SystemError) {
            try SystemThread.start(name: "\(name)-x", niceness: niceness) { [self] in work(isExtra: true) }
            return true
        } catch {
            monitor.withLock { $0.liveThreads -= 1 }
            return false
        }
    }
}
