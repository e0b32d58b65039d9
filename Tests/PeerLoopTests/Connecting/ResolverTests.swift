import Testing

@testable import PeerLoop

/// A resolver whose workers look up what a test says.
@Suite(.timeLimit(.minutes(1))) struct ResolverTests {
    private static let address = SocketAddress(ipv4: 192, 0, 2, 1, port: 0)

    /// Names of which the resolver was asked, in order.
    private final class Asked: Sendable {
        private let names = Lock<[String]>([])
        func add(_ name: String) { names.withLock { $0.append(name) } }
        var all: [String] { names.withLock { $0 } }
    }

    private func host(_ name: String, port: UInt16 = 1) throws -> HostAndPort {
        try HostAndPort(host: name, port: port)
    }

    /// A resolver that looks up nothing before the gate is open. The gate is opened at the end.
    private func withGate(
        _ change: (inout Resolver.Configuration) -> Void,
        _ body: (Resolver, Gate, Asked) async throws -> Void
    ) async throws {
        let (gate, asked) = (Gate(), Asked())
        var configuration = Resolver.Configuration()
        change(&configuration)
        let resolver = try Resolver(configuration) { host in
            asked.add(host)
            gate.pass()
            return [Self.address]
        }
        defer {
            gate.open()
            resolver.stop()
        }
        try await body(resolver, gate, asked)
    }

    private func error(
        _ body: () async throws(ResolveError) -> [SocketAddress]
    ) async -> ResolveError? {
        do throws(ResolveError) {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test func theSystemIsAsked() async throws {
        let resolver = try Resolver()
        defer { resolver.stop() }
        let addresses = try await resolver.addresses(of: host("localhost", port: 4711), within: .seconds(30))
        #expect(addresses.contains(SocketAddress(ipv4: 127, 0, 0, 1, port: 4711)) || addresses.first?.port == 4711)
        #expect(addresses.allSatisfy { $0.isLoopback && $0.port == 4711 })
    }

    @Test func aNumberNeedsNoWorker() async throws {
        try await withGate({ _ in }) { resolver, _, asked in
            let addresses = try await resolver.addresses(of: host("2001:db8::1", port: 7))
            #expect(addresses.map(\.description) == ["[2001:db8::1]:7"])
            #expect(asked.all == [])
        }
    }

    @Test func whatTheSystemSaysIsThrown() async throws {
        let resolver = try Resolver { host throws(AddressError) in
            if host == "none" { return [] }
            throw .unresolvable(host: host, reason: "no such name")
        }
        defer { resolver.stop() }
        let (unknown, none) = try (host("unknown"), host("none"))
        #expect(
            await error { () throws(ResolveError) in try await resolver.addresses(of: unknown) }
                == .unresolvable(host: "unknown", reason: "no such name"))
        #expect(
            await error { () throws(ResolveError) in try await resolver.addresses(of: none) }
                == .unresolvable(host: "none", reason: "no address"))
    }

    /// The worker hangs; who asked does not.
    @Test func nobodyIsHeldByAWorkerThatHangs() async throws {
        try await withGate({ _ in }) { resolver, gate, asked in
            let target = try host("a")
            #expect(
                await error { () throws(ResolveError) in
                    try await resolver.addresses(of: target, within: .milliseconds(50))
                } == .timedOut(host: "a"))
            // The same worker still hangs at the same name, and who asks again does not need another.
            #expect(
                await error { () throws(ResolveError) in
                    try await resolver.addresses(of: target, within: .milliseconds(50))
                } == .timedOut(host: "a"))
            try await gate.reached()
            #expect(asked.all == ["a"])
            let waiting = Task { try await resolver.addresses(of: target) }
            gate.open()
            #expect(try await waiting.value == [Self.address.with(port: 1)])
        }
    }

    @Test func noMoreWorkersThanAllowedHang() async throws {
        try await withGate({ $0.maximumWorkers = 2 }) { resolver, gate, asked in
            let targets = try ["a", "b", "c"].map { try host($0) }
            let hanging = targets[..<2].map { target in Task { try await resolver.addresses(of: target) } }
            try await gate.reached(by: 2)
            #expect(
                await error { () throws(ResolveError) in
                    try await resolver.addresses(of: targets[2], within: .milliseconds(50))
                } == .allWorkersBusy(host: "c"))
            #expect(Set(asked.all) == ["a", "b"])
            #expect(resolver.pool.workerCount <= 2)
            gate.open()
            for task in hanging { #expect(try await task.value.count == 1) }
            #expect(try await resolver.addresses(of: targets[2]).count == 1)
        }
    }

    @Test func whenAllHaveHungForLongFurtherQuestionsAreRefusedAtOnce() async throws {
        try await withGate({
            $0.maximumWorkers = 1
            $0.hangLimit = .zero
        }) { resolver, gate, _ in
            let (first, second) = try (host("a"), host("b"))
            let hanging = Task { try await resolver.addresses(of: first) }
            try await gate.reached()
            #expect(
                await error { () throws(ResolveError) in try await resolver.addresses(of: second) }
                    == .allWorkersBusy(host: "b"))
            let sharing = Task { try await resolver.addresses(of: first) }
            while resolver.state.withLock({ $0.entryCount }) < 3 { await Task.yield() }
            gate.open()
            #expect(try await hanging.value == sharing.value)
        }
    }

    /// On a pool that others use and end: who waits for what no worker will begin is told so.
    @Test func aPoolThatEndsLeavesNoQuestionUnanswered() async throws {
        let gate = Gate()
        let pool = try WorkerPool(workers: 1)
        let resolver = Resolver(on: pool) { _ in
            gate.pass()
            return [Self.address]
        }
        let (first, second) = try (host("a"), host("b"))
        let begun = Task { try await resolver.addresses(of: first) }
        try await gate.reached()
        let waiting = Task { try await resolver.addresses(of: second) }
        while resolver.state.withLock({ $0.runningCount }) < 2 { await Task.yield() }
        _ = await pool.shutDown(within: .milliseconds(1))
        await #expect(throws: ResolveError.stopped) { try await waiting.value }
        gate.open()
        let addresses = try await begun.value
        #expect(addresses.count == 1)
        let count = resolver.state.withLock { $0.runningCount }
        #expect(count == 0)
        resolver.stop()
    }

    @Test func questionsThatWaitAreBounded() async throws {
        try await withGate({
            $0.maximumWorkers = 1
            $0.waitingLimit = 3
        }) { resolver, gate, asked in
            let targets = try ["a", "b", "c", "d"].map { try host($0) }
            let waiting = targets[..<3].map { target in Task { try await resolver.addresses(of: target) } }
            // Three questions and as many hosts, of which the worker has one.
            while resolver.state.withLock({ $0.entryCount }) < 8 { await Task.yield() }
            #expect(
                await error { () throws(ResolveError) in try await resolver.addresses(of: targets[3]) }
                    == .allWorkersBusy(host: "d"))
            gate.open()
            for task in waiting { #expect(try await task.value.count == 1) }
            #expect(asked.all.sorted() == ["a", "b", "c"])
        }
    }

    /// Whoever asks and gives up again and again leaves nothing behind, though the worker hangs.
    @Test func whatIsGivenUpIsForgotten() async throws {
        try await withGate({ $0.maximumWorkers = 1 }) { resolver, gate, asked in
            let first = try host("a")
            let hanging = Task { try await resolver.addresses(of: first) }
            try await gate.reached()
            for index in 0..<200 {
                let target = try host("b\(index % 3)")
                let asking = Task { try await resolver.addresses(of: target) }
                if index % 2 == 0 { await Task.yield() }
                asking.cancel()
                await #expect(throws: ResolveError.cancelled(host: target.host)) { try await asking.value }
            }
            #expect(resolver.state.withLock { $0.entryCount } == 2)
            gate.open()
            #expect(try await hanging.value.count == 1)
            #expect(asked.all == ["a"])
            #expect(resolver.state.withLock { $0.entryCount } == 0)
        }
    }

    @Test func nothingIsKeptUnlessThatIsAskedFor() async throws {
        try await withGate({ _ in }) { resolver, gate, asked in
            gate.open()
            for _ in 0..<2 { _ = try await resolver.addresses(of: host("a")) }
            #expect(asked.all == ["a", "a"])
            #expect(resolver.state.withLock { $0.entryCount } == 0)
        }
    }

    @Test func answersAreKeptAsLongAsAskedFor() async throws {
        try await withGate({
            $0.cacheLifetime = .seconds(3_600)
            $0.cachedHostLimit = 2
        }) { resolver, gate, asked in
            gate.open()
            for name in ["a", "b", "a", "c", "b", "a"] {
                let addresses = try await resolver.addresses(of: host(name, port: 9))
                #expect(addresses == [Self.address.with(port: 9)])
            }
            // The third was there; the fourth drove out the first, which the last asked for again.
            #expect(asked.all == ["a", "b", "c", "a"])
            #expect(resolver.state.withLock { $0.entryCount } == 4)
        }
        try await withGate({ $0.cacheLifetime = .nanoseconds(1) }) { resolver, gate, asked in
            gate.open()
            for _ in 0..<2 { _ = try await resolver.addresses(of: host("a")) }
            #expect(asked.all == ["a", "a"], "its time is up")
            #expect(resolver.state.withLock { $0.entryCount } == 2)
        }
    }

    @Test func aFailureIsNotKept() async throws {
        let asked = Asked()
        var configuration = Resolver.Configuration()
        configuration.cacheLifetime = .seconds(3_600)
        let resolver = try Resolver(configuration) { host throws(AddressError) in
            asked.add(host)
            throw .unresolvable(host: host, reason: "try again")
        }
        defer { resolver.stop() }
        let target = try host("a")
        for _ in 0..<2 { _ = await error { () throws(ResolveError) in try await resolver.addresses(of: target) } }
        #expect(asked.all == ["a", "a"])
    }

    @Test func whoeverWaitsLearnsOfTheStop() async throws {
        try await withGate({ $0.maximumWorkers = 1 }) { resolver, gate, _ in
            let targets = try ["a", "b"].map { try host($0) }
            let waiting = targets.map { target in Task { try await resolver.addresses(of: target) } }
            while resolver.state.withLock({ $0.entryCount }) < 5 { await Task.yield() }
            resolver.stop()
            for task in waiting { await #expect(throws: ResolveError.stopped) { try await task.value } }
            await #expect(throws: ResolveError.stopped) { try await resolver.addresses(of: targets[0]) }
            gate.open()
        }
    }

    /// Workers that serve others too, and that end first.
    @Test func workersMayBeShared() async throws {
        let pool = try WorkerPool(workers: 1, name: "test")
        let resolver = Resolver(on: pool) { _ in [Self.address] }
        let target = try host("a")
        #expect(try await resolver.addresses(of: target).count == 1)
        resolver.stop()
        let other = Resolver(on: pool) { _ in [Self.address] }
        #expect(try await other.addresses(of: target).count == 1, "not stopped with the resolver")
        pool.stop()
        #expect(await pool.waitUntilStopped(within: .seconds(30)))
        #expect(
            await error { () throws(ResolveError) in try await other.addresses(of: target) } == .stopped)
    }
}
