import Glibc
import PeerLoop

/// What every example needs besides PeerKit: an orderly end.
public enum Example {
    /// Runs the work of an example and ends the process.
    ///
    /// Ctrl-C or SIGTERM cancels the work, so that it can say goodbye; a second one ends the process at once. The exit
    /// code is 0 when the work returned, 1 when it threw (what, is printed to stderr in one line), 2 for a command line
    /// that cannot be, 130 when it was cancelled before it was done.
    public static func run(_ work: @escaping @Sendable () async throws -> Void) async -> Never {
        let (start, continuation) = AsyncStream<Void>.makeStream()
        let task = Task {
            for await _ in start {}
            try await work()
        }
        // Nobody can see that the work has begun, and interrupt it, before that is heard.
        Interruption.onFirst { task.cancel() }
        continuation.finish()
        let result = await task.result
        exit(exitCode(of: result, isCancelled: task.isCancelled))
    }

    private static func exitCode(of result: Result<Void, any Error>, isCancelled: Bool) -> Int32 {
        switch result {
        case .success:
            return 0
        case .failure where isCancelled:
            return 130
        case .failure(let request as HelpRequest):
            say("usage: \(request.usage)")
            return 0
        case .failure(let error as UsageError):
            complain("\(error)")
            return 2
        case .failure(let error as AddressError):
            complain("error: \(error)")
            // A name that nobody knows may be known tomorrow.
            if case .unresolvable = error { return 1 }
            return 2
        case .failure(let error):
            complain("error: \(error)")
            return 1
        }
    }

    /// Prints a line at once, also when the output is a file or another program.
    public static func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    /// Prints a line to stderr.
    public static func complain(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        // Nothing can be done about an error that cannot be shown.
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }

    /// Returns once the work is cancelled: by Ctrl-C, that is.
    public static func waitForInterruption() async {
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
    }

    /// Does something that must not take longer than `limit`; then it is cancelled.
    ///
    /// Throws ``TimeLimitError``, or what `work` throws.
    public static func within<Value: Sendable>(
        _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else { throw TimeLimitError(limit: limit) }
            return value
        }
    }
}

/// Something took too long.
public struct TimeLimitError: Error, CustomStringConvertible {
    /// What it was allowed to take.
    public let limit: Duration

    /// One line.
    public var description: String { "not done within \(limit)" }
}
