import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct WatchdogTests {
    private final class Slow: ConnectionHandler {
        private let isNoticed: () -> Bool

        init(until isNoticed: @escaping () -> Bool) {
            self.isNoticed = isNoticed
        }

        func received(_ bytes: RawSpan, on connection: Connection) {
            while !isNoticed() {}
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

    /// The job ends only when the watching thread has reported it, so it need not take long.
    @Test func aJobThatHoldsTheLoopIsReportedWhileItRunsAndWhenItIsOver() async throws {
        let reports = Lock<[SlowTick]>([])
        try await withLoop(Self.configuration(reports, name: "slowpoke")) { handle in
            try await handle.submit { _ in
                while !reports.withLock({ $0.contains { $0.phase == .mailboxes && !$0.isOver } }) {}
            }
            // On a busy machine other ticks may have taken long, too.
            #expect(await eventually { reports.withLock { $0.contains { $0.activity != nil } } })
            let seen = reports.withLock { $0 }
            let first = try #require(seen.first { $0.phase == .mailboxes && !$0.isOver })
            let last = try #require(seen.first { $0.activity != nil })
            #expect(first.loopName == "slowpoke")
            #expect(first.duration > .milliseconds(5))
            #expect(last.isOver)
            #expect(last.phase == .mailboxes)
            #expect(last.duration >= first.duration)
            #expect(last.activity == "a job of another thread")
            #expect(last.description.contains("a job of another thread"))
        }
    }

    @Test func aHandlerThatHoldsTheLoopIsNamed() async throws {
        let reports = Lock<[SlowTick]>([])
        try await LoopFixture.with(
            Self.configuration(reports, name: "l"),
            handler: {
                Slow { reports.withLock { $0.contains { $0.phase == .events && !$0.isOver } } }
            }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            try client.send([1])
            #expect(await eventually { reports.withLock { $0.contains { $0.activity?.contains("Slow") == true } } })
            let last = try #require(reports.withLock { $0.first { $0.activity?.contains("Slow") == true } })
            #expect(last.phase == .events)
            #expect(last.isOver)
            #expect(last.activity?.contains("127.0.0.1") == true)
        }
    }

    @Test func aLoopThatWaitsIsNotSlow() async throws {
        let reports = Lock<[SlowTick]>([])
        try await withLoop(Self.configuration(reports, name: "idle")) { handle in
            let fired = Recorder()
            try await handle.submit { loop in
                loop.schedule(after: .milliseconds(200)) { _ in fired.record(.deadline) }
            }
            _ = await fired.wait { $0 == .deadline }
            // None for the wait; a tick that the machine held up is another matter.
            #expect(reports.withLock { $0.allSatisfy { $0.duration < .milliseconds(150) } })
        }
    }
}
