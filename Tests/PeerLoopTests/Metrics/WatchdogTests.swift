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
                while reports.withLock({ $0.isEmpty }) {}
            }
            #expect(await eventually { reports.withLock { $0.count } >= 2 })
            let seen = reports.withLock { $0 }
            #expect(seen[0].loopName == "slowpoke")
            #expect(seen[0].isOver == false)
            #expect(seen[0].phase == .mailboxes)
            #expect(seen[0].duration > .milliseconds(5))
            #expect(seen[1].isOver)
            #expect(seen[1].phase == .mailboxes)
            #expect(seen[1].duration >= seen[0].duration)
            #expect(seen[1].activity == "a job of another thread")
            #expect(seen[1].description.contains("a job of another thread"))
        }
    }

    @Test func aHandlerThatHoldsTheLoopIsNamed() async throws {
        let reports = Lock<[SlowTick]>([])
        try await LoopFixture.with(
            Self.configuration(reports, name: "l"),
            handler: {
                Slow { reports.withLock { !$0.isEmpty } }
            }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            try client.send([1])
            #expect(await eventually { reports.withLock { $0.count } >= 2 })
            let last = try #require(reports.withLock { $0.last })
            #expect(last.phase == .events)
            #expect(last.activity?.contains("Slow") == true)
            #expect(last.activity?.contains("127.0.0.1") == true)
        }
    }

    @Test func aLoopThatWaitsIsNotSlow() async throws {
        let reports = Lock<[SlowTick]>([])
        try await withLoop(Self.configuration(reports, name: "idle")) { handle in
            let fired = Recorder()
            try await handle.submit { loop in
                loop.schedule(after: .milliseconds(50)) { _ in fired.record(.deadline) }
            }
            _ = await fired.wait { $0 == .deadline }
            #expect(reports.withLock { $0.isEmpty })
        }
    }
}
