/// Which of a host's addresses is tried when, and which of the attempts wins: Happy Eyeballs (RFC 8305) as a value,
/// without I/O and without a clock. Times are nanoseconds of whatever clock the caller has.
///
/// The first address is tried at once. The next one follows when the latest attempt has failed, or has had no answer
/// for a while; those before it go on. The first to connect wins and ends all others. One deadline bounds everything,
/// looking up the name included.
struct ConnectionRace {
    enum Event {
        case resolved([SocketAddress])
        case notResolved(ResolveError)
        case connected(Int)
        case failed(Int, SystemError)
        /// Nothing but time.
        case timePassed
        /// Nobody wants it any more, for this reason.
        case ended(HostConnectError)
    }

    enum Action: Equatable {
        /// Connect to the address; the number is that of the attempt.
        case begin(Int, SocketAddress)
        /// Close the attempt.
        case abandon(Int)
        /// Nobody waits for the resolver any more.
        case abandonResolution
        /// The attempt has won. The last action.
        case succeed(Int)
        /// No attempt will. The last action.
        case fail(HostConnectError)
    }

    private enum State {
        case resolving
        case racing
        case over
    }

    private struct Attempt {
        let address: SocketAddress
        /// `nil` while it is under way.
        var error: SystemError?
    }

    private let host: String
    private let options: HostConnectOptions
    private let deadline: Int64
    private var state = State.resolving
    /// Those that no attempt has begun at, the next one last.
    private var waiting: [SocketAddress] = []
    private var attempts: [Attempt] = []
    private var nextStart: Int64 = .max

    /// A race for a host that is being looked up.
    init(host: String, _ options: HostConnectOptions, deadline: Int64) {
        self.host = host
        self.options = options
        self.deadline = deadline
    }

    /// When ``Event/timePassed`` is due, `nil` once it is over.
    var nextDeadline: Int64? {
        switch state {
        case .resolving: deadline
        case .racing: waiting.isEmpty ? deadline : min(deadline, nextStart)
        case .over: nil
        }
    }

    mutating func handle(_ event: Event, at now: Int64, into actions: inout [Action]) {
        switch (state, event) {
        case (.resolving, .resolved(let addresses)): begin(with: addresses, at: now, into: &actions)
        case (.resolving, .notResolved(let error)): fail(.resolution(error), into: &actions)
        case (.resolving, .timePassed):
            if now < deadline { return }
            actions.append(.abandonResolution)
            // A number is not looked up: what there was no time for is connecting.
            let isNumber = SocketAddress(numericHost: host, port: 0) != nil
            fail(isNumber ? .timedOut([]) : .resolution(.timedOut(host: host)), into: &actions)
        case (.resolving, .ended(let reason)):
            actions.append(.abandonResolution)
            fail(reason, into: &actions)

        case (.racing, .connected(let index)): win(index, into: &actions)
        case (.racing, .failed(let index, let error)): attemptFailed(index, error, at: now, into: &actions)
        case (.racing, .timePassed): timePassed(at: now, into: &actions)
        case (.racing, .ended(let reason)): fail(reason, into: &actions)

        // There is no attempt before there are addresses, and a resolver answers once.
        case (.resolving, .connected), (.resolving, .failed), (.racing, .resolved), (.racing, .notResolved): break
        // Late news: of a resolver that nobody waits for, of attempts that were abandoned.
        case (.over, _): break
        }
    }

    private mutating func begin(with addresses: [SocketAddress], at now: Int64, into actions: inout [Action]) {
        let usable = addresses.filter { options.source == nil || options.source?.family == $0.family }
        let tried = options.order.sorted(usable).prefix(max(1, options.addressLimit))
        if tried.isEmpty {
            let reason = addresses.isEmpty ? "no address" : "no address of the source's family"
            fail(.resolution(.unresolvable(host: host, reason: reason)), into: &actions)
            return
        }
        state = .racing
        waiting = tried.reversed()
        // An answer that comes when all time is up is no better than none.
        if now >= deadline { fail(.timedOut([]), into: &actions) } else { beginNext(at: now, into: &actions) }
    }

    private mutating func beginNext(at now: Int64, into actions: inout [Action]) {
        guard let address = waiting.popLast() else { return }
        attempts.append(Attempt(address: address))
        nextStart = now.addingReportingOverflow(delay).partialValue
        actions.append(.begin(attempts.count - 1, address))
    }

    private var delay: Int64 {
        let range = HostConnectOptions.attemptDelays
        let delay = min(max(options.attemptDelay, range.lowerBound), range.upperBound)
        return delay.components.seconds * 1_000_000_000 + delay.components.attoseconds / 1_000_000_000
    }

    private mutating func attemptFailed(
        _ index: Int, _ error: SystemError, at now: Int64, into actions: inout [Action]
    ) {
        guard attempts.indices.contains(index), attempts[index].error == nil else { return }
        attempts[index].error = error
        let isAnyUnderWay = attempts.contains { $0.error == nil }
        if waiting.isEmpty {
            if !isAnyUnderWay { fail(.allFailed(told), into: &actions) }
        } else if !isAnyUnderWay || index == attempts.count - 1 {
            // One that failed before the latest began says nothing about that.
            beginNext(at: now, into: &actions)
        }
    }

    private mutating func timePassed(at now: Int64, into actions: inout [Action]) {
        if now >= deadline {
            fail(.timedOut(told), into: &actions)
        } else if !waiting.isEmpty, now >= nextStart {
            beginNext(at: now, into: &actions)
        }
    }

    private mutating func win(_ index: Int, into actions: inout [Action]) {
        guard attempts.indices.contains(index), attempts[index].error == nil else { return }
        end(except: index, with: .succeed(index), into: &actions)
    }

    private mutating func fail(_ error: HostConnectError, into actions: inout [Action]) {
        end(except: nil, with: .fail(error), into: &actions)
    }

    /// Abandons first, so that descriptors are on their way back when somebody hears of the outcome.
    private mutating func end(except winner: Int?, with outcome: Action, into actions: inout [Action]) {
        state = .over
        for (index, attempt) in attempts.enumerated() where attempt.error == nil && index != winner {
            actions.append(.abandon(index))
        }
        waiting = []
        attempts = []
        actions.append(outcome)
    }

    /// The attempts as they are told: what has no answer has waited in vain.
    private var told: [HostConnectError.Attempt] {
        attempts.map { attempt in
            let error = attempt.error ?? ConnectionRace.noAnswer
            return HostConnectError.Attempt(address: attempt.address, error: error)
        }
    }
}
