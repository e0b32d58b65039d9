/// A queue of deadlines, as each of the rivals is one.
protocol Timers {
    init()
    mutating func allocate() -> UInt32
    mutating func arm(_ identifier: UInt32, at deadline: Int64, now: Int64)
    mutating func cancel(_ identifier: UInt32)
    mutating func popDue(at now: Int64) -> UInt32?
    var armedCount: Int { get }
}

extension TimerQueue: Timers {}

extension HeapTimerQueue: Timers {
    mutating func arm(_ identifier: UInt32, at deadline: Int64, now: Int64) { arm(identifier, at: deadline) }
}

/// What is done with the timers is the same for each rival in a round.
struct Work {
    static let count = 100_000
    static let connectionCount = 10_000
    static let messageCount = 1_000_000
    static let second: Int64 = 1_000_000_000

    /// Up to a minute away.
    private let deadlines: [Int64]
    private let laterDeadlines: [Int64]
    private let order: [UInt32]
    private let senders: [UInt32]

    init(seed: UInt64) {
        var random = SplitMix(state: seed)
        deadlines = (0..<Self.count).map { _ in .random(in: 0..<60 * Self.second, using: &random) }
        laterDeadlines = (0..<Self.count).map { _ in .random(in: 0..<60 * Self.second, using: &random) }
        order = (0..<UInt32(Self.count)).shuffled(using: &random)
        senders = (0..<Self.messageCount).map { _ in .random(in: 0..<UInt32(Self.connectionCount), using: &random) }
    }

    /// Nanoseconds of each operation, by name.
    func play<Queue: Timers>(_ type: Queue.Type) -> [String: Double] {
        var costs = playMany(type)
        costs["message_ns"] = playMessages(type)
        return costs
    }

    private func playMany<Queue: Timers>(_ type: Queue.Type) -> [String: Double] {
        var queue = Queue()
        for _ in 0..<Self.count { _ = queue.allocate() }
        var costs: [String: Double] = [:]
        costs["arm_ns"] = Clock.nanoseconds(for: Self.count) {
            for index in 0..<Self.count { queue.arm(UInt32(index), at: deadlines[index], now: -1) }
        }
        costs["rearm_ns"] = Clock.nanoseconds(for: Self.count) {
            for identifier in order { queue.arm(identifier, at: laterDeadlines[Int(identifier)], now: -1) }
        }
        var now: Int64 = 0
        // A tick each millisecond, as a busy loop has it at least.
        costs["expire_ns"] = Clock.nanoseconds(for: Self.count) {
            while queue.armedCount > 0 {
                now += 1_000_000
                while queue.popDue(at: now) != nil {}
            }
        }
        for index in 0..<Self.count { queue.arm(UInt32(index), at: now + deadlines[index] + 1, now: now) }
        costs["cancel_ns"] = Clock.nanoseconds(for: Self.count) {
            for identifier in order { queue.cancel(identifier) }
        }
        precondition(queue.armedCount == 0, "a timer was lost")
        return costs
    }

    /// 10,000 connections send 100,000 messages a second in all; each moves its connection's deadline to 30 s from
    /// then.
    private func playMessages<Queue: Timers>(_ type: Queue.Type) -> Double {
        var queue = Queue()
        for _ in 0..<Self.connectionCount { _ = queue.allocate() }
        var now: Int64 = 0
        for connection in 0..<UInt32(Self.connectionCount) { queue.arm(connection, at: 30 * Self.second, now: now) }
        var messages = 0
        return Clock.nanoseconds(for: Self.messageCount) {
            for connection in senders {
                now += 10_000
                queue.arm(connection, at: now + 30 * Self.second, now: now)
                messages += 1
                if messages % 64 == 0 { while queue.popDue(at: now) != nil {} }
            }
        }
    }
}
