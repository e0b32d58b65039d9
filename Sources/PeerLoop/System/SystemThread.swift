internal import CEpollShim
internal import Glibc

/// A detached operating-system thread with a name.
enum SystemThread {
    private final class Start: Sendable {
        let name: String
        let niceness: Int32
        let body: @Sendable () -> Void

        init(name: String, niceness: Int32, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.niceness = niceness
            self.body = body
        }
    }

    /// Runs `body` on a new thread, which gives way to others by `niceness`, of 0 to 19. Throws ``SystemError`` when
    /// the system has none to give.
    static func start(
        name: String, niceness: Int32 = 0, _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        let start = Unmanaged.passRetained(Start(name: name, niceness: niceness, body: body))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                cepoll_name_thread(start.name)
                // On Linux the priority is the thread's own, and to lower it is always allowed.
                if start.niceness > 0 { setpriority(.init(PRIO_PROCESS.rawValue), 0, start.niceness) }
                start.body()
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            start.release()
            throw SystemError(.thread, code: status)
        }
        pthread_detach(thread)
    }
}

/// Something that happens once, and that threads and tasks can wait for.
final class Latch: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [@Sendable () -> Void] = []
    }

    private let monitor = Monitor(State())

    func open() {
        let waiters = monitor.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        monitor.broadcast()
        for waiter in waiters { waiter() }
    }

    func waitUntilOpen() {
        monitor.wait { $0.isOpen ? () : nil }
    }

    func whenOpen() async {
        await withCheckedContinuation { continuation in
            notify { continuation.resume() }
        }
    }

    /// True when it opened within `limit`; a task that is cancelled waits no longer.
    func whenOpen(within limit: Duration) async -> Bool {
        let timeout = Task { _ = try? await Task.sleep(for: limit) }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isAnswered = Flag()
                Task {
                    await timeout.value
                    // It may have opened, and its waiter not been asked yet.
                    let isOpen = self.monitor.withLock { $0.isOpen }
                    if !isAnswered.exchange(true) { continuation.resume(returning: isOpen) }
                }
                notify {
                    // In this order: a timeout that is cancelled wakes up at once, and would answer.
                    if !isAnswered.exchange(true) { continuation.resume(returning: true) }
                    timeout.cancel()
                }
            }
        } onCancel: {
            timeout.cancel()
        }
    }

    private func notify(_ waiter: @escaping @Sendable () -> Void) {
        let isOpen = monitor.withLock { state in
            if !state.isOpen { state.waiters.append(waiter) }
            return state.isOpen
        }
        if isOpen { waiter() }
    }
}
