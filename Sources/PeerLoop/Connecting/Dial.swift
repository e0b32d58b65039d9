/// A connection to a host that is being made, see
/// ``EventLoop/connect(toHost:resolver:options:within:handler:failed:)``. It belongs to one loop.
public final class Dial {
    /// Names it in its loop, also when it is over.
    let number: UInt64
    private unowned let loop: EventLoop
    private let target: HostAndPort
    private let options: HostConnectOptions
    private let deadline: Int64
    private var race: ConnectionRace
    /// The attempts under way, by number.
    private var connections: [Int: Connection] = [:]
    /// The answer of the resolver that is waited for.
    private var resolution: Task<Void, Never>?
    private var timer: (job: ScheduledJob, deadline: Int64)?
    /// The way through a proxy, where there is one.
    private var route: (proxy: SOCKS5.Proxy, target: SOCKS5.Target)?
    /// What the proxy did.
    private var proxyFailure: SOCKS5.Failure?
    /// The handler and who hears of the outcome, until it is told.
    private var caller: Caller?
    /// What is to be done, the next one first. Not empty while one of them is being done.
    private var actions: [ConnectionRace.Action] = []
    private var isActing = false

    struct Caller {
        let handler: any ConnectionHandler
        /// Called after the handler's `opened`.
        let opened: ((Connection) -> Void)?
        let failed: (HostConnectError) -> Void
    }

    init(
        _ target: HostAndPort, _ options: HostConnectOptions, number: UInt64, on loop: EventLoop, deadline: Int64,
        caller: Caller
    ) {
        self.target = target
        self.options = options
        self.number = number
        self.loop = loop
        self.deadline = deadline
        self.caller = caller
        race = ConnectionRace(host: target.host, options, deadline: deadline)
    }

    /// True until it has an outcome.
    public var isUnderWay: Bool { caller != nil }

    /// Gives up: `failed` is called with ``HostConnectError/cancelled``. Nothing happens once there is an outcome.
    public func cancel() {
        end(.cancelled)
    }

    func end(_ reason: HostConnectError) {
        if isUnderWay { handle(.ended(reason)) }
    }

    /// Begins. Nothing is heard of it before the caller has returned.
    func begin(with resolver: any HostResolver) {
        setTimer()
        if let proxy = options.proxy {
            later(route(through: proxy))
        } else if let address = SocketAddress(numericHost: target.host, port: target.port) {
            later(.resolved([address]))
        } else {
            resolution = resolve(with: resolver)
        }
    }

    private func later(_ event: ConnectionRace.Event) {
        loop.schedule(after: .zero) { [self] _ in handle(event) }
    }

    /// Through a proxy there is one attempt, at an address that nobody is told.
    private func route(through proxy: SOCKS5.Proxy) -> ConnectionRace.Event {
        do throws(SOCKS5.InputError) {
            route = (proxy, try SOCKS5.Target(target))
            return .resolved([options.source?.hostOnly ?? .unspecified])
        } catch {
            return .notResolved(.unresolvable(host: target.host, reason: error.description))
        }
    }

    /// What the task holds may go anywhere; the answer finds its way back by number.
    private func resolve(with resolver: any HostResolver) -> Task<Void, Never> {
        let (target, number, handle) = (target, number, loop.handle)
        return Task {
            let event: ConnectionRace.Event
            do throws(ResolveError) {
                event = .resolved(try await resolver.addresses(of: target))
            } catch {
                event = .notResolved(error)
            }
            handle.run { $0.dials[number]?.handle(event) }
        }
    }

    /// Takes an event to the race and does what follows from it, and from what that brings about, in order.
    func handle(_ event: ConnectionRace.Event) {
        race.handle(event, at: loop.nowNanoseconds, into: &actions)
        if isActing { return }
        isActing = true
        while !actions.isEmpty { perform(actions.removeFirst()) }
        isActing = false
        setTimer()
    }

    private func perform(_ action: ConnectionRace.Action) {
        switch action {
        case .begin(let index, let address): begin(index, address)
        case .abandon(let index):
            if let connection = connections.removeValue(forKey: index) {
                loop.close(connection, cause: .closedLocally)
            }
        case .abandonResolution:
            resolution?.cancel()
        case .succeed(let index): succeed(with: index)
        case .fail(let error): fail(told(error))
        }
    }

    private func begin(_ index: Int, _ address: SocketAddress) {
        let handler = DialHandler(self, index)
        do throws(SystemError) {
            connections[index] = try connect(to: address, handler)
        } catch {
            handle(.failed(index, error))
        }
    }

    private func connect(to address: SocketAddress, _ handler: DialHandler) throws(SystemError) -> Connection {
        guard let route else {
            return try loop.connect(
                to: address, from: options.source, options: options.socketOptions, within: nil,
                remoteAddress: address, handler: handler)
        }
        do throws(SystemError) {
            return try loop.connect(
                to: route.target, through: route.proxy, options: options.socketOptions,
                within: .nanoseconds(deadline - loop.nowNanoseconds), handler: handler)
        } catch {
            proxyFailure = .proxyUnreachable(error)
            throw error
        }
    }

    fileprivate func opened(_ index: Int) {
        handle(.connected(index))
    }

    fileprivate func closed(_ index: Int, _ cause: CloseCause) {
        if connections.removeValue(forKey: index) == nil { return }
        switch cause {
        case .connectFailed(let error), .failed(let error): handle(.failed(index, error))
        case .proxyFailed(let failure):
            proxyFailure = failure
            handle(.failed(index, failure.nearestSystemError))
        case .connectTimedOut: handle(.timePassed)
        case .endOfStream, .closedLocally, .writeCapExceeded, .sendTooSlow:
            handle(.failed(index, ConnectionRace.closedHere))
        case .loopStopped: handle(.ended(.loopStopped))
        }
    }

    // MARK: - The outcome

    private func succeed(with index: Int) {
        guard let connection = connections.removeValue(forKey: index), let caller = finish() else { return }
        connection.handler = caller.handler
        caller.handler.opened(connection)
        caller.opened?(connection)
    }

    private func fail(_ error: HostConnectError) {
        finish()?.failed(error)
    }

    /// Who is to hear of the outcome, once.
    private func finish() -> Caller? {
        defer { caller = nil }
        resolution = nil
        loop.dials.remove(number)
        return caller
    }

    /// What went wrong with the one attempt through a proxy is told as the proxy's failure.
    private func told(_ error: HostConnectError) -> HostConnectError {
        if options.proxy == nil { return error }
        switch error {
        case .timedOut: return .timedOut([])
        case .allFailed: return proxyFailure.map { .proxy($0) } ?? .cancelled
        case .resolution, .proxy, .cancelled, .loopStopped: return error
        }
    }

    // MARK: - Time

    private func setTimer() {
        let next = race.nextDeadline
        if timer?.deadline == next { return }
        if let timer { loop.stopTimer(timer.job) }
        timer = next.map { deadline in
            let job = loop.startTimer(at: deadline) { [weak self] _ in
                self?.timer = nil
                self?.handle(.timePassed)
            }
            return (job, deadline)
        }
    }
}

/// A ``Dial`` stays on its loop.
@available(*, unavailable)
extension Dial: Sendable {}

/// What handles an attempt until it has won or is over.
private final class DialHandler: ConnectionHandler {
    private let dial: Dial
    private let index: Int

    init(_ dial: Dial, _ index: Int) {
        self.dial = dial
        self.index = index
    }

    func opened(_ connection: Connection) { dial.opened(index) }
    func received(_ bytes: RawSpan, on connection: Connection) {}
    func closed(_ connection: Connection, cause: CloseCause) { dial.closed(index, cause) }
}

/// The dials of one loop that have no outcome yet.
struct DialTable {
    private var dials: [UInt64: Dial] = [:]
    private var nextNumber: UInt64 = 0
    /// The loop ends: no dial begins any more.
    private(set) var isClosed = false

    subscript(number: UInt64) -> Dial? { dials[number] }

    mutating func reserveNumber() -> UInt64 {
        nextNumber += 1
        return nextNumber
    }

    mutating func insert(_ dial: Dial) { dials[dial.number] = dial }
    mutating func remove(_ number: UInt64) { dials[number] = nil }

    /// Takes no more; returns those there are, the oldest first.
    mutating func close() -> [Dial] {
        isClosed = true
        return dials.values.sorted { $0.number < $1.number }
    }
}
