extension Resolver {
    func ask(_ question: UInt64, _ host: String, _ continuation: Continuation) {
        let reception = state.withLock { $0.receive(question, host, continuation, configuration) }
        switch reception {
        case .answer(let answer): continuation.resume(returning: answer)
        case .lookUp(let host): begin(host)
        case .wait: break
        }
    }

    func giveUp(_ question: UInt64, _ reason: (_ isRunning: Bool) -> ResolveError) {
        if let (continuation, error) = state.withLock({ $0.giveUp(question, reason) }) {
            continuation.resume(returning: .failure(error))
        }
    }

    /// Has a worker look up the host. Where there are no workers any more, none is found for those behind it either.
    private func begin(_ host: String) {
        var next: String? = host
        while let host = next {
            if pool.offer(Work(self, host)) { return }
            next = finish(host, .failure(.stopped))
        }
    }

    /// No worker will begin this: the pool has ended.
    fileprivate func abandon(_ host: String) {
        if let next = finish(host, .failure(.stopped)) { begin(next) }
    }

    fileprivate func run(_ host: String) {
        let answer: Answer
        do throws(AddressError) {
            let addresses = try lookUp(host)
            answer = addresses.isEmpty ? .failure(.unresolvable(host: host, reason: "no address")) : .success(addresses)
        } catch {
            answer = .failure(ResolveError(error, host: host))
        }
        if let next = finish(host, answer) { begin(next) }
    }

    /// Answers those who wait, and returns the host that is to be looked up next.
    private func finish(_ host: String, _ answer: Answer) -> String? {
        let (waiting, next) = state.withLock { $0.finish(host, answer, configuration) }
        for continuation in waiting { continuation.resume(returning: answer) }
        return next
    }

    /// One host, looked up by a worker.
    private final class Work: WorkerPool.Work {
        private let resolver: Resolver
        private let host: String

        init(_ resolver: Resolver, _ host: String) {
            self.resolver = resolver
            self.host = host
        }

        func runOnWorker() -> Bool {
            resolver.run(host)
            return false
        }

        /// One that is running answers when it returns.
        func abandon(isRunning: Bool) -> Int {
            if isRunning { return 0 }
            resolver.abandon(host)
            return 1
        }
    }
}

extension ResolveError {
    fileprivate init(_ error: AddressError, host: String) {
        switch error {
        case .unresolvable(_, let reason): self = .unresolvable(host: host, reason: reason)
        case .malformed, .notNumeric: self = .unresolvable(host: host, reason: error.description)
        }
    }
}
