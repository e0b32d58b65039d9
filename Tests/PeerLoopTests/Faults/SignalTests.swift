import Glibc
import PeerLoop
import Synchronization
import TestSupport
import Testing

/// Signals interrupt system calls at any point, and nothing is lost by that.
@Suite(.timeLimit(.minutes(2)), .serialized) struct SignalTests {
    /// Has a signal do nothing but interrupt; without `SA_RESTART` no call goes on by itself.
    private static let isHandled: Bool = {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        action.sa_flags = 0
        return sigaction(SIGUSR1, &action, nil) == 0
    }()

    /// The thread of a loop. Made by one that blocks all signals, as those that run tasks do, it would block them, too.
    private func thread(of handle: EventLoopHandle) async throws -> pthread_t {
        try await handle.submit { _ in
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGUSR1)
            pthread_sigmask(SIG_UNBLOCK, &signals, nil)
            return pthread_self()
        }
    }

    /// A signal makes an idle loop's wait return, so that the storm below is one.
    @Test func aSignalIsNoEvent() async throws {
        #expect(Self.isHandled)
        try await withLoop { handle in
            let thread = try await thread(of: handle)
            let before = handle.metrics()
            let isInterrupted = await eventually {
                pthread_kill(thread, SIGUSR1)
                return handle.metrics().tickCount >= before.tickCount + 20
            }
            #expect(isInterrupted)
            let after = handle.metrics()
            #expect(after.eventCount <= before.eventCount + 1 && after.closedCount == 0)
        }
    }

    /// Signals without end for one thread, until it is called off.
    private final class Storm: Sendable {
        private let isOver = Atomic<Bool>(false)
        let count = Atomic<Int>(0)

        func blow(at thread: pthread_t) async throws {
            try await runOnThreads(1) { _ in
                while !self.isOver.load(ordering: .relaxed) {
                    pthread_kill(thread, SIGUSR1)
                    self.count.wrappingAdd(1, ordering: .relaxed)
                    // Often enough to hit every kind of call, and not so often that nothing else gets done.
                    for _ in 0..<2_000 where self.isOver.load(ordering: .relaxed) { return }
                }
            }
        }

        func callOff() { isOver.store(true, ordering: .relaxed) }
    }

    /// Has the loop's thread interrupted all the while that `body` is done, which is repeated until there were
    /// thousands of interruptions.
    private func withStorm(on handle: EventLoopHandle, _ body: () async throws -> Void) async throws {
        #expect(Self.isHandled)
        let thread = try await thread(of: handle)
        let storm = Storm()
        async let blown: Void = storm.blow(at: thread)
        do {
            repeat { try await body() } while storm.count.load(ordering: .relaxed) < 2_000
        } catch {
            storm.callOff()
            throw error
        }
        storm.callOff()
        try await blown
    }

    @Test func dataSurvivesAStorm() async throws {
        var configuration = EventLoop.Configuration()
        // Many short calls.
        configuration.readByteCountPerTick = 700
        configuration.writeByteCountPerTick = 900
        try await LoopFixture.with(
            configuration, handler: { WitnessHandler(Witness(), received: { $1.write($0) }) }
        ) { fixture in
            let port = fixture.port
            let message = pattern(400_000)
            try await withStorm(on: fixture.handle) {
                let wrong = Lock(0)
                try await runOnThreads(3) { _ in
                    let isRight = try? EchoClient.exchange(message, port: port)
                    if isRight != true { wrong.withLock { $0 += 1 } }
                }
                #expect(wrong.value == 0)
            }
        }
    }

    @Test func connectionsSurviveAStorm() async throws {
        let witness = Witness()
        try await LoopFixture.with(handler: { WitnessHandler(witness, received: { $1.write($0) }) }) { fixture in
            let port = fixture.port
            let outbound = Witness()
            let handle = fixture.handle
            var made = 0
            try await withStorm(on: handle) {
                // Accepted and made, both on the loop that is interrupted.
                try await handle.submit { loop in
                    for _ in 0..<25 {
                        _ = try loop.connect(
                            to: SocketAddress(ipv4: 127, 0, 0, 1, port: port), within: .seconds(30),
                            handler: WitnessHandler(outbound, opened: { $0.write([9]) }, received: { $1.close() }))
                    }
                }
                made += 25
                await outbound.wait { $0.closes.count == made }
            }
            #expect(outbound.now.openedCount == made)
            #expect(outbound.now.bytes == [UInt8](repeating: 9, count: made))
            #expect(outbound.now.closes.are(made, .closedLocally))
            await witness.wait { $0.closes.count == made }
            #expect(witness.now.openedCount == made)
        }
    }

    /// A program that leaves SIGPIPE as it is lives on when it writes to somebody who is gone.
    @Test func whoIsGoneDoesNotEndTheProgram() async {
        await #expect(processExitsWith: .exitCode(7)) {
            signal(SIGPIPE, SIG_DFL)
            let witness = Witness()
            var configuration = EventLoop.Configuration()
            configuration.readByteCountPerTick = 5_000
            try await LoopFixture.with(
                configuration,
                handler: {
                    WitnessHandler(
                        witness, opened: { $0.pauseReading() },
                        received: { _, connection in
                            // Gathered, and small and alone.
                            let isGathered = connection.receivedByteCount / 5_000 % 2 == 0
                            for _ in 0..<(isGathered ? 50 : 1) { connection.write(pattern(isGathered ? 3_000 : 1)) }
                        })
                }
            ) { fixture in
                let client = try BlockingSocket(port: fixture.port)
                await witness.wait { $0.openedCount == 1 }
                try client.send(pattern(60_000))
                try client.waitUntilTaken()
                client.reset()
                try await fixture.handle.submit { loop in loop.forEachConnection { $0.resumeReading() } }
                guard await witness.wait(until: { !$0.closes.isEmpty }).closes.first?.isReset == true else { exit(1) }
            }
            exit(7)
        }
    }
}

/// Sends while it receives, so that neither side's buffers hold the other up.
enum EchoClient {
    static func exchange(_ message: [UInt8], port: UInt16, piece: Int = 10_000) throws -> Bool {
        let client = try BlockingSocket(port: port)
        var answer: [UInt8] = []
        var sent = 0
        while sent < message.count {
            let end = min(message.count, sent + piece)
            try client.send(Array(message[sent..<end]))
            answer += try client.receive(exactly: end - sent)
            sent = end
        }
        return answer == message
    }
}
