public import Glibc

/// State behind a POSIX mutex.
///
/// Used in place of the standard library's `Mutex` because ThreadSanitizer sees through this one: under `Mutex`, which
/// is not instrumented, every correctly locked access is reported as a race, and a real one would drown among them.
@usableFromInline
package final class Lock<State>: @unchecked Sendable {  // allowed: every access to `state` holds the mutex
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline var state: State

    @inlinable
    package init(_ state: sending State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    @inlinable
    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Calls `body` with the state while nobody else has it.
    @inlinable
    package func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }
}
