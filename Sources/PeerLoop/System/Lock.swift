public import Glibc

/// State behind a POSIX mutex.
///
/// Used in place of the standard library's `Mutex` because ThreadSanitizer sees through this one: under `Mutex`, which
/// is not instrumented, every correctly locked access is reported as a race, and a real one would drown among them.
@usableFromInline
package struct Lock<State>: @unchecked Sendable {  // allowed: every access to the state holds the mutex
    /// The state and its mutex, beside each other in one block.
    @usableFromInline
    final class Storage: ManagedBuffer<State, pthread_mutex_t> {
        @inlinable
        deinit {
            withUnsafeMutablePointerToElements { mutex in
                _ = pthread_mutex_destroy(mutex)
            }
        }
    }

    @usableFromInline let storage: ManagedBuffer<State, pthread_mutex_t>

    @inlinable
    package init(_ state: sending State) {
        storage = Storage.create(minimumCapacity: 1) { _ in state }
        storage.withUnsafeMutablePointerToElements { mutex in
            mutex.initialize(to: pthread_mutex_t())
            pthread_mutex_init(mutex, nil)
        }
    }

    /// Calls `body` with the state while nobody else has it.
    @inlinable
    package func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try storage.withUnsafeMutablePointers { (state, mutex) throws(Failure) in
            pthread_mutex_lock(mutex)
            defer { pthread_mutex_unlock(mutex) }
            return try body(&state.pointee)
        }
    }

    /// Whether both are the same lock.
    package static func === (left: Lock, right: Lock) -> Bool { left.storage === right.storage }
}
