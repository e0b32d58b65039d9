internal import DequeModule

/// Asks the system for the addresses of hosts (`getaddrinfo`), on workers, as it blocks for as long as it likes.
///
/// Nobody who asks waits longer than they say, while a worker that hangs, hangs. There are so many workers and no
/// more; when all of them hang, further questions are answered with ``ResolveError/allWorkersBusy(host:)``. Questions
/// for a host that is being looked up share the answer.
public final class Resolver: HostResolver {
    /// The limits of a resolver.
    public struct Configuration: Hashable, Sendable {
        /// Hosts that are looked up at once at most, each of them on a worker.
        public var maximumWorkers = 8
        /// Questions that wait at most, over all hosts; further ones are refused.
        public var waitingLimit = 1024
        /// How long all workers must have been busy without another being begun for them to count as hung: questions
        /// that need a worker are then refused at once.
        public var hangLimit: Duration = .seconds(15)
        /// How long an answer is given again without asking. Zero, the default, asks anew each time: the system may
        /// have a cache of its own, which knows how long its answers last.
        public var cacheLifetime: Duration = .zero
        /// Answers kept at most; the oldest goes first.
        public var cachedHostLimit = 1024

        /// The defaults.
        public init() {}
    }

    /// Looks up a host and blocks meanwhile. The ports of the addresses are not used.
    public typealias LookUp = @Sendable (_ host: String) throws(AddressError) -> [SocketAddress]

    typealias Answer = Result<[SocketAddress], ResolveError>

    let configuration: Configuration
    let lookUp: LookUp
    let pool: WorkerPool
    private let ownsPool: Bool
    let state = Lock(State())

    /// A resolver with workers of its own, which come when they are needed and go some time after; one stays. They end
    /// with it.
    ///
    /// - Parameters:
    ///   - configuration: the limits.
    ///   - lookUp: asks in the system's stead.
    ///
    /// Throws ``SystemError`` when the system has no thread to give.
    public init(
        _ configuration: Configuration = Configuration(), lookUp: @escaping LookUp = Resolver.askSystem
    ) throws(SystemError) {
        pool = try WorkerPool(workers: 1, maximum: configuration.maximumWorkers, name: "resolver")
        ownsPool = true
        self.configuration = configuration
        self.lookUp = lookUp
    }

    /// A resolver on workers that serve others too, who may have to wait while all of them look up hosts.
    ///
    /// - Parameters:
    ///   - pool: where hosts are looked up, at most ``Configuration/maximumWorkers`` at once.
    ///   - configuration: the limits.
    ///   - lookUp: asks in the system's stead.
    public init(
        on pool: WorkerPool, _ configuration: Configuration = Configuration(),
        lookUp: @escaping LookUp = Resolver.askSystem
    ) {
        self.pool = pool
        ownsPool = false
        self.configuration = configuration
        self.lookUp = lookUp
    }

    deinit {
        if ownsPool { pool.stop() }
    }

    /// Asks the system.
    public static let askSystem: LookUp = { host throws(AddressError) in
        try SocketAddress.resolve(try HostAndPort(host: host, port: 0))
    }

    /// All addresses of a host, with its port, in the system's order (RFC 6724). A number is not looked up.
    ///
    /// Any thread. Throws ``ResolveError``; ``ResolveError/cancelled(host:)`` when the task is cancelled.
    public func addresses(of target: HostAndPort) async throws(ResolveError) -> [SocketAddress] {
        if let number = SocketAddress(numericHost: target.host, port: target.port) { return [number] }
        return try await answer(to: state.withLock { $0.reserve() }, target)
    }

    /// As ``addresses(of:)``, waiting no longer than `limit`: ``ResolveError/timedOut(host:)``, or
    /// ``ResolveError/allWorkersBusy(host:)`` when no worker was free to begin.
    public func addresses(
        of target: HostAndPort, within limit: Duration
    ) async throws(ResolveError) -> [SocketAddress] {
        if let number = SocketAddress(numericHost: target.host, port: target.port) { return [number] }
        let question = state.withLock { $0.reserve() }
        let alarm = Task {
            do { try await Task.sleep(for: limit) } catch { return }
            giveUp(question) { $0 ? .timedOut(host: target.host) : .allWorkersBusy(host: target.host) }
        }
        defer { alarm.cancel() }
        return try await answer(to: question, target)
    }

    private func answer(
        to question: UInt64, _ target: HostAndPort
    ) async throws(ResolveError) -> [SocketAddress] {
        let answer: Answer = await withTaskCancellationHandler {
            await withCheckedContinuation { ask(question, target.host, $0) }
        } onCancel: {
            giveUp(question) { _ in .cancelled(host: target.host) }
        }
        return try answer.get().map { $0.with(port: target.port) }
    }

    /// Answers every question that waits, and every later one, with ``ResolveError/stopped``. Workers of its own end
    /// when what they are at returns.
    public func stop() {
        let waiting = state.withLock { $0.stop() }
        for continuation in waiting { continuation.resume(returning: .failure(.stopped)) }
        if ownsPool { pool.stop() }
    }
}
