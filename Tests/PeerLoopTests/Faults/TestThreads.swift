import Glibc
import PeerLoop

/// Runs `body` on so many threads of the system at once and waits for all of them to end.
func runOnThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async throws {
    try await runBlocking {
        var threads: [pthread_t] = []
        defer { for thread in threads { pthread_join(thread, nil) } }
        for index in 0..<count {
            let start = Unmanaged.passRetained(ThreadStart(index, body))
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                    start.body(start.index)
                    return nil
                }, start.toOpaque())
            if code != 0 {
                start.release()
                throw SystemError(.thread, code: code)
            }
            threads.append(thread)
        }
    }
}

private final class ThreadStart: Sendable {
    let index: Int
    let body: @Sendable (Int) -> Void

    init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
        self.index = index
        self.body = body
    }
}
