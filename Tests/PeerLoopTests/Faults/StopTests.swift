import PeerLoop
import Synchronization
import TestSupport
import Testing

/// A loop that is stopped amid everything: whoever waits for it gets an answer, once.
@Suite(.timeLimit(.minutes(3))) struct StopTests {
    /// What was asked of a loop, and what came of it.
    final class Tally: Sendable {
        let asked = Atomic<Int>(0)
        let done = Atomic<Int>(0)
        let refused = Atomic<Int>(0)
        let posted = Atomic<Int>(0)
        let drained = Atomic<Int>(0)
        let written = Atomic<Int>(0)
        let isOver = Atomic<Bool>(false)

        static func count(_ counter: borrowing Atomic<Int>) { counter.wrappingAdd(1, ordering: .relaxed) }
    }

    /// Data in flight, jobs of eight threads, timers due, closes and connects under way.
    @Test(arguments: [Duration.zero, .milliseconds(3), .milliseconds(500)], 0..<4)
    func amidEverything(_ limit: Duration, _ round: Int) async throws {
        var configuration = EventLoop.Configuration()
        // Something is left over in each tick.
        configuration.timersPerTick = 7
        configuration.mailboxElementsPerTick = 11
        configuration.closesPerTick = 2
        let handle = try EventLoopHandle.start(configuration)
        let tally = Tally()
        let witness = Witness()
        let mailbox = Mailbox<Int>(waker: handle.waker)
        let port = try await handle.submit { loop in
            loop.attach(mailbox) { _, batch in tally.drained.wrappingAdd(batch.count, ordering: .relaxed) }
            for index in 0..<500 {
                loop.schedule(after: .microseconds(index * 40)) { loop in loop.schedule(after: .zero) { _ in } }
            }
            let acceptor = TestAcceptor {
                WitnessHandler(
                    witness,
                    received: { bytes, connection in
                        Tally.count(tally.written)
                        connection.write(bytes.withUnsafeBytes { [UInt8]($0) }, witness)
                        if bytes.byteCount % 5 == 0 { connection.close() }
                    })
            }
            return try loop.listen(on: SocketAddress(ipv4: 127, 0, 0, 1, port: 0), handler: acceptor).address.port
        }
        async let clients: Void = runOnThreads(4) { index in
            var random = SeededGenerator(seed: UInt64(round * 10 + index))
            while !tally.isOver.load(ordering: .relaxed), let client = try? BlockingSocket(port: port) {
                for _ in 0..<20 {
                    let message = pattern(Int.random(in: 1...3_000, using: &random))
                    guard (try? client.send(message)) != nil, (try? client.receive(upTo: 1_000))?.isEmpty == false
                    else {
                        break
                    }
                }
            }
        }
        async let callers: Void = runOnThreads(8) { _ in
            while !tally.isOver.load(ordering: .relaxed) {
                Tally.count(tally.asked)
                do {
                    try handle.submitAndWait { _ in }
                    Tally.count(tally.done)
                } catch {
                    Tally.count(tally.refused)
                }
                for number in 0..<30 where mailbox.post(number) { Tally.count(tally.posted) }
            }
        }
        await witness.wait { $0.closes.count >= 5 }
        await handle.shutdown(within: limit)
        tally.isOver.store(true, ordering: .relaxed)
        _ = try await (clients, callers)

        #expect(tally.asked.load(ordering: .relaxed) > 0)
        #expect(
            tally.done.load(ordering: .relaxed) + tally.refused.load(ordering: .relaxed)
                == tally.asked.load(ordering: .relaxed))
        #expect(tally.posted.load(ordering: .relaxed) == tally.drained.load(ordering: .relaxed))
        let account = witness.now
        #expect(account.openedCount == account.closes.count)
        #expect(account.outcomes.count == tally.written.load(ordering: .relaxed))
        #expect(handle.metrics().queues.connections == 0)
    }

    /// What is asked in tasks is answered, too.
    @Test func tasksThatWaitAreAnswered() async throws {
        for _ in 0..<20 {
            let handle = try EventLoopHandle.start()
            let answers = await withTaskGroup(of: Bool.self) { group in
                for index in 0..<100 {
                    group.addTask {
                        if index == 50 { await handle.shutdown(within: .zero) }
                        return (try? await handle.submit { _ in true }) ?? false
                    }
                }
                return await group.reduce(into: 0) { count, _ in count += 1 }
            }
            #expect(answers == 100)
        }
    }

    /// A handler that connects again whenever its connection ends once left a connection that nobody closed, and one
    /// handler without its last word.
    @Test func whoConnectsAgainAndAgainIsRefused() async throws {
        let listener = try BlockingListener()
        let address = SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port)
        let made = Lock(0)
        let refusals = Lock<[SystemError]>([])
        let witness = Witness()
        @Sendable func connect(on loop: EventLoop) {
            do throws(SystemError) {
                try loop.connect(
                    to: address, within: .seconds(30),
                    handler: WitnessHandler(witness, closed: { connect(on: $0.eventLoop) }))
                made.withLock { $0 += 1 }
            } catch {
                refusals.withLock { $0.append(error) }
            }
        }
        let handle = try EventLoopHandle.start()
        handle.run { loop in for _ in 0..<5 { connect(on: loop) } }
        await witness.wait { $0.openedCount == 5 }
        let begin = ContinuousClock.now
        await handle.shutdown(within: .zero)
        #expect(ContinuousClock.now - begin < .seconds(20))
        #expect(made.value == 5)
        #expect(witness.now.closes.count == 5)
        #expect(refusals.value.map(\.code) == Array(repeating: 125, count: 5), "ECANCELED")
        #expect(handle.metrics().queues.connections == 0)
    }

    /// So that a shutdown with time to spare ends when its connections have.
    @Test func nothingNewBeginsDuringAShutdown() async throws {
        let handle = try EventLoopHandle.start()
        let (here, there) = MemoryTransport.pair()
        let witness = Witness()
        let late = Witness()
        let errors = try await handle.submit { loop -> [SystemError] in
            loop.attach(here, isInbound: false, handler: WitnessHandler(witness))
            loop.shutdown(within: .seconds(600))
            let anywhere = SocketAddress(ipv4: 127, 0, 0, 1, port: 0)
            var errors: [SystemError] = []
            do throws(SystemError) {
                try loop.listen(on: anywhere, handler: TestAcceptor { nil })
            } catch { errors.append(error) }
            do throws(SystemError) {
                try loop.connect(to: anywhere, within: .seconds(1), handler: WitnessHandler(late))
            } catch { errors.append(error) }
            loop.attach(there, isInbound: false, handler: WitnessHandler(late))
            return errors
        }
        #expect(errors == [SystemError(.listen, code: 125), SystemError(.connect, code: 125)])
        await handle.shutdown(within: .seconds(600))
        #expect(late.now.closes == [.loopStopped])
        #expect(late.now.openedCount == 0)
        #expect(witness.now.closes.count == 1)
    }

    /// As above with transports, which cannot be refused: they are closed, and the end comes.
    @Test func whoAttachesAgainAndAgainComesToAnEnd() async throws {
        let handle = try EventLoopHandle.start()
        let witness = Witness()
        let attached = Lock(0)
        @Sendable func attach(on loop: EventLoop) {
            attached.withLock { $0 += 1 }
            loop.attach(
                MemoryTransport.pair().0, isInbound: false,
                handler: WitnessHandler(witness, closed: { attach(on: $0.eventLoop) }))
        }
        handle.run { loop in for _ in 0..<5 { attach(on: loop) } }
        await witness.wait { $0.openedCount == 5 }
        await handle.shutdown(within: .zero)
        // Those that ended with the loop, and who came after them, were told; and then it is over.
        #expect(witness.now.closes.count + 5 == attached.value)
        #expect(handle.metrics().queues.connections == 0)
    }

    /// A mailbox that is attached at the very last is closed, too, so that nobody posts to nobody.
    @Test func aMailboxThatIsAttachedAtTheLastTakesNothing() async throws {
        let handle = try EventLoopHandle.start()
        let late = Mailbox<Int>(waker: handle.waker)
        let drained = Lock<[Int]>([])
        handle.run { loop in
            // Runs when what waits is drained for good.
            handle.run { loop in
                late.post(1)
                loop.attach(late) { _, batch in drained.withLock { $0 += batch } }
                late.post(2)
            }
            loop.shutdown(within: .zero)
        }
        await handle.shutdown(within: .zero)
        #expect(drained.value == [1, 2])
        #expect(!late.post(3))
    }
}
