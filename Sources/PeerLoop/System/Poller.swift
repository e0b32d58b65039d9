internal import CEpollShim
internal import Synchronization

/// One readiness report of the kernel.
struct Readiness {
    let token: UInt64
    private let flags: UInt32

    init(_ event: cepoll_event) {
        token = event.token
        flags = event.events
    }

    var isReadable: Bool { flags & cepoll_in != 0 }
    var isWritable: Bool { flags & cepoll_out != 0 }
    /// An error without a hang-up: perhaps no more than news in the socket's queue of errors.
    var isErrorAlone: Bool { flags & (cepoll_err | cepoll_hup) == cepoll_err }
    /// An error or a hang-up: reported whether asked for or not.
    var isBroken: Bool { flags & (cepoll_err | cepoll_hup) != 0 }
}

/// What a registration waits for. An empty interest still reports errors and hang-ups.
struct Interest: OptionSet, BitwiseCopyable {
    let rawValue: UInt8
    static let read = Interest(rawValue: 1)
    static let write = Interest(rawValue: 2)

    var flags: UInt32 {
        (contains(.read) ? cepoll_in : 0) | (contains(.write) ? cepoll_out : 0)
    }
}

/// An epoll instance, level-triggered, with its array of events.
struct Poller: ~Copyable {
    private let epoll: FileDescriptor
    private let events: UnsafeMutableBufferPointer<cepoll_event>

    init(eventsPerWait: Int) throws(SystemError) {
        epoll = FileDescriptor(owning: try SystemError.check(.epoll, cepoll_create()))
        events = .allocate(capacity: eventsPerWait)
        events.initialize(repeating: cepoll_event())
    }

    deinit {
        events.deallocate()
    }

    func add(_ descriptor: borrowing FileDescriptor, _ interest: Interest, token: UInt64) throws(SystemError) {
        _ = try SystemError.check(.epoll, cepoll_add(epoll.number, descriptor.number, interest.flags, token))
    }

    func modify(_ descriptor: borrowing FileDescriptor, _ interest: Interest, token: UInt64) throws(SystemError) {
        _ = try SystemError.check(.epoll, cepoll_modify(epoll.number, descriptor.number, interest.flags, token))
    }

    func remove(_ descriptor: borrowing FileDescriptor) throws(SystemError) {
        _ = try SystemError.check(.epoll, cepoll_remove(epoll.number, descriptor.number))
    }

    /// Waits at most `timeoutMilliseconds` (-1: for ever) and returns how many events there are.
    func wait(timeoutMilliseconds: Int32) throws(SystemError) -> Int {
        let count = cepoll_wait(epoll.number, events.baseAddress, Int32(events.count), timeoutMilliseconds)
        return Int(try SystemError.check(.epoll, count))
    }

    /// How many events one wait can return.
    var capacity: Int { events.count }

    subscript(index: Int) -> Readiness {
        Readiness(events[index])
    }
}

/// Wakes a loop from any thread. A loop that is awake takes note of it before it waits again, without a system call.
final class Waker: Sendable {
    private enum State {
        static let awake: UInt8 = 0
        static let asleep: UInt8 = 1
        static let signalled: UInt8 = 2
    }

    private let descriptor: FileDescriptor
    private let state = Atomic<UInt8>(State.awake)

    init() throws(SystemError) {
        descriptor = FileDescriptor(owning: try SystemError.check(.wakeUp, cepoll_eventfd()))
    }

    /// Makes the loop's wait return, or its next wait not begin.
    func wake() {
        if state.exchange(State.signalled, ordering: .acquiringAndReleasing) == State.asleep {
            _ = cepoll_eventfd_signal(descriptor.number)
        }
    }

    /// Called by the loop before it waits: false when it was woken meanwhile, and must not.
    func mayWait() -> Bool {
        state.compareExchange(expected: State.awake, desired: State.asleep, ordering: .acquiringAndReleasing).exchanged
    }

    /// Called by the loop when it is awake, before it looks at its mailboxes, so that nothing posted later is missed:
    /// whether it was woken.
    func take() -> Bool {
        state.exchange(State.awake, ordering: .acquiringAndReleasing) == State.signalled
    }

    /// The wait returned on account of this.
    func clear() { _ = cepoll_eventfd_clear(descriptor.number) }

    func register(with poller: borrowing Poller, token: UInt64) throws(SystemError) {
        try poller.add(descriptor, .read, token: token)
    }
}
