import Glibc
import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ListenTests {
    static let hasIPv6 = canUse("::1")

    /// Connects to `target` while a loop listens on `host`; says which address the listener told, or how it failed.
    private func connect(
        _ host: String, _ change: (inout ListenOptions) -> Void = { _ in }, to target: String
    ) async throws -> Result<SocketAddress, SystemError> {
        var options = ListenOptions()
        change(&options)
        let address = try #require(SocketAddress(numericHost: host, port: 0))
        let (outcomes, continuation) = AsyncStream<Result<SocketAddress, SystemError>>.makeStream()
        return try await withLoop { loop in
            try await loop.submit { [options] loop in
                let listener = try loop.listen(
                    on: address, options: options,
                    handler: TestAcceptor {
                        TestHandler(Recorder(), onOpen: { continuation.yield(.success($0.remoteAddress)) })
                    })
                #expect(listener.address.port != 0)
                #expect(listener.address.hostOnly == address)
                let to = try #require(SocketAddress(numericHost: target, port: listener.address.port))
                try loop.connect(
                    to: to, within: .seconds(30),
                    handler: OutcomeHandler {
                        if case .connectFailed(let error) = $0 { continuation.yield(.failure(error)) }
                    })
            }
            for await outcome in outcomes { return outcome }
            throw Missing()
        }
    }

    private struct Missing: Error {}

    /// Passes on how the connection ended.
    private final class OutcomeHandler: ConnectionHandler {
        let tell: (CloseCause) -> Void
        init(_ tell: @escaping (CloseCause) -> Void) { self.tell = tell }
        func received(_ bytes: RawSpan, on connection: Connection) {}
        func closed(_ connection: Connection, cause: CloseCause) { tell(cause) }
    }

    @Test func anIPv4ListenerTakesIPv4() async throws {
        for host in ["127.0.0.1", "0.0.0.0"] {
            let address = try await connect(host, to: "127.0.0.1").get()
            #expect(address.hostDescription == "127.0.0.1")
        }
    }

    @Test(.enabled(if: hasIPv6, "there is no IPv6 here")) func anIPv6ListenerTakesIPv6() async throws {
        for host in ["::1", "::"] {
            for isOnly in [true, false] {
                let address = try await connect(host, { $0.isIPv6Only = isOnly }, to: "::1").get()
                #expect(address.hostDescription == "::1")
            }
        }
    }

    @Test(.enabled(if: hasIPv6, "there is no IPv6 here")) func aDualStackListenerTellsIPv4AsIPv4() async throws {
        let address = try await connect("::", to: "127.0.0.1").get()
        #expect(address.family == .ipv4)
        #expect(address.hostDescription == "127.0.0.1")
        #expect(address.isLoopback)
    }

    @Test(.enabled(if: hasIPv6, "there is no IPv6 here")) func anIPv6OnlyListenerTakesNoIPv4() async throws {
        guard case .failure(let error) = try await connect("::", { $0.isIPv6Only = true }, to: "127.0.0.1") else {
            Issue.record("IPv4 got in")
            return
        }
        #expect(error.isRefused)
    }

    @Test(.enabled(if: hasIPv6, "there is no IPv6 here"))
    func anIPv6OnlyListenerLeavesThePortToIPv4() async throws {
        try await withLoop { loop in
            try await loop.submit { loop in
                var options = ListenOptions()
                options.isIPv6Only = true
                let any = try #require(SocketAddress(numericHost: "::", port: 0))
                var listening: SocketAddress?
                // A connection of IPv4 that ended a while ago may still have the port.
                for _ in 0..<10 where listening == nil {
                    let six = try loop.listen(on: any, options: options, handler: TestAcceptor { nil })
                    let four = SocketAddress(ipv4: 0, 0, 0, 0, port: six.address.port)
                    let listener = try? loop.listen(on: four, handler: TestAcceptor { nil })
                    listening = listener?.address
                    if listener == nil { loop.close(six) }
                }
                let four = try #require(listening)
                #expect(throws: SystemError(.bind, code: EADDRINUSE)) {
                    try loop.listen(on: four, handler: TestAcceptor { nil })
                }
            }
        }
    }

    /// Connections end at one or the other, and which of them the kernel says by the connection's hash.
    @Test func loopsShareAPort() async throws {
        let recorders = (Recorder(), Recorder())
        try await TwoLoops.with { loops in
            var options = ListenOptions()
            options.sharesPort = true
            let any = SocketAddress(ipv4: 127, 0, 0, 1, port: 0)
            let address = try await loops.first.submit { [options] loop in
                try loop.listen(on: any, options: options, handler: TestAcceptor { TestHandler(recorders.0) }).address
            }
            try await loops.second.submit { [options] loop in
                try loop.listen(on: address, options: options, handler: TestAcceptor { TestHandler(recorders.1) })
                #expect(throws: SystemError(.bind, code: EADDRINUSE), "one that does not share is kept out") {
                    try loop.listen(on: address, handler: TestAcceptor { nil })
                }
            }
            let clients = try await runBlocking {
                try (0..<64).map { _ in try BlockingSocket(port: address.port).takeDescriptor() }
            }
            defer { for client in clients { close(client) } }
            var counts = (0, 0)
            while counts.0 + counts.1 < clients.count {
                counts.0 = try await loops.first.submit { $0.connectionCount }
                counts.1 = try await loops.second.submit { $0.connectionCount }
            }
            #expect(counts.0 > 0 && counts.1 > 0)
        }
    }

    /// With a backlog of 0 one connection waits, and the next has no answer.
    @Test func theBacklogIsTheKernels() async throws {
        let gate = Gate()
        let (first, second) = (Recorder(), Recorder())
        try await TwoLoops.with { loops in
            let address = try await loops.first.submit { loop in
                var options = ListenOptions()
                options.backlog = 0
                let any = SocketAddress(ipv4: 127, 0, 0, 1, port: 0)
                return try loop.listen(on: any, options: options, handler: TestAcceptor { nil }).address
            }
            // Busy until both have tried, it takes neither out of the queue.
            loops.first.run { _ in gate.pass() }
            defer { gate.open() }
            try await gate.reached()
            for (recorder, limit) in [(first, Duration.seconds(30)), (second, .milliseconds(100))] {
                try await loops.second.submit { loop in
                    _ = try loop.connect(to: address, within: limit, handler: TestHandler(recorder))
                }
                if recorder === first { #expect(await first.wait { $0 == .opened } != nil) }
            }
            #expect(await second.waitForClose() == .connectTimedOut)
        }
    }
}
