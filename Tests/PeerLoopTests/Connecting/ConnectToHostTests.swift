import Glibc
import PeerLoop
import Synchronization
import TestSupport
import Testing

/// What came of a dial: at most one of the two, told once.
private final class Outcome: Sendable {
    enum News: Sendable, Equatable {
        case opened(SocketAddress)
        case failed(HostConnectError)
    }

    let recorder = Recorder()
    private let stream: AsyncStream<News>
    private let continuation: AsyncStream<News>.Continuation
    private let told = Lock<[News]>([])

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func tell(_ news: News) {
        told.withLock { $0.append(news) }
        continuation.yield(news)
    }

    func first() async -> News? {
        for await news in stream { return news }
        return nil
    }

    var all: [News] { told.withLock { $0 } }
}

@Suite(.timeLimit(.minutes(1))) struct ConnectToHostTests {
    private static let target = HostAndPort(unchecked: "a.invalid", port: 4711)

    /// Begins to connect, on the loop.
    @discardableResult
    private func begin(
        _ loop: EventLoop, _ resolver: any HostResolver, _ outcome: Outcome, within limit: Duration = .seconds(30),
        _ change: (inout HostConnectOptions) -> Void = { _ in }
    ) -> Dial {
        var options = HostConnectOptions()
        options.order = .asGiven
        change(&options)
        var hasReturned = false
        let dial = loop.connect(
            toHost: Self.target, resolver: resolver, options: options, within: limit,
            handler: TestHandler(
                outcome.recorder,
                onOpen: {
                    #expect(hasReturned)
                    outcome.tell(.opened($0.remoteAddress))
                })
        ) {
            #expect(hasReturned)
            outcome.tell(.failed($0))
        }
        #expect(dial.isUnderWay)
        hasReturned = true
        return dial
    }

    /// The outcome of connecting to a host with these addresses; nothing is left over.
    private func outcome(
        _ addresses: [SocketAddress], within limit: Duration = .seconds(30), expecting count: Int,
        _ change: @escaping @Sendable (inout HostConnectOptions) -> Void = { _ in }
    ) async throws -> Outcome.News? {
        let outcome = Outcome()
        return try await withLoop { loop in
            loop.run { begin($0, TestResolver(addresses), outcome, within: limit, change) }
            let first = await outcome.first()
            try await loop.expectConnections(count)
            #expect(outcome.all.count == 1)
            return first
        }
    }

    private func attempts(_ news: Outcome.News?) -> [HostConnectError.Attempt] {
        switch news {
        case .failed(.allFailed(let attempts)), .failed(.timedOut(let attempts)): attempts
        default: []
        }
    }

    @Test func aSilentAddressIsPassedBy() async throws {
        let silent = try Endpoint.silent()
        let open = try Endpoint.open()
        let news = try await outcome([silent.address, open.address], expecting: 1)
        #expect(news == .opened(open.address))
    }

    @Test(.enabled(if: ListenTests.hasIPv6, "there is no IPv6 here"))
    func aSilentIPv6AddressIsPassedByForAnIPv4One() async throws {
        let silent = try Endpoint.silent("::1")
        let open = try Endpoint.open()
        let news = try await outcome([open.address, silent.address], expecting: 1) {
            $0.order = .ipv6First
            $0.attemptDelay = .milliseconds(20)
        }
        #expect(news == .opened(open.address))
    }

    @Test(.enabled(if: ListenTests.hasIPv6, "there is no IPv6 here"))
    func anIPv6AddressThatAnswersIsTaken() async throws {
        let six = try Endpoint.open("::1")
        let four = try Endpoint.open()
        // So long that IPv4 has no chance.
        let news = try await outcome([four.address, six.address], expecting: 1) {
            $0.order = .ipv6First
            $0.attemptDelay = .seconds(2)
        }
        #expect(news == .opened(six.address))
    }

    @Test func whatFailsIsPassedByAtOnce() async throws {
        let open = try Endpoint.open()
        let absent = try Endpoint.refusing()
        defer { withExtendedLifetime(absent) {} }
        let refusing = absent.address
        let addresses = [refusing, Endpoint.unreachable, open.address]
        let news = try await outcome(addresses, expecting: 1) { $0.attemptDelay = .seconds(2) }
        #expect(news == .opened(open.address))
    }

    @Test func whenAllFailEachIsToldWithItsError() async throws {
        let absent = try Endpoint.refusing()
        defer { withExtendedLifetime(absent) {} }
        let refusing = absent.address
        let news = try await outcome([refusing, Endpoint.unreachable], expecting: 0)
        guard case .failed(.allFailed(let attempts)) = news else {
            Issue.record("\(String(describing: news))")
            return
        }
        #expect(attempts.map(\.address) == [refusing, Endpoint.unreachable])
        #expect(attempts.map(\.error) == [ECONNREFUSED, ENETUNREACH].map { SystemError(.connect, code: $0) })
        let text = HostConnectError.allFailed(attempts).description
        #expect(text.contains("\(refusing) (connect: Connection refused)"))
        #expect(text.contains("255.255.255.255:1 (connect: Network is unreachable)"))
    }

    @Test func theDeadlineIsOneForAll() async throws {
        let silent = [try Endpoint.silent(), try Endpoint.silent()]
        let absent = try Endpoint.refusing()
        defer { withExtendedLifetime(absent) {} }
        let refusing = absent.address
        var news: Outcome.News?
        // On a busy machine all of them may not have begun in so short a time.
        for milliseconds in [300, 3_000, 30_000] where attempts(news).count < 3 {
            news = try await outcome(
                [refusing] + silent.map(\.address), within: .milliseconds(milliseconds), expecting: 0
            ) { $0.attemptDelay = .milliseconds(10) }
        }
        #expect(attempts(news).map(\.address) == [refusing] + silent.map(\.address))
        #expect(attempts(news).map(\.error.isTimedOut) == [false, true, true])
        guard case .failed(.timedOut) = news else {
            Issue.record("\(String(describing: news))")
            return
        }
    }

    @Test func whatTheResolverThrowsIsTold() async throws {
        let outcome = Outcome()
        let error = ResolveError.unresolvable(host: "a.invalid", reason: "not this one")
        try await withLoop { loop in
            let resolver = TestResolver { _ throws(ResolveError) in throw error }
            loop.run { begin($0, resolver, outcome) }
            #expect(await outcome.first() == .failed(.resolution(error)))
        }
        #expect(HostConnectError.resolution(error).description == "cannot resolve 'a.invalid': not this one")
    }

    @Test func anAnswerAfterTheDeadlineBeginsNothing() async throws {
        let open = try Endpoint.open()
        let outcome = Outcome()
        let (wait, waiting) = AsyncStream<Void>.makeStream()
        let (answered, answering) = AsyncStream<Void>.makeStream()
        try await withLoop { loop in
            // Deaf to being cancelled, as one that hangs is.
            let resolver = TestResolver { _ in
                await Task { for await _ in wait { break } }.value
                answering.yield()
                return [open.address]
            }
            loop.run { begin($0, resolver, outcome, within: .milliseconds(100)) }
            #expect(await outcome.first() == .failed(.resolution(.timedOut(host: "a.invalid"))))
            waiting.yield()
            for await _ in answered { break }
            try await loop.expectConnections(0)
        }
        #expect(outcome.all.count == 1)
    }

    @Test func aResolverIsToldWhenNobodyWaits() async throws {
        let outcome = Outcome()
        let (ended, ending) = AsyncStream<Void>.makeStream()
        try await withLoop { loop in
            let resolver = TestResolver { _ in
                for await _ in AsyncStream<Void>.makeStream().stream {}
                ending.yield()
                return []
            }
            let isCancelled = try await loop.submit { loop in
                let dial = begin(loop, resolver, outcome)
                dial.cancel()
                return !dial.isUnderWay
            }
            #expect(isCancelled)
            for await _ in ended { break }
        }
        #expect(outcome.all == [.failed(.cancelled)])
    }

    @Test func aNumberIsNotLookedUp() async throws {
        let open = try Endpoint.open()
        let recorder = Recorder()
        let resolver = TestResolver([])
        try await withLoop { loop in
            let target = try HostAndPort(host: "127.0.0.1", port: open.address.port)
            let id = try await loop.connect(toHost: target, resolver: resolver, within: .seconds(30)) {
                TestHandler(recorder)
            }
            let address = try await loop.submit { $0.connection(id)?.remoteAddress }
            #expect(address == open.address)
        }
        #expect(resolver.askedCount == 0)
    }

    @Test func theSourceIsUsed() async throws {
        let listener = try BlockingListener()
        let source = SocketAddress(ipv4: 127, 0, 1, 9, port: 0)
        let local = Lock<SocketAddress?>(nil)
        try await withLoop { loop in
            var options = HostConnectOptions()
            options.source = source
            let target = try HostAndPort("127.0.0.1:\(listener.port)")
            let id = try await loop.connect(
                toHost: target, resolver: TestResolver([]), options: options, within: .seconds(30)
            ) { TestHandler(Recorder()) }
            try await loop.submit { loop in
                let address = try loop.connection(id)?.localAddress()
                local.withLock { $0 = address }
            }
        }
        #expect(local.withLock { $0?.hostOnly } == source)
    }

    @Test func theWinnerIsAConnectionLikeAnyOther() async throws {
        let silent = try Endpoint.silent()
        let listener = try BlockingListener()
        let recorder = Recorder()
        try await withLoop { loop in
            let addresses = [silent.address, SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port)]
            var options = HostConnectOptions()
            options.attemptDelay = .zero
            try await loop.connect(
                toHost: Self.target, resolver: TestResolver(addresses), options: options, within: .seconds(30)
            ) { TestHandler(recorder, onOpen: { $0.write([1, 2]) }) }
            try await runBlocking {
                let accepted = try listener.accept()
                #expect(try accepted.receive(exactly: 2) == [1, 2])
                try accepted.send([3, 4, 5])
            }
            #expect(await recorder.receive(3) == [3, 4, 5])
            #expect(await recorder.waitForClose() == .endOfStream)
        }
    }

    /// Cancelled while an attempt is under way, before the loop has heard of it, and when it has won.
    @Test func aCancelledTaskEndsItsDial() async throws {
        let silent = try Endpoint.silent()
        try await withLoop { loop in
            let (asked, asking) = AsyncStream<Void>.makeStream()
            let resolver = TestResolver { _ in
                asking.yield()
                return [silent.address]
            }
            let connecting = Task {
                try await loop.connect(toHost: Self.target, resolver: resolver, within: .seconds(30)) {
                    TestHandler(Recorder())
                }
            }
            for await _ in asked { break }
            while try await loop.submit({ $0.connectionCount }) == 0 {}
            connecting.cancel()
            await #expect(throws: HostConnectError.cancelled) { try await connecting.value }
            try await loop.expectConnections(0)

            let cancelled = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await loop.connect(toHost: Self.target, resolver: resolver, within: .seconds(30)) {
                    TestHandler(Recorder())
                }
            }
            await #expect(throws: HostConnectError.cancelled) { try await cancelled.value }
            try await loop.expectConnections(0)
        }
    }

    @Test func aLoopThatStopsFailsItsDials() async throws {
        let silent = try Endpoint.silent()
        let (resolving, racing, late) = (Outcome(), Outcome(), Outcome())
        let loop = try EventLoopHandle.start()
        let never = TestResolver { _ in
            for await _ in AsyncStream<Void>.makeStream().stream {}
            return []
        }
        loop.run { begin($0, never, resolving) }
        loop.run { begin($0, TestResolver([silent.address]), racing) }
        while try await loop.submit({ $0.connectionCount }) == 0 {}
        try await loop.submit { loop in
            loop.shutdown(within: .seconds(30))
            let dial = loop.connect(
                toHost: Self.target, resolver: never, within: .seconds(30), handler: TestHandler(late.recorder)
            ) { late.tell(.failed($0)) }
            #expect(!dial.isUnderWay)
            dial.cancel()
        }
        await loop.shutdown(within: .seconds(30))
        for outcome in [resolving, racing, late] { #expect(outcome.all == [.failed(.loopStopped)]) }
        await #expect(throws: HostConnectError.loopStopped) {
            try await loop.connect(toHost: Self.target, resolver: never, within: .seconds(30)) {
                TestHandler(Recorder())
            }
        }
    }

    /// A loop told to end at once, with no time for anything in order.
    @Test func aLoopThatEndsAtOnceFailsItsDialsToo() async throws {
        let silent = try Endpoint.silent()
        let outcome = Outcome()
        try await withLoop { loop in
            loop.run { begin($0, TestResolver([silent.address]), outcome) }
            while try await loop.submit({ $0.connectionCount }) == 0 {}
        }
        #expect(outcome.all == [.failed(.loopStopped)])
    }

    /// Somebody closes all connections of the loop, those of dials among them.
    @Test func anAttemptThatIsClosedHasFailed() async throws {
        let silent = try Endpoint.silent()
        let outcome = Outcome()
        try await withLoop { loop in
            loop.run { begin($0, TestResolver([silent.address]), outcome) }
            while try await loop.submit({ $0.connectionCount }) == 0 {}
            loop.run { loop in loop.forEachConnection { $0.close() } }
            let error = SystemError(.connect, code: ECANCELED)
            #expect(
                await outcome.first() == .failed(.allFailed([.init(address: silent.address, error: error)])))
        }
    }

    @Test func manyDialsEachHaveOneOutcome() async throws {
        let (silent, open, absent) = (try Endpoint.silent(), try Endpoint.open(), try Endpoint.refusing())
        defer { withExtendedLifetime(absent) {} }
        let refusing = absent.address
        let outcomes = (0..<200).map { _ in Outcome() }
        try await withLoop { loop in
            loop.run { loop in
                for (index, outcome) in outcomes.enumerated() {
                    let addresses = [
                        [silent.address, open.address], [refusing, open.address], [refusing, refusing.with(port: 1)],
                        [silent.address],
                    ][index % 4]
                    begin(loop, TestResolver(addresses), outcome, within: .milliseconds(index % 4 == 3 ? 50 : 30_000)) {
                        $0.attemptDelay = .milliseconds(10)
                    }
                }
            }
            for (index, outcome) in outcomes.enumerated() {
                let news = await outcome.first()
                if index % 4 < 2 {
                    #expect(news == .opened(open.address))
                } else {
                    guard case .failed = news else {
                        Issue.record("\(String(describing: news))")
                        return
                    }
                }
            }
            try await loop.expectConnections(100)
        }
        #expect(outcomes.allSatisfy { $0.all.count == 1 })
    }
}

extension HostAndPort {
    /// For names that are known to be fit.
    fileprivate init(unchecked host: String, port: UInt16) {
        do {
            try self.init(host: host, port: port)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
