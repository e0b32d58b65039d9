import PeerLoop
import Synchronization
import Testing

/// A lane's bounds and what its owner hears of them. The test is the worker.
@Suite(.timeLimit(.minutes(1))) struct LaneLimitTests {
    private let handled = Collected<Int>()
    private let edges = Collected<String>()

    private func lane(_ limits: LaneLimits) -> Lane<Int> {
        Lane(limits: limits) { [handled] in
            handled.add($0)
        } whenHalfEmpty: { [edges, handled] _ in
            edges.add("half empty after \(handled.count)")
        }
    }

    @Test func theItemLimitIsReached() {
        let lane = lane(LaneLimits(itemCount: 4))
        #expect(lane.append(0, byteCount: 1) == .admitted(mustSchedule: true, mustPause: false))
        #expect(lane.append(1, byteCount: 1) == .admitted(mustSchedule: false, mustPause: false))
        #expect(lane.append(2, byteCount: 1) == .admitted(mustSchedule: false, mustPause: false))
        #expect(lane.append(3, byteCount: 1) == .admitted(mustSchedule: false, mustPause: true))
        #expect(lane.isFull)
        #expect(lane.append(4, byteCount: 1) == .full)
        #expect(lane.append(4, byteCount: 1) == .full)
        #expect(lane.waitingCount == 4)
        #expect(!lane.runOnWorker())
        #expect(handled.all == [0, 1, 2, 3])
        #expect(edges.all == ["half empty after 2"])
        #expect(!lane.isFull)
        #expect(lane.append(5, byteCount: 1) == .admitted(mustSchedule: true, mustPause: false))
        #expect(lane.discardedCount == 0, "what is refused stays with the caller")
    }

    @Test func theByteLimitIsReached() {
        let lane = lane(LaneLimits(byteCount: 100))
        #expect(lane.append(0, byteCount: 50) == .admitted(mustSchedule: true, mustPause: false))
        #expect(lane.append(1, byteCount: 51) == .full)
        #expect(lane.append(1, byteCount: 50) == .admitted(mustSchedule: false, mustPause: false))
        #expect(lane.append(2, byteCount: 0) == .admitted(mustSchedule: false, mustPause: false))
        #expect(lane.append(3, byteCount: 1) == .full)
        #expect(!lane.runOnWorker())
        #expect(handled.all == [0, 1, 2])
        #expect(edges.all == ["half empty after 1"])
    }

    @Test func fillingItToTheByteIsFull() {
        let lane = lane(LaneLimits(byteCount: 100))
        #expect(lane.append(0, byteCount: 99) == .admitted(mustSchedule: true, mustPause: false))
        #expect(lane.append(1, byteCount: 1) == .admitted(mustSchedule: false, mustPause: true))
        #expect(!lane.runOnWorker())
        #expect(edges.all == ["half empty after 1"])
    }

    @Test(arguments: [101, 1 << 40, .max]) func anEmptyLaneTakesAnItemOfAnySize(_ byteCount: Int) {
        let lane = lane(LaneLimits(itemCount: 1, byteCount: 100))
        for round in 1...3 {
            #expect(lane.append(round, byteCount: byteCount) == .admitted(mustSchedule: true, mustPause: true))
            #expect(lane.append(0, byteCount: 0) == .full)
            #expect(!lane.runOnWorker())
            #expect(edges.count == round)
        }
        #expect(handled.all == [1, 2, 3])
    }

    /// An item counts until its handler has returned: it is in memory until then.
    @Test func whatIsBeingHandledCounts() {
        let answers = Collected<LaneAdmission>()
        let own = Lock<Lane<Int>?>(nil)
        let lane = Lane<Int>(limits: LaneLimits(itemCount: 2)) { item in
            if item < 2, let lane = own.withLock({ $0 }) {
                answers.add(lane.append(item + 2, byteCount: 0))
                answers.add(lane.append(item + 4, byteCount: 0))
            }
        }
        own.withLock { $0 = lane }
        #expect(lane.append(0, byteCount: 0) == .admitted(mustSchedule: true, mustPause: false))
        #expect(!lane.runOnWorker())
        #expect(answers.all == [.admitted(mustSchedule: false, mustPause: true), .full])
        own.withLock { $0 = nil }
    }

    /// Whoever was refused hears when to try again, however little waits.
    @Test func aRefusalIsFollowedByWord() {
        let lane = lane(LaneLimits(byteCount: 100))
        for item in 0..<3 { _ = lane.append(item, byteCount: 10) }
        #expect(lane.append(3, byteCount: 90) == .full)
        #expect(!lane.runOnWorker())
        #expect(edges.all == ["half empty after 1"])
        #expect(lane.append(3, byteCount: 90) == .admitted(mustSchedule: true, mustPause: false))
    }

    @Test func whatWasReceivedAlreadyIsTakenWhereTheOwnerWantsIt() {
        let lane = lane(LaneLimits(itemCount: 2, overflow: .admit))
        #expect(lane.append(0, byteCount: 0) == .admitted(mustSchedule: true, mustPause: false))
        #expect(lane.append(1, byteCount: 0) == .admitted(mustSchedule: false, mustPause: true))
        for item in 2..<10 {
            #expect(lane.append(item, byteCount: 0) == .admitted(mustSchedule: false, mustPause: false))
        }
        #expect(!lane.runOnWorker())
        #expect(handled.all == Array(0..<10))
        #expect(edges.all == ["half empty after 9"])
    }

    /// The word that there is room may come late; whoever asks then is not misled, and hears again.
    @Test func aLaneMayBeFullAgainWhenItsOwnerHears() {
        let answers = Collected<Bool>()
        let lane = Lane<Int>(limits: LaneLimits(itemCount: 2, overflow: .admit)) { _ in
        } whenHalfEmpty: { lane in
            if answers.count == 0 { for item in 2..<5 { _ = lane.append(item, byteCount: 0) } }
            answers.add(lane.isFull)
        }
        for item in 0..<2 { _ = lane.append(item, byteCount: 0) }
        #expect(!lane.runOnWorker())
        #expect(answers.all == [true, false])
    }

    @Test func takingItemsOutMakesRoom() {
        let lane = lane(LaneLimits(itemCount: 4))
        for item in 0..<4 { _ = lane.append(item, byteCount: 1) }
        #expect(lane.remove { $0 == 2 } == [2])
        #expect(edges.all == [])
        #expect(lane.remove { $0 > 0 } == [1, 3])
        #expect(edges.all == ["half empty after 0"])
        #expect(!lane.runOnWorker())
        #expect(handled.all == [0])
        #expect(edges.count == 1)
    }

    @Test func withoutLimitsThereAreNone() {
        let lane = lane(.unlimited)
        for item in 0..<10_000 {
            #expect(
                lane.append(item, byteCount: 1 << 40) == .admitted(mustSchedule: item == 0, mustPause: false))
        }
        #expect(lane.waitingCount == 10_000)
        var turns = 1
        while lane.runOnWorker() { turns += 1 }
        #expect(turns == 10_000 / Lane<Int>.itemsPerTurn + 1)
        #expect(handled.all == Array(0..<10_000))
        #expect(edges.all == [])
    }

    /// The simple way to append does not lose in silence what a bounded lane refuses.
    @Test func whatDoesNotFitIsDiscarded() {
        let discarded = Collected<Int>()
        let lane = Lane<Int>(limits: LaneLimits(itemCount: 1)) { _ in
        } whenDiscarded: {
            discarded.add(contentsOf: $0)
        }
        #expect(lane.append(0))
        #expect(!lane.append(1))
        #expect(discarded.all == [1])
        #expect(lane.discardedCount == 1)
    }

    /// One thread feeds, as a loop would: it stops when told to, and goes on when told to. Each is said once, in turn.
    @Test(arguments: [1, 2, 3, 64]) func eachEdgeIsToldOnce(_ itemLimit: Int) async throws {
        let pool = try WorkerPool(workers: 2)
        let balance = Atomic<Int>(0)
        let resumes = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let waiting = Atomic<Int>(0)
        let lane = Lane<Int>(limits: LaneLimits(itemCount: itemLimit)) { _ in
            most.max(waiting.load(ordering: .relaxed), ordering: .relaxed)
            waiting.wrappingSubtract(1, ordering: .relaxed)
        } whenHalfEmpty: { _ in
            resumes.wrappingAdd(1, ordering: .relaxed)
            balance.wrappingSubtract(1, ordering: .acquiringAndReleasing)
        }
        var pauses = 0
        var sent = 0
        while sent < 20_000 {
            try await until { balance.load(ordering: .acquiring) == 0 }
            waiting.wrappingAdd(1, ordering: .relaxed)
            switch lane.append(sent, byteCount: 1) {
            case .admitted(let mustSchedule, let mustPause):
                sent += 1
                if mustPause {
                    pauses += 1
                    balance.wrappingAdd(1, ordering: .acquiringAndReleasing)
                }
                if mustSchedule { pool.schedule(lane) }
            case .full, .ended:
                Issue.record("nobody was told to stop")
                sent = .max
            }
        }
        await end(pool)
        #expect(pauses > 0)
        #expect(resumes.load(ordering: .relaxed) == pauses)
        #expect(balance.load(ordering: .relaxed) == 0)
        #expect(most.load(ordering: .relaxed) <= itemLimit)
    }

    @Test func aLimitOfNothingIsAMistake() async {
        await #expect(processExitsWith: .failure) { _ = LaneLimits(itemCount: 0) }
        await #expect(processExitsWith: .failure) { _ = LaneLimits(byteCount: 0) }
    }

    @Test func anItemHasNoNegativeSize() async {
        await #expect(processExitsWith: .failure) { _ = Lane<Int> { _ in }.append(1, byteCount: -1) }
    }
}
