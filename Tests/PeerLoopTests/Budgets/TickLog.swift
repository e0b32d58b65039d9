import PeerLoop

/// Notes the tick in which each thing happened, and how much of it.
final class TickLog: Sendable {
    private let entries = Lock<[(tick: UInt64, amount: Int)]>([])
    private let counts = AsyncStream.makeStream(of: Int.self)

    func note(_ tick: UInt64, _ amount: Int = 1) {
        let total = entries.withLock { entries in
            entries.append((tick, amount))
            return entries.reduce(0) { $0 + $1.amount }
        }
        counts.continuation.yield(total)
    }

    /// Waits until so much was noted in all.
    func wait(for amount: Int) async {
        for await total in counts.stream where total >= amount { return }
    }

    /// The ticks of all that was noted.
    var ticks: [UInt64] { entries.withLock { $0.map(\.tick) } }

    /// How much there was in each tick that had any.
    var amounts: [Int] {
        entries.withLock { entries in
            var amounts: [Int] = []
            var last: UInt64?
            for entry in entries {
                if entry.tick == last {
                    amounts[amounts.count - 1] += entry.amount
                } else {
                    amounts.append(entry.amount)
                }
                last = entry.tick
            }
            return amounts
        }
    }
}

/// A loop that is shut down when the test ends.
func withLoop(
    _ configuration: EventLoop.Configuration = EventLoop.Configuration(), _ body: (EventLoopHandle) async throws -> Void
) async throws {
    let handle = try EventLoopHandle.start(configuration)
    let result: Result<Void, any Error>
    do {
        result = .success(try await body(handle))
    } catch {
        result = .failure(error)
    }
    await handle.shutdown(within: .zero)
    try result.get()
}

/// Asks again and again until the answer is yes; no when that takes longer than it ever should.
func eventually(_ isTrue: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
        if try await isTrue() { return true }
        await Task.yield()
    }
    return false
}
