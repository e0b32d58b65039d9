/// A single-threaded epoll reactor: one thread, one epoll instance, and everything that belongs to its connections.
///
/// It is made on its own thread by ``EventLoopHandle/start(_:)`` and never leaves it: it is not `Sendable`, so the
/// compiler refuses code that would take it, or anything reached through it, elsewhere. Other threads talk to it
/// through ``EventLoopHandle`` and ``Mailbox``.
///
/// One tick: wait, read the clock once, I/O events, due timers, mailboxes, transports, flush, deferred closes, tick
/// ends.
public final class EventLoop {
    /// The limits and budgets of a loop.
    public struct Configuration: Sendable {
        /// Bytes read from one connection in one tick.
        public var readByteCountPerTick = 64 << 10
        /// Bytes read from one connection in one tick where they are read directly to where they belong.
        public var directReadByteCountPerTick = 256 << 10
        /// Bytes written to one connection in one tick, over all its gathered writes.
        public var writeByteCountPerTick = 1 << 20
        /// Connections taken from one listener in one tick.
        public var acceptsPerTick = 512
        /// Bytes of input dropped while a connection finishes; beyond them it is closed at once: whoever still floods
        /// does not wait for a goodbye. Enough for a large message that was under way.
        public var finishingInputByteLimit: UInt64 = 64 << 20
        /// How long a listener rests when no descriptor is left.
        public var acceptBackOff: Duration = .milliseconds(100)
        /// Readiness reports taken from the kernel in one tick.
        public var eventsPerTick = 1024
        /// Emptied output buffers kept for use by other connections.
        public var pooledOutputQueues = 1024
        /// The name of the thread, up to 15 bytes, as `top -H` shows it.
        public var threadName = "peerloop"

        /// The defaults.
        public init() {}
    }

    enum Registration {
        case free(next: UInt32)
        case connection(Connection)
        case listener(Listener)
    }

    struct Slot {
        var generation: UInt32
        var registration: Registration
    }

    enum TimerOwner {
        case none
        case connection(Connection)
        case listener(Listener)
        case job((EventLoop) -> Void)
    }

    let configuration: Configuration
    let poller: Poller
    let readBuffer: ReadBuffer
    /// Kept so that, with every other descriptor in use, a waiting connection can still be taken and refused.
    var spareDescriptor: FileDescriptor?
    /// What other threads hold of this loop.
    public let handle: EventLoopHandle

    var slots: [Slot] = []
    var firstFreeSlot = EventLoop.noSlot
    var timers = TimerQueue()
    var timerOwners: [TimerOwner] = []
    @usableFromInline var drains: [(EventLoop) -> Void] = []
    @usableFromInline var drainsAtStop: [() -> Void] = []
    var dirtyList: [Connection] = []
    var tickEndActions: [(EventLoop) -> Void] = []
    var closeList: [Connection] = []
    var pooledQueues: [OutputQueue] = []
    var notices: [(OutputQueue.Notice, WriteOutcome)] = []
    /// Connections whose transports are to be served, in this tick or the next.
    var transportList: [Connection] = []
    /// News of transports; made when the first one is attached.
    var transportMailbox: Mailbox<ConnectionID>?
    var isStopping = false
    @usableFromInline var mustDrainMailboxes = false
    var isShuttingDown = false
    let clock = LoopClock()
    var nowNanoseconds: Int64 = 0
    /// The list being worked through, kept for its memory.
    var flushingList: [Connection] = []

    /// The time of this tick, read once when its wait ended.
    public var now: ContinuousClock.Instant { clock.instant(atNanoseconds: nowNanoseconds) }
    /// Nanoseconds since this loop began, read from the clock now: for measuring within a tick.
    public var elapsedNanoseconds: Int64 { clock.nanoseconds() }
    /// Connections that are registered, whatever their state.
    public internal(set) var connectionCount = 0
    /// Ticks so far.
    public internal(set) var tickCount: UInt64 = 0

    static let noSlot = UInt32.max
    static let wakeToken = UInt64.max

    init(configuration: Configuration, handle: EventLoopHandle, poller: consuming Poller) {
        self.configuration = configuration
        self.handle = handle
        self.poller = poller
        readBuffer = ReadBuffer(byteCount: max(1, configuration.readByteCountPerTick))
        spareDescriptor = Socket.spare()
    }

    /// Has `drain` called with what was posted to `mailbox`, in order, once a tick at most.
    ///
    /// What is left when the loop stops is handed to `drain` too, once, so that nothing posted is lost in silence.
    @inlinable
    public func attach<Element: Sendable>(
        _ mailbox: Mailbox<Element>, drain: @escaping (EventLoop, inout [Element]) -> Void
    ) {
        var batch: [Element] = []
        drains.append { loop in
            mailbox.take(into: &batch)
            if batch.isEmpty { return }
            drain(loop, &batch)
            // Not when the next batch comes: that may be long, and what was posted may be large.
            batch.removeAll(keepingCapacity: true)
        }
        drainsAtStop.append { [unowned self] in
            var left = mailbox.close()
            if !left.isEmpty { drain(self, &left) }
        }
        mustDrainMailboxes = true
    }

    /// Has `body` called at the end of every tick, when its events are handled, its output is written and its closes
    /// are done: the place to hand over what a tick gathered, all at once. It stays until the loop stops.
    public func atTickEnd(_ body: @escaping (EventLoop) -> Void) {
        tickEndActions.append(body)
    }

    /// Runs `body` on this loop once `delay` has passed. Dropped when the loop stops first.
    public func schedule(after delay: Duration, _ body: @escaping (EventLoop) -> Void) {
        let identifier = allocateTimer(owner: .job(body))
        armTimer(identifier, at: clock.nanoseconds(of: now.advanced(by: delay)))
    }
}

/// A loop crosses threads as its ``EventLoopHandle``.
@available(*, unavailable)
extension EventLoop: Sendable {}
