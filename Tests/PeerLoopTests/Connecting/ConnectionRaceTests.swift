import Testing

@testable import PeerLoop

/// What a simulated network does with an attempt, in milliseconds after it began.
enum Fate: Sendable {
    case connects(Int)
    case fails(Int)
    case silent
    /// Cannot even begin.
    case refusedAtOnce
}

/// One race under simulated time, and what was seen of it.
struct SimulatedRace {
    struct Start: Equatable {
        let address: Int
        let milliseconds: Int
    }

    var race: ConnectionRace
    var starts: [Start] = []
    var underWay: Set<Int> = []
    var outcome: (milliseconds: Int, action: ConnectionRace.Action)?
    var outcomeCount = 0
    var isResolutionAbandoned = false
    private var news: [(time: Int64, event: ConnectionRace.Event)] = []
    private let addresses: [SocketAddress]
    private let fates: [Fate]

    static let error = SystemError(.connect, code: 111)
    private static let millisecond: Int64 = 1_000_000

    /// A race among `fates.count` addresses, which the resolver knows after `resolution` milliseconds.
    init(
        _ fates: [Fate], _ options: HostConnectOptions = HostConnectOptions(), deadline: Int = 10_000,
        resolution: Int? = 0
    ) {
        var options = options
        options.order = .asGiven
        addresses = fates.indices.map { SocketAddress(ipv4: 192, 0, 2, UInt8($0 + 1), port: 1) }
        self.fates = fates
        race = ConnectionRace(host: "a.invalid", options, deadline: Int64(deadline) * Self.millisecond)
        if let resolution { news = [(Int64(resolution) * Self.millisecond, .resolved(addresses))] }
    }

    /// Until nothing more can happen.
    mutating func run() {
        while true {
            let next = news.map(\.time).min()
            let deadline = race.nextDeadline
            guard let now = [next, deadline].compactMap({ $0 }).min() else { return }
            if let next, next == now, let place = news.firstIndex(where: { $0.time == next }) {
                take(news.remove(at: place).event, at: now)
            } else {
                take(.timePassed, at: now)
            }
        }
    }

    mutating func take(_ event: ConnectionRace.Event, at now: Int64) {
        if case .failed(let index, _) = event { underWay.remove(index) }
        var actions: [ConnectionRace.Action] = []
        race.handle(event, at: now, into: &actions)
        while !actions.isEmpty {
            let action = actions.removeFirst()
            if let more = perform(action, at: now) { race.handle(more, at: now, into: &actions) }
        }
    }

    private mutating func perform(_ action: ConnectionRace.Action, at now: Int64) -> ConnectionRace.Event? {
        switch action {
        case .begin(let index, let address):
            let place = addresses.firstIndex(of: address) ?? -1
            starts.append(Start(address: place, milliseconds: Int(now / Self.millisecond)))
            switch fates[place] {
            case .refusedAtOnce: return .failed(index, Self.error)
            case .connects(let delay): news.append((now + Int64(delay) * Self.millisecond, .connected(index)))
            case .fails(let delay): news.append((now + Int64(delay) * Self.millisecond, .failed(index, Self.error)))
            case .silent: break
            }
            underWay.insert(index)
        case .abandon(let index):
            #expect(underWay.remove(index) != nil)
        case .abandonResolution:
            isResolutionAbandoned = true
        case .succeed, .fail:
            outcomeCount += 1
            outcome = (Int(now / Self.millisecond), action)
        }
        return nil
    }

    static func after(_ fates: [Fate], _ options: HostConnectOptions = .init(), deadline: Int = 10_000) -> Self {
        var race = SimulatedRace(fates, options, deadline: deadline)
        race.run()
        return race
    }
}

@Suite(.timeLimit(.minutes(2))) struct ConnectionRaceTests {
    private func starts(_ pairs: (Int, Int)...) -> [SimulatedRace.Start] {
        pairs.map { SimulatedRace.Start(address: $0.0, milliseconds: $0.1) }
    }

    private func options(delay: Duration) -> HostConnectOptions {
        var options = HostConnectOptions()
        options.attemptDelay = delay
        return options
    }

    /// There was no time to begin, and it is not the resolver's fault.
    @Test func aNumberWithoutTimeIsNotSaidToBeUnresolved() {
        var race = ConnectionRace(host: "192.0.2.1", HostConnectOptions(), deadline: 5)
        var actions: [ConnectionRace.Action] = []
        race.handle(.timePassed, at: 5, into: &actions)
        guard case .fail(.timedOut(let attempts))? = actions.last else {
            Issue.record("\(actions)")
            return
        }
        #expect(attempts.isEmpty)
    }

    @Test func theFirstThatAnswersAtOnceIsTheOnlyOneTried() {
        let race = SimulatedRace.after([.connects(20), .connects(1)])
        #expect(race.starts == starts((0, 0)))
        #expect(race.outcome?.action == .succeed(0))
        #expect(race.outcome?.milliseconds == 20)
    }

    @Test func theNextBeginsAfterTheDelayAndTheFirstToConnectWins() {
        let race = SimulatedRace.after([.silent, .connects(400), .connects(100), .connects(1)])
        #expect(race.starts == starts((0, 0), (1, 250), (2, 500)))
        #expect(race.outcome?.action == .succeed(2))
        #expect(race.outcome?.milliseconds == 600)
        #expect(race.underWay == [2], "the others are abandoned")
    }

    @Test func anEarlierAttemptMayStillWin() {
        let race = SimulatedRace.after([.connects(300), .connects(100)])
        #expect(race.starts == starts((0, 0), (1, 250)))
        #expect(race.outcome?.action == .succeed(0))
        #expect(race.underWay == [0])
    }

    @Test func whenTheLatestFailsTheNextBeginsAtOnce() {
        let race = SimulatedRace.after([.fails(10), .refusedAtOnce, .fails(5), .connects(1)])
        #expect(race.starts == starts((0, 0), (1, 10), (2, 10), (3, 15)))
        #expect(race.outcome?.action == .succeed(3))
    }

    @Test func whenAnEarlierOneFailsTheLatestHasItsTime() {
        // The first fails 10 ms after the second began, which has its 250 ms all the same.
        let race = SimulatedRace.after([.fails(260), .silent, .connects(1)])
        #expect(race.starts == starts((0, 0), (1, 250), (2, 500)))
    }

    @Test func whenAllHaveFailedEachIsTold() throws {
        let race = SimulatedRace.after([.fails(300), .fails(10), .refusedAtOnce])
        #expect(race.starts == starts((0, 0), (1, 250), (2, 260)))
        guard case .fail(.allFailed(let attempts))? = race.outcome?.action else {
            Issue.record("\(String(describing: race.outcome))")
            return
        }
        #expect(attempts.map { $0.address.hostDescription } == ["192.0.2.1", "192.0.2.2", "192.0.2.3"])
        #expect(attempts.allSatisfy { $0.error == SimulatedRace.error })
        #expect(race.outcome?.milliseconds == 300, "no sooner than the last of them")
    }

    @Test func theDeadlineEndsEverything() {
        let race = SimulatedRace.after([.fails(10), .silent, .silent, .silent], deadline: 400)
        #expect(race.starts == starts((0, 0), (1, 10), (2, 260)))
        guard case .fail(.timedOut(let attempts))? = race.outcome?.action else {
            Issue.record("\(String(describing: race.outcome))")
            return
        }
        #expect(race.outcome?.milliseconds == 400)
        #expect(attempts.map(\.error.isTimedOut) == [false, true, true])
        #expect(race.underWay.isEmpty, "whatever had not failed is abandoned")
    }

    @Test(arguments: [
        (Duration.zero, 10), (.milliseconds(3), 10), (.milliseconds(10), 10), (.milliseconds(1_999), 1_999),
        (.seconds(2), 2_000), (.seconds(100), 2_000),
    ])
    func theDelayIsHeldToItsRange(_ delay: Duration, _ milliseconds: Int) {
        let race = SimulatedRace.after([.silent, .connects(0)], options(delay: delay))
        #expect(race.starts == starts((0, 0), (1, milliseconds)))
    }

    @Test func noMoreAddressesThanAllowedAreTried() {
        var options = HostConnectOptions()
        options.addressLimit = 2
        let race = SimulatedRace.after([.refusedAtOnce, .refusedAtOnce, .connects(0)], options)
        #expect(race.starts.count == 2)
        guard case .fail(.allFailed)? = race.outcome?.action else {
            Issue.record("\(String(describing: race.outcome))")
            return
        }
    }

    @Test func aResolverWithoutAnswerIsGivenUpAtTheDeadline() {
        var race = SimulatedRace([.connects(0)], deadline: 300, resolution: 400)
        race.run()
        #expect(race.outcome?.action == .fail(.resolution(.timedOut(host: "a.invalid"))))
        #expect(race.outcome?.milliseconds == 300)
        #expect(race.isResolutionAbandoned)
        #expect(race.starts.isEmpty, "the late answer begins nothing")
    }

    @Test func whatTheResolverSaysIsTold() {
        for (event, error) in [
            (.notResolved(.stopped), .stopped),
            (.resolved([]), .unresolvable(host: "a.invalid", reason: "no address")),
        ] as [(ConnectionRace.Event, ResolveError)] {
            var race = SimulatedRace([], resolution: nil)
            race.take(event, at: 1)
            #expect(race.outcome?.action == .fail(.resolution(error)))
            race.take(.resolved([SocketAddress(ipv4: 192, 0, 2, 1, port: 1)]), at: 2)
            #expect(race.starts.isEmpty)
            #expect(race.outcomeCount == 1)
        }
    }

    @Test func onlyAddressesOfTheSourcesFamilyAreTried() {
        var options = HostConnectOptions()
        options.source = SocketAddress(numericHost: "::1", port: 0)
        var race = SimulatedRace([.connects(0)], options)
        race.run()
        guard case .fail(.resolution(.unresolvable))? = race.outcome?.action else {
            Issue.record("\(String(describing: race.outcome))")
            return
        }
        #expect(race.starts.isEmpty)
    }

    @Test func whoeverEndsItIsTheOutcome() {
        for error in [HostConnectError.cancelled, .loopStopped] {
            var race = SimulatedRace([.silent, .silent], resolution: nil)
            race.take(.ended(error), at: 0)
            #expect(race.outcome?.action == .fail(error))
            #expect(race.isResolutionAbandoned)

            race = SimulatedRace([.silent, .silent], resolution: nil)
            race.take(.resolved([SocketAddress(ipv4: 192, 0, 2, 1, port: 1)]), at: 0)
            race.take(.ended(error), at: 1)
            race.take(.ended(.cancelled), at: 2)
            race.take(.connected(0), at: 2)
            #expect(race.outcome?.action == .fail(error))
            #expect(race.outcomeCount == 1)
            #expect(race.underWay.isEmpty)
        }
    }

    /// Whatever the network does: one outcome, in time; attempts begin one by one, in order, never closer than 10 ms
    /// but where the latest had failed; and whoever wins connected before all others.
    @Test func anyNetworkEndsInOneOutcome() throws {
        for seed in 0..<3_000 { try race(seed) }
    }

    private func race(_ seed: Int) throws {
        let comment: Comment = "seed \(seed)"
        var random = SeededGenerator(seed: UInt64(seed))
        let fates: [Fate] = (0..<Int.random(in: 1...8, using: &random)).map { _ in
            switch Int.random(in: 0..<4, using: &random) {
            case 0: .connects(.random(in: 0...3_000, using: &random))
            case 1: .fails(.random(in: 0...3_000, using: &random))
            case 2: .silent
            default: .refusedAtOnce
            }
        }
        let delay = Int.random(in: 0...2_500, using: &random)
        let deadline = Int.random(in: 0...6_000, using: &random)
        let race = SimulatedRace.after(fates, options(delay: .milliseconds(delay)), deadline: deadline)
        let outcome = try #require(race.outcome, comment)
        #expect(race.outcomeCount == 1, comment)
        #expect(outcome.milliseconds <= deadline, comment)
        #expect(race.starts.map(\.address) == Array(0..<race.starts.count), comment)
        for (before, after) in zip(race.starts, race.starts.dropFirst()) {
            let gap = after.milliseconds - before.milliseconds
            switch fates[before.address] {
            case .refusedAtOnce: #expect(gap == 0, comment)
            case .fails(let time): #expect(gap == min(time, max(10, min(delay, 2_000))), comment)
            case .connects, .silent: #expect(gap == max(10, min(delay, 2_000)), comment)
            }
        }
        let ends = race.starts.compactMap { start -> Int? in
            if case .connects(let time) = fates[start.address] { start.milliseconds + time } else { nil }
        }
        switch outcome.action {
        case .succeed(let index):
            #expect(race.underWay == [index], comment)
            #expect(outcome.milliseconds == ends.min(), comment)
        case .fail(.allFailed(let attempts)): #expect(attempts.count == fates.count && ends.isEmpty, comment)
        case .fail(.timedOut): #expect(outcome.milliseconds == deadline, comment)
        default: Issue.record("seed \(seed): \(outcome)")
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct AddressOrderTests {
    private let four = (1...3).map { SocketAddress(ipv4: 192, 0, 2, $0, port: 1) }
    private let six = (1...2).compactMap { SocketAddress(numericHost: "2001:db8::\($0)", port: 1) }

    @Test func familiesAlternate() {
        let given = [four[0], four[1], four[2], six[0], six[1]]
        #expect(AddressOrder.ipv6First.sorted(given) == [six[0], four[0], six[1], four[1], four[2]])
        #expect(AddressOrder.ipv4First.sorted(given) == [four[0], six[0], four[1], six[1], four[2]])
        #expect(AddressOrder.asGiven.sorted(given) == given)
        #expect(AddressOrder.ipv6First.sorted(six) == six)
        #expect(AddressOrder.ipv6First.sorted(four) == four)
        #expect(AddressOrder.ipv6First.sorted([]) == [])
    }

    @Test(arguments: [AddressOrder.ipv6First, .ipv4First, .asGiven]) func eachAddressIsTriedOnce(_ order: AddressOrder)
    {
        #expect(order.sorted([four[0], six[0], four[0], six[0]]).count == 2)
    }
}
