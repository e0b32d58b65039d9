import Dispatch
import PeerLoop

/// What happened, in order, with a way to wait for more. One task waits at a time.
///
/// A wait has no bound of its own: the suite's time limit cancels it, and then it throws.
final class Log<Element: Sendable>: Sendable {
    /// A wait that the time limit ended; it says what had happened by then.
    struct NeverCame: Error, CustomStringConvertible {
        let description: String
    }

    private let elements = Lock<[Element]>([])
    private let changes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (changes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func add(_ element: Element) {
        elements.withLock { $0.append(element) }
        continuation.yield()
    }

    var all: [Element] { elements.withLock { $0 } }

    /// Everything so far, once `isEnough` says so.
    @discardableResult
    func wait(until isEnough: ([Element]) -> Bool) async throws -> [Element] {
        var now = all
        if isEnough(now) { return now }
        for await _ in changes {
            now = all
            if isEnough(now) { return now }
        }
        throw NeverCame(description: "waited in vain; so far: \(now.suffix(20))")
    }

    /// The first `count` elements.
    @discardableResult
    func wait(for count: Int) async throws -> [Element] {
        try await wait { $0.count >= count }
    }
}

/// Holds a listener until it is opened, or for a minute, so that a failing test ends.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func pass() {
        _ = semaphore.wait(timeout: .now() + .seconds(60))
        semaphore.signal()
    }

    func open() {
        semaphore.signal()
    }
}

/// Lets others run until something that nobody announces is so. The suite's time limit ends it.
func until(_ condition: () -> Bool) async throws {
    while !condition() {
        try Task.checkCancellation()
        await Task.yield()
    }
}
