import Dispatch
import Foundation
import PeerLoop
import Synchronization
import Testing

/// Work that blocks until it is let go.
final class Blockers: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let blocked = Atomic<Int>(0)

    var count: Int { blocked.load(ordering: .acquiring) }

    /// Holds the thread that calls it.
    func block() {
        blocked.wrappingAdd(1, ordering: .acquiringAndReleasing)
        _ = gate.wait(timeout: .now() + 120)
        gate.signal()
        blocked.wrappingSubtract(1, ordering: .acquiringAndReleasing)
    }

    func block(_ pool: WorkerPool, times: Int) {
        for _ in 0..<times {
            let lane = Lane<Void> { _ in self.block() }
            if lane.append(()) { pool.schedule(lane) }
        }
    }

    func letGo() { gate.signal() }
}

/// Waits for what comes by itself; a test that waits in vain is ended by the suite's limit.
func until(_ condition: () -> Bool) async throws {
    while !condition() {
        try Task.checkCancellation()
        await Task.yield()
    }
}

/// Counts from any thread.
final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    var count: Int { value.load(ordering: .acquiring) }

    func add() { value.wrappingAdd(1, ordering: .acquiringAndReleasing) }
}

/// Elements that threads add in order.
final class Collected<Element: Sendable>: Sendable {
    private let elements = Lock<[Element]>([])

    var all: [Element] { elements.withLock { $0 } }
    var count: Int { elements.withLock { $0.count } }

    func add(_ element: Element) { elements.withLock { $0.append(element) } }
    func add(contentsOf added: [Element]) { elements.withLock { $0 += added } }
}

/// What the kernel calls the thread that asks.
func threadName() -> String {
    let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
    return name?.trimmingCharacters(in: .newlines) ?? ""
}

/// Threads of this process whose names begin so.
func threads(_ prefix: String) -> Int {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    return tasks.filter { task in
        (try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8))?.hasPrefix(prefix) ?? false
    }.count
}

/// Runs `body` on so many threads of its own, which begin together, and returns when all are done.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async throws {
    let start = DispatchSemaphore(value: 0)
    let done = Atomic<Int>(0)
    for number in 0..<count {
        let thread = Thread {
            start.wait()
            body(number)
            done.wrappingAdd(1, ordering: .acquiringAndReleasing)
        }
        thread.stackSize = 256 << 10
        thread.start()
    }
    for _ in 0..<count { start.signal() }
    try await until { done.load(ordering: .acquiring) == count }
}

/// Ends a pool that has nothing left to wait for.
func end(_ pool: WorkerPool) async {
    #expect(await pool.shutDown(within: .seconds(60)) == .drained)
}
