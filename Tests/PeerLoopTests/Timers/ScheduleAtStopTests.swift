import TestSupport
import Testing

@testable import PeerLoop

/// What becomes of jobs when their loop stops.
@Suite(.timeLimit(.minutes(1))) struct ScheduleAtStopTests {
    private final class Log: Sendable {
        private let lines = Lock<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    @Test func whatIsStillToComeIsDroppedAndSaysSo() async throws {
        let handle = try EventLoopHandle.start()
        let log = Log()
        try await handle.submit { loop in
            loop.schedule(after: .seconds(3_600)) { _ in
                log.add("ran")
            } onDrop: {
                log.add("dropped once")
            }
            loop.schedule(every: .seconds(3_600)) { _, _ in
                log.add("ran")
            } onDrop: {
                log.add("dropped every")
            }
            loop.schedule(after: .seconds(3_600)) { _ in log.add("ran") }
            let taken = loop.schedule(after: .seconds(3_600)) { _ in
                log.add("ran")
            } onDrop: {
                log.add("cancelled")
            }
            loop.cancel(taken)
        }
        handle.schedule(after: .seconds(3_600)) { _ in
            log.add("ran")
        } onDrop: {
            log.add("dropped from outside")
        }
        #expect(log.all == [])
        await handle.shutdown(within: .zero)
        #expect(log.all.sorted() == ["dropped every", "dropped from outside", "dropped once"])
    }

    @Test func whatComesInTimeStillRuns() async throws {
        let handle = try EventLoopHandle.start()
        let log = Log()
        // Something to wait for: a connection whose other side does not end it.
        let listener = try BlockingListener()
        let recorder = Recorder()
        try await handle.submit { loop in
            _ = try loop.connect(
                to: SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port), within: .seconds(30),
                handler: TestHandler(recorder))
        }
        #expect(await recorder.wait { $0 == .opened } != nil)
        try await handle.submit { loop in
            loop.schedule(after: .milliseconds(1)) { _ in
                log.add("ran")
            } onDrop: {
                log.add("dropped")
            }
            loop.schedule(after: .milliseconds(2)) { $0.forEachConnection { $0.close() } }
        }
        await handle.shutdown(within: .seconds(30))
        #expect(log.all == ["ran"])
    }

    /// What is scheduled too late is dropped as well, by whoever has the last word.
    @Test func whatIsScheduledAtTheEndIsDroppedToo() async throws {
        let handle = try EventLoopHandle.start()
        let log = Log()
        try await handle.submit { loop in
            loop.schedule(after: .seconds(3_600)) { _ in
            } onDrop: {
                log.add("dropped")
                handle.schedule(after: .zero) { _ in
                    log.add("ran")
                } onDrop: {
                    log.add("dropped in drop")
                }
                let isTaken = handle.run { _ in log.add("ran") }
                #expect(!isTaken)
            }
            // Waits in the mailbox while the loop stops: it still runs, and schedules.
            loop.shutdown(within: .zero)
            handle.run { loop in
                log.add("last job")
                loop.schedule(after: .zero) { _ in
                    log.add("ran")
                } onDrop: {
                    log.add("dropped at the end")
                }
            }
        }
        await handle.shutdown(within: .zero)
        #expect(log.all.first == "last job")
        #expect(log.all.sorted() == ["dropped", "dropped at the end", "dropped in drop", "last job"])

        let late = handle.schedule(after: .zero) { _ in
            log.add("ran")
        } onDrop: {
            log.add("dropped at once")
        }
        #expect(log.all.last == "dropped at once")
        #expect(!late.cancel())
    }

    @Test func aMistakeTraps() async throws {
        let mistakes: [(String, ExitTest.Result?)] = [
            (
                "a job cannot repeat without an interval",
                await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                    try await EventLoopHandle.start().submit { loop in
                        _ = loop.schedule(every: .zero) { _, _ in }
                    }
                }
            ),
            (
                "a loop's own thread cannot wait for the loop",
                await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                    let handle = try EventLoopHandle.start()
                    try await handle.submit { _ in try handle.submitAndWait { _ in } }
                }
            ),
            (
                "a loop's own thread cannot wait for the loop",
                await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                    let handle = try EventLoopHandle.start()
                    try await handle.submit { _ in handle.shutdownAndWait(within: .zero) }
                }
            ),
        ]
        for (message, result) in mistakes {
            let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
            #expect(text.contains(message), "\(text.prefix(500))")
        }
    }
}
