import Glibc
import PeerLoop

/// A server for the comparisons: `--port N` (0 picks one), says `listening on ADDRESS:PORT`, ends on SIGTERM,
/// with `--metrics` after saying how long its ticks took.
///
/// `LOOP_SHAPE=actor` enters an actor whose executor is the loop's thread once in every tick, and
/// `LOOP_SHAPE=actor-per-event` once for every read: what other shapes of confinement would cost (decision record 1).
public enum BenchServer {
    /// Runs until SIGTERM or SIGINT. `makeHandler` is called on the loop for each connection.
    public static func run(_ makeHandler: @escaping @Sendable () -> any ConnectionHandler) throws {
        // Blocked before any thread exists, so that every thread inherits it and only `sigwait` takes them.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)

        let arguments = CommandLine.arguments
        let port = arguments.firstIndex(of: "--port").flatMap { UInt16(arguments[$0 + 1]) } ?? 0
        let shape = getenv("LOOP_SHAPE").map { String(cString: $0) }
        try ProcessLimits.raiseDescriptorLimit()
        var configuration = EventLoop.Configuration()
        configuration.writeLimits = WriteLimits(highMark: 256 << 10, lowMark: 0)
        let handle = try EventLoopHandle.start(configuration)
        let address = try handle.submitAndWait { loop in
            let actor = LoopActor(handle: handle)
            if shape == "actor" { loop.atTickEnd { _ in actor.assumeIsolated { $0.enter() } } }
            let acceptor = Acceptor {
                shape == "actor-per-event" ? EnteringHandler(makeHandler(), actor) : makeHandler()
            }
            return try loop.listen(on: SocketAddress(ipv4: 127, 0, 0, 1, port: port), handler: acceptor).address
        }
        print("listening on \(address)")
        fflush(nil)

        var signal: Int32 = 0
        sigwait(&signals, &signal)
        if arguments.contains("--metrics") { printMetrics(handle.metrics()) }
        handle.shutdownAndWait(within: .milliseconds(100))
    }
}

/// How busy the loop was: ticks, the longest of them, and budgets that were used up.
private func printMetrics(_ metrics: LoopMetrics) {
    let durations = metrics.tickDurations
    print("ticks \(metrics.tickCount), p50 \(durations.quantile(0.5)), p99 \(durations.quantile(0.99))")
    print("longest \(metrics.longestTick), busy \(metrics.busyTime)")
    print("accepted \(metrics.acceptedCount), closed \(metrics.closedCount), \(metrics.budgetHits)")
}

private final class Acceptor: AcceptHandler {
    private let makeHandler: () -> any ConnectionHandler

    init(_ makeHandler: @escaping () -> any ConnectionHandler) {
        self.makeHandler = makeHandler
    }

    func accept(from address: SocketAddress, on loop: EventLoop) -> (any ConnectionHandler)? {
        makeHandler()
    }
}

/// An actor that is isolated to the loop's thread, as the alternative design would have it.
actor LoopActor {
    private let executor: LoopExecutor
    private var entries = 0

    init(handle: EventLoopHandle) {
        executor = LoopExecutor(handle: handle)
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func enter() { entries &+= 1 }
}

private final class LoopExecutor: SerialExecutor {
    private let handle: EventLoopHandle
    /// The executor is made on the loop's thread.
    private let thread = pthread_self()

    init(handle: EventLoopHandle) {
        self.handle = handle
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        handle.run { _ in job.runSynchronously(on: executor) }
    }

    func isIsolatingCurrentContext() -> Bool? { pthread_self() == thread }

    func checkIsolated() { precondition(pthread_self() == thread) }
}

/// Enters the actor before each call.
private final class EnteringHandler: ConnectionHandler {
    private let wrapped: any ConnectionHandler
    private let actor: LoopActor

    init(_ wrapped: any ConnectionHandler, _ actor: LoopActor) {
        self.wrapped = wrapped
        self.actor = actor
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        actor.assumeIsolated { $0.enter() }
        wrapped.received(bytes, on: connection)
    }

    func closed(_ connection: Connection, cause: CloseCause) {
        wrapped.closed(connection, cause: cause)
    }
}
