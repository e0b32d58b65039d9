internal import Glibc

/// State behind a lock that threads can wait on.
final class Monitor<State>: Sendable {
    private let lock: Lock<State>
    private let condition = Condition()

    init(_ state: sending State) {
        lock = Lock(state)
    }

    func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        lock.withLock(body)
    }

    /// Sleeps until `body` has an answer. It is asked again after each signal, with the lock held.
    func wait<Result>(for body: (inout State) -> Result?) -> Result {
        pthread_mutex_lock(lock.mutex)
        defer { pthread_mutex_unlock(lock.mutex) }
        // The state is lent anew in each round: while this thread sleeps, others hold the mutex.
        while true {
            if let result = body(&lock.state) { return result }
            condition.wait(lock.mutex)
        }
    }

    func signal() {
        condition.signal()
    }

    func broadcast() {
        condition.broadcast()
    }
}

/// A POSIX condition variable.
private final class Condition: @unchecked Sendable {  // allowed: the system's calls on it are thread-safe
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        condition.initialize(to: pthread_cond_t())
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    func wait(_ mutex: UnsafeMutablePointer<pthread_mutex_t>) { pthread_cond_wait(condition, mutex) }
    func signal() { pthread_cond_signal(condition) }
    func broadcast() { pthread_cond_broadcast(condition) }
}
