import Glibc
import PeerLoop
import TestSupport
import Testing

/// No descriptor is left. In processes of their own, whose limit nobody else feels.
@Suite(.timeLimit(.minutes(2))) struct DescriptorLimitTests {
    /// Takes every descriptor there is under a limit, and gives them back one by one.
    struct Fillers {
        private var numbers: [Int32] = []

        init(upTo limit: rlim_t) {
            Self.setLimit(limit)
            fill()
        }

        static func setLimit(_ limit: rlim_t) {
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            var limits = rlimit()
            getrlimit(resource, &limits)
            limits.rlim_cur = limit
            setrlimit(resource, &limits)
        }

        mutating func fill() {
            while true {
                let number = dup(0)
                if number < 0 { return }
                numbers.append(number)
            }
        }

        mutating func giveBack(_ count: Int) {
            for _ in 0..<count { if let number = numbers.popLast() { close(number) } }
        }

        /// A client that has the last descriptor, so that none is left for the other end.
        mutating func connect(_ port: UInt16) throws -> BlockingSocket {
            giveBack(1)
            return try BlockingSocket(port: port)
        }
    }

    /// Refused: the stream ends, in order or not, without a byte.
    static func isRefused(_ client: BlockingSocket) -> Bool {
        do {
            return try client.receive(upTo: 1).isEmpty
        } catch let failure as BlockingSocket.Failure {
            return failure.code == ECONNRESET
        } catch {
            return false
        }
    }

    static func isAnswered(_ client: BlockingSocket) throws -> Bool {
        try client.send([1, 2, 3])
        return try client.receive(exactly: 3) == [1, 2, 3]
    }

    /// As an exit code, which is what a process of its own can say.
    enum Finding: Int32 {
        case allWell = 7
        case notRefused, existingDisturbed, spins, notResumed, notToldOfFailure, notCounted
    }

    @Test func whoWaitsIsRefusedAtOnceAndTheListenerGoesOn() async {
        await #expect(processExitsWith: .exitCode(Finding.allWell.rawValue)) {
            exit(try await Self.exhaust().rawValue)
        }
    }

    private static func echo(_ acceptor: CountingAcceptor) async throws -> (EventLoopHandle, port: UInt16) {
        var configuration = EventLoop.Configuration()
        configuration.acceptBackOff = .milliseconds(30)
        let handle = try EventLoopHandle.start(configuration)
        let listening = try await handle.submit { loop in
            try loop.listen(on: SocketAddress(ipv4: 127, 0, 0, 1, port: 0), handler: EchoAcceptor(acceptor)).address
        }
        return (handle, listening.port)
    }

    static func exhaust() async throws -> Finding {
        let acceptor = CountingAcceptor()
        let (handle, port) = try await echo(acceptor)
        let existing = try BlockingSocket(port: port)
        guard try isAnswered(existing) else { return .existingDisturbed }

        var fillers = Fillers(upTo: 100)
        for _ in 0..<20 {
            let client = try fillers.connect(port)
            guard isRefused(client) else { return .notRefused }
            guard try isAnswered(existing) else { return .existingDisturbed }
            client.close()
            // Not before the loop has its spare again.
            try await handle.submit { _ in }
            fillers.fill()
        }
        let before = try await handle.submit { $0.tickCount }
        for _ in 0..<10 { guard try isAnswered(existing) else { return .existingDisturbed } }
        // Several back-offs long.
        poll(nil, 0, 200)
        guard try await handle.submit({ $0.tickCount }) - before < 100 else { return .spins }
        guard acceptor.failures.withLock({ $0 }) > 0 else { return .notToldOfFailure }
        guard handle.metrics().refusedCount == 20 else { return .notCounted }

        fillers.giveBack(4)
        let late = try BlockingSocket(port: port)
        guard try isAnswered(late) else { return .notResumed }
        await handle.shutdown(within: .zero)
        return .allWell
    }

    /// The spare was lost, as somebody else had its place when it was to be taken again; once there are descriptors, it
    /// is made anew, or nobody could be refused when they run out again.
    @Test func theSpareIsMadeAnew() async {
        await #expect(processExitsWith: .exitCode(Finding.allWell.rawValue)) {
            exit(try await Self.loseTheSpare().rawValue)
        }
    }

    static func loseTheSpare() async throws -> Finding {
        let acceptor = CountingAcceptor()
        let (handle, port) = try await echo(acceptor)
        // Below what is open already, so that not even the spare's own number can be had again. Made on the loop: the
        // connection waits by the time it looks.
        let client = try await handle.submit { _ in
            let client = Lock(try BlockingSocket(port: port))
            Fillers.setLimit(3)
            return client
        }
        while acceptor.failures.withLock({ $0 }) == 0 { poll(nil, 0, 2) }
        Fillers.setLimit(100)
        guard try client.withLock({ try isAnswered($0) }) else { return .notResumed }

        var fillers = Fillers(upTo: 100)
        guard isRefused(try fillers.connect(port)) else { return .notRefused }
        await handle.shutdown(within: .zero)
        return .allWell
    }

    /// A connect that has no descriptor says so at once.
    @Test func aConnectSaysSo() async {
        await #expect(processExitsWith: .exitCode(Finding.allWell.rawValue)) {
            let handle = try EventLoopHandle.start()
            let fillers = Fillers(upTo: 100)
            let isRight = try await handle.submit { loop in
                do throws(SystemError) {
                    try loop.connect(
                        to: SocketAddress(ipv4: 127, 0, 0, 1, port: 9), within: .seconds(1),
                        handler: WitnessHandler(Witness()))
                    return false
                } catch {
                    return error == SystemError(.socket, code: EMFILE) && loop.connectionCount == 0
                }
            }
            // Nor can another loop be started; that is an error, too.
            let other = try? EventLoopHandle.start()
            _ = fillers
            exit(isRight && other == nil ? Finding.allWell.rawValue : 1)
        }
    }
}

/// What an acceptor was told of failures.
final class CountingAcceptor: Sendable {
    let failures = Lock(0)
}

/// Echoes on every connection.
final class EchoAcceptor: AcceptHandler {
    private let counts: CountingAcceptor

    init(_ counts: CountingAcceptor) {
        self.counts = counts
    }

    func accept(from address: SocketAddress, on loop: EventLoop) -> (any ConnectionHandler)? {
        WitnessHandler(Witness(), received: { $1.write($0) })
    }

    func acceptFailed(_ error: SystemError, on loop: EventLoop) {
        counts.failures.withLock { $0 += 1 }
    }
}
