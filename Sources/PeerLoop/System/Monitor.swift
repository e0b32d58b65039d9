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
    ///
    /// - Parameter condition: where the signals come that this waits for; `nil` for those of ``signal()``.
    func wait<Result>(on condition: Condition? = nil, for body: (inout State) -> Result?) -> Result {
        let condition = condition ?? self.condition
        return lock.storage.withUnsafeMutablePointers { state, mutex in
            pthread_mutex_lock(mutex)
            defer { pthread_mutex_unlock(mutex) }
            // The state is lent anew in each round: while this thread sleeps, others hold the mutex.
            while true {
                if let result = body(&state.pointee) { return result }
                condition.wait(mutex)
            }
        }
    }

    /// As ``wait(on:for:)``, at most `limit`. `body` is told whether that has passed; it is asked once more then, and
    /// `nil` is its last answer.
    func wait<Result>(
        on condition: Condition, atMost limit: Duration, for body: (inout State, _ isLate: Bool) -> Result?
    ) -> Result? {
        let deadline = Condition.deadline(after: limit)
        var isLate = false
        return lock.storage.withUnsafeMutablePointers { state, mutex in
            pthread_mutex_lock(mutex)
            defer { pthread_mutex_unlock(mutex) }
            while true {
                if let result = body(&state.pointee, isLate) { return result }
                if isLate { return nil }
                isLate = !condition.wait(mutex, until: deadline)
            }
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
final class Condition: @unchecked Sendable {  // allowed: the system's calls on it are thread-safe
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // The clock on the wall may be set while somebody waits.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    /// The end of a wait that begins now, at most a year away.
    static func deadline(after limit: Duration) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let (seconds, attoseconds) = max(.zero, min(limit, .seconds(365 * 86_400))).components
        let nanoseconds = Int64(time.tv_nsec) + attoseconds / 1_000_000_000
        time.tv_sec += Int(seconds + nanoseconds / 1_000_000_000)
        time.tv_nsec = Int(nanoseconds % 1_000_000_000)
        return time
    }

    func wait(_ mutex: UnsafeMutablePointer<pthread_mutex_t>) { pthread_cond_wait(condition, mutex) }

    /// False when the deadline has passed.
    func wait(_ mutex: UnsafeMutablePointer<pthread_mutex_t>, until deadline: timespec) -> Bool {
        var deadline = deadline
        return pthread_cond_timedwait(condition, mutex, &deadline) == 0
    }

    func signal() { pthread_cond_signal(condition) }
    func broadcast() { pthread_cond_broadcast(condition) }
}
