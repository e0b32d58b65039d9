internal import DequeModule

extension Resolver {
    typealias Continuation = CheckedContinuation<Answer, Never>

    /// Who asks for what, and who is at it. Each function takes no more than a look at it, with the lock held; what it
    /// answers is carried out without.
    struct State {
        private enum Question {
            /// About to be asked.
            case reserved
            case waiting(Continuation, host: String)
            /// Given up before it was asked.
            case givenUp(ResolveError)
        }

        private struct LookUp {
            var questions: Set<UInt64>
            var isRunning: Bool
        }

        private struct CachedAnswer {
            let addresses: [SocketAddress]
            let end: ContinuousClock.Instant
        }

        private var questions: [UInt64: Question] = [:]
        private var nextQuestion: UInt64 = 0
        private var waitingCount = 0
        private var lookUps: [String: LookUp] = [:]
        /// Hosts that no worker has been found for.
        private var queue = Deque<String>()
        private(set) var runningCount = 0
        /// When the latest of those that run began.
        private var latestStart = ContinuousClock.now
        private var cache: [String: CachedAnswer] = [:]
        /// The oldest answer first. All live equally long.
        private var cachedHosts = Deque<String>()
        private var isStopped = false
    }

    /// What follows from a question.
    enum Reception {
        case answer(Answer)
        case lookUp(String)
        case wait
    }
}

// MARK: - Questions

extension Resolver.State {
    /// Entries of all kinds, for tests: 0 when nothing is asked and nothing kept.
    var entryCount: Int { questions.count + lookUps.count + queue.count + cache.count + cachedHosts.count }

    /// A number for a question, so that it can be given up at any time.
    mutating func reserve() -> UInt64 {
        nextQuestion += 1
        questions[nextQuestion] = .reserved
        return nextQuestion
    }

    mutating func receive(
        _ question: UInt64, _ host: String, _ continuation: Resolver.Continuation,
        _ configuration: Resolver.Configuration
    ) -> Resolver.Reception {
        if case .givenUp(let error) = questions.removeValue(forKey: question) { return .answer(.failure(error)) }
        if isStopped { return .answer(.failure(.stopped)) }
        let now = ContinuousClock.now
        dropCache(at: now)
        if let cached = cache[host] { return .answer(.success(cached.addresses)) }
        if waitingCount >= configuration.waitingLimit { return .answer(.failure(.allWorkersBusy(host: host))) }
        let mayRun = runningCount < max(1, configuration.maximumWorkers)
        let isRunning = lookUps[host]?.isRunning ?? false
        if !isRunning, !mayRun, now - latestStart >= configuration.hangLimit {
            return .answer(.failure(.allWorkersBusy(host: host)))
        }
        questions[question] = .waiting(continuation, host: host)
        waitingCount += 1
        if lookUps[host]?.questions.insert(question) != nil { return .wait }
        lookUps[host] = .init(questions: [question], isRunning: mayRun)
        if !mayRun {
            queue.append(host)
            return .wait
        }
        begin(at: now)
        return .lookUp(host)
    }

    /// Who waits for a question that nobody wants answered any more, and the answer. `reason` is told whether a worker
    /// is at it.
    mutating func giveUp(
        _ question: UInt64, _ reason: (Bool) -> ResolveError
    ) -> (Resolver.Continuation, ResolveError)? {
        switch questions[question] {
        case nil, .givenUp: return nil
        case .reserved:
            // Who asks was late, not the workers.
            questions[question] = .givenUp(reason(true))
            return nil
        case .waiting(let continuation, let host):
            let isRunning = lookUps[host]?.isRunning ?? false
            remove(question)
            lookUps[host]?.questions.remove(question)
            // What a worker is at stays until it returns.
            if !isRunning, lookUps[host]?.questions.isEmpty ?? false {
                lookUps[host] = nil
                queue.removeAll { $0 == host }
            }
            return (continuation, reason(isRunning))
        }
    }

    private mutating func remove(_ question: UInt64) {
        questions[question] = nil
        waitingCount -= 1
    }

    private mutating func begin(at now: ContinuousClock.Instant) {
        runningCount += 1
        latestStart = now
    }

    /// Who waits for the answer, and the host that the worker which brought it looks up next.
    mutating func finish(
        _ host: String, _ answer: Resolver.Answer, _ configuration: Resolver.Configuration
    ) -> (waiting: [Resolver.Continuation], next: String?) {
        let now = ContinuousClock.now
        runningCount -= 1
        let waiting = takeWaiting(for: host)
        if case .success(let addresses) = answer { keep(addresses, of: host, at: now, configuration) }
        guard let next = queue.popFirst() else { return (waiting, nil) }
        lookUps[next]?.isRunning = true
        begin(at: now)
        return (waiting, next)
    }

    private mutating func takeWaiting(for host: String) -> [Resolver.Continuation] {
        guard let lookUp = lookUps.removeValue(forKey: host) else { return [] }
        return lookUp.questions.sorted().compactMap { question in
            guard case .waiting(let continuation, _) = questions[question] else { return nil }
            remove(question)
            return continuation
        }
    }

    mutating func stop() -> [Resolver.Continuation] {
        isStopped = true
        queue = []
        cache = [:]
        cachedHosts = []
        return lookUps.keys.flatMap { takeWaiting(for: $0) }
    }

    // MARK: - Answers that are kept

    private mutating func keep(
        _ addresses: [SocketAddress], of host: String, at now: ContinuousClock.Instant,
        _ configuration: Resolver.Configuration
    ) {
        if isStopped || configuration.cacheLifetime <= .zero || configuration.cachedHostLimit < 1 { return }
        // It was asked because nothing was kept, so that the host is not among those kept.
        if cachedHosts.count >= configuration.cachedHostLimit, let oldest = cachedHosts.popFirst() {
            cache[oldest] = nil
        }
        cachedHosts.append(host)
        cache[host] = CachedAnswer(addresses: addresses, end: now + configuration.cacheLifetime)
    }

    private mutating func dropCache(at now: ContinuousClock.Instant) {
        while let oldest = cachedHosts.first, let cached = cache[oldest], cached.end <= now {
            cache[oldest] = nil
            cachedHosts.removeFirst()
        }
    }
}
