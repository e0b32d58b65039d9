import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct WatchdogTests {
    /// Holds the loop until the watching thread has said so, or for a second: a tick is told of once while it goes on,
    /// and on a busy machine that may have been before.
    private static func hold(_ phase: LoopPhase, _ reports: Lock<[SlowTick]>) {
        let known = reports.withLock { $0.count }
        let end = ContinuousClock.now + .seconds(1)
        while ContinuousClock.now < end {
            if reports.withLock({ $0.dropFirst(known).contains { $0.phase == phase && !$0.isOver } }) { return }
        }
    }

    private final class Slow: ConnectionHandler {
        private let reports: Lock<[SlowTick]>

        init(_ reports: Lock<[SlowTick]>) {
            self.reports = reports
        }

        func received(_ bytes: RawSpan, on connection: Connection) {
            WatchdogTests.hold(.events, reports)
            connection.write(bytes)
        }

        func closed(_ connection: Connection, cause: CloseCause) {}
    }

    private static func configuration(_ reports: Lock<[SlowTick]>, name: String) -> EventLoop.Configuration {
        var configuration = EventLoop.Configuration()
        configuration.threadName = name
        configuration.watchdog = EventLoop.Watchdog(limit: .milliseconds(5)) { tick in
            reports.withLock { $0.append(tick) }
        }
        return configuration
    }

    @Test func aJobThatHoldsTheLoopIsReportedWhileItRunsAndWhenItIsOver() async throws {
        let reports = Lock<[SlowTick]>([])
        try await withLoop(Self.configuration(reports, name: "slowpoke")) { handle in
            func isTheJob(_ tick: SlowTick) -> Bool { tick.activity == "a job of another thread" }
            // On a busy machine other ticks may have taken long, too.
            let isReported = try await eventually {
                try await handle.submit { _ in Self.hold(.mailboxes, reports) }
                return reports.withLock { $0.contains(where: isTheJob) }
            }
            #expect(isReported)
            let seen = reports.withLock { $0 }
            let end = try #require(seen.firstIndex(where: isTheJob))
            let last = seen[end]
            let first = try #require(seen[..<end].last { $0.phase == .mailboxes && !$0.isOver })
            #expect(first.loopName == "slowpoke")
            #expect(first.duration > .milliseconds(5))
            #expect(last.isOver)
            #expect(last.phase == .mailboxes)
            #expect(last.duration >= first.duration)
            #expect(last.description.contains("a job of another thread"))
        }
    }

    @Test func aHandlerThatHoldsTheLoopIsNamed() async throws {
        let reports = Lock<[SlowTick]>([])
        try await LoopFixture.with(
            Self.configuration(reports, name: "l"),
            handler: { Slow(reports) }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            let isNamed = try await eventually {
                try client.send([1])
                _ = try client.receive(exactly: 1)
                return reports.withLock { $0.contains { $0.activity?.contains("Slow") == true } }
            }
            #expect(isNamed)
            let last = try #require(reports.withLock { $0.first { $0.activity?.contains("Slow") == true } })
            #expect(last.phase == .events)
            #expect(last.isOver)
            #expect(last.activity?.contains("127.0.0.1") == true)
        }
    }

    @Test func aLoopThatWaitsIsNotSlow() async throws {
        var isQuiet = false
        // A wait would be told of every time; a tick that the machine held up is another matter.
        for _ in 0..<5 where !isQuiet {
            let reports = Lock<[SlowTick]>([])
            try await withLoop(Self.configuration(reports, name: "idle")) { handle in
                let fired = Recorder()
                try await handle.submit { loop in
                    loop.schedule(after: .milliseconds(200)) { _ in fired.record(.deadline) }
                }
                _ = await fired.wait { $0 == .deadline }
                isQuiet = reports.withLock { $0.allSatisfy { $0.duration < .milliseconds(150) } }
            }
        }
        #expect(isQuiet)
    }
}
