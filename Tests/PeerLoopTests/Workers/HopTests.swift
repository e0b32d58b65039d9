import PeerLoop
import Testing

/// From a loop to a lane and back, as often as can be: whoever is woken too seldom waits here for ever.
@Suite(.timeLimit(.minutes(1))) struct HopTests {
    /// What belongs to the loop: each lane's next message is sent when the last one is back.
    private final class Hops {
        private let lanes: [Lane<Int>]
        private let pool: WorkerPool
        private let total: Int
        private var sent = 0
        private var returned = 0
        private var ready: [any WorkerPool.Work] = []
        private let whenDone: () -> Void

        init(lanes: [Lane<Int>], pool: WorkerPool, total: Int, whenDone: @escaping () -> Void) {
            self.lanes = lanes
            self.pool = pool
            self.total = total
            self.whenDone = whenDone
        }

        func send(to number: Int) {
            if sent == total { return }
            sent += 1
            if lanes[number].append(number) { ready.append(lanes[number]) }
        }

        func came(back numbers: [Int]) {
            returned += numbers.count
            for number in numbers { send(to: number) }
            if returned == total { whenDone() }
        }

        func handOver() {
            if !ready.isEmpty { pool.schedule(&ready) }
        }
    }

    @Test(arguments: [(1, 1, 5_000), (2, 1, 10_000), (17, 1, 20_000), (1_000, 1, 40_000), (100, 16, 100_000)])
    func noneIsLost(laneCount: Int, inFlight: Int, total: Int) async throws {
        let pool = try WorkerPool(workers: 2)
        let handle = try EventLoopHandle.start()
        let mailbox = Mailbox<Int>(waker: handle.waker)
        await withCheckedContinuation { continuation in
            handle.run { loop in
                let lanes = (0..<laneCount).map { _ in Lane<Int> { mailbox.post($0) } }
                let hops = Hops(lanes: lanes, pool: pool, total: total) { continuation.resume() }
                loop.attach(mailbox) { _, numbers in hops.came(back: numbers) }
                loop.atTickEnd { _ in hops.handOver() }
                for _ in 0..<inFlight {
                    for number in lanes.indices { hops.send(to: number) }
                }
            }
        }
        await handle.shutdown(within: .zero)
        await end(pool)
    }

    /// A loop that always has something to do looks at its mailboxes all the same.
    @Test func aBusyLoopTakesItsMail() async throws {
        let handle = try EventLoopHandle.start()
        let stops = Counter()
        handle.run { loop in
            func again(_ loop: EventLoop) {
                if stops.count == 0 { loop.schedule(after: .zero, again) }
            }
            again(loop)
        }
        for number in 0..<1_000 { #expect(try await handle.submit { _ in number } == number) }
        stops.add()
        await handle.shutdown(within: .zero)
    }
}
