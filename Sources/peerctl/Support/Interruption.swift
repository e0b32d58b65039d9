import Glibc
import PeerLoop

/// SIGINT and SIGTERM as something a command can wait for.
///
/// They are blocked in every thread and taken by one that does nothing else, so that no code runs inside a signal.
enum Interruption {
    static func blockSignals() {
        var signals = watched
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Undoes ``blockSignals()`` in a child process before its program starts; the mask would be inherited.
    static func unblockedMask() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        return signals
    }

    /// Calls `handler` at the first signal. A second one ends the process at once.
    static func onFirst(_ handler: @escaping @Sendable () -> Void) throws {
        let pool = try WorkerPool(workers: 1, name: "signals")
        let lane = Lane<Void> { _ in
            wait()
            handler()
            wait()
            exit(130)
        }
        if lane.append(()) { pool.schedule(lane) }
    }

    private static func wait() {
        var signals = watched
        var number: Int32 = 0
        sigwait(&signals, &number)
    }

    private static var watched: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        return signals
    }
}

/// Calls `handler` once stdin ends: how a child learns that its parent is gone, whatever became of it.
enum StandardInput {
    static func onEnd(_ handler: @escaping @Sendable () -> Void) throws {
        let pool = try WorkerPool(workers: 1, name: "stdin")
        let lane = Lane<Void> { _ in
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            handler()
        }
        if lane.append(()) { pool.schedule(lane) }
    }
}
