/// A single-threaded epoll reactor: one thread, one epoll instance, and everything that belongs to its connections.
///
/// It is made on its own thread by ``EventLoopHandle/start(_:)`` and never leaves it: it is not `Sendable`, so the
/// compiler refuses code that would take it, or anything reached through it, elsewhere. Other threads talk to it
/// through ``EventLoopHandle`` and ``Mailbox``.
///
/// One tick: wait, read the clock once, I/O events, due timers, mailboxes, transports, flush, deferred closes, tick
/// ends. Each phase has a budget in its ``Configuration``, so that none starves the others.
public final class EventLoop {
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
        case job(Job)
    }

    let configuration: Configuration
    let poller: Poller
    let readBuffer: ReadBuffer
    /// Kept so that, with every other descriptor in use, a waiting connection can still be taken and refused.
    var spareDescriptor: FileDescriptor?
    /// What other threads hold of this loop.
    public let handle: EventLoopHandle

    // Touched for every event: that none of these accesses overlaps another one is checked by the tests, not each time.
    @exclusivity(unchecked) var slots: [Slot] = []  // allowed: indexed and appended to, never lent to other code
    var firstFreeSlot = EventLoop.noSlot
    var timers = TimerQueue()
    var timerOwners: [TimerOwner] = []
    /// The number of the last job that was scheduled. It begins anywhere, so that no loop takes another's job for
    /// its own.
    var lastJobNumber = UInt64.random(in: 0...(1 << 62))
    /// Nothing that is scheduled from here on will run.
    var dropsJobs = false
    @usableFromInline var drains: [(EventLoop) -> Void] = []
    @usableFromInline var drainsAtStop: [() -> Void] = []
    /// Connections with something to write, in the order in which they are to have their turn.
    @exclusivity(unchecked) var dirtyList: [Connection] = []  // allowed: appended to, or swapped as a whole
    /// The list being worked through, kept for its memory.
    var flushingList: [Connection] = []
    /// The connection whose event is being handled: what it writes goes out when its handler returns.
    var servedToken = EventLoop.noToken
    /// Bytes that the connection being served has sent without queuing them.
    var sentAtOnceCount = 0
    var tickEndActions: [(EventLoop) -> Void] = []
    /// Connections that have ended; those before `closeHead` are closed for good.
    var closeList: [Connection] = []
    var closeHead = 0
    @exclusivity(unchecked) var pooledQueues: [OutputQueue] = []  // allowed: pushed to and popped from
    /// The fewest that lay unused since they were last looked at.
    var leastPooledQueues = 0
    var slowWriters = SlowWriters()
    var memoryReturn = MemoryReturn()
    @exclusivity(unchecked)  // allowed: taken out as a whole before any is told
    var notices: [(OutputQueue.Notice, WriteOutcome)] = []
    /// Connections whose transports are to be served, in this tick or the next.
    var transportList: [Connection] = []
    /// News of transports; made when the first one is attached.
    var transportMailbox: Mailbox<ConnectionID>?
    /// Connections to hosts that are being made.
    var dials = DialTable()
    var isStopping = false
    @usableFromInline var mustDrainMailboxes = false
    var isShuttingDown = false
    /// Nobody will be told of anything any more.
    var isOver = false
    let clock: LoopClock
    var nowNanoseconds: Int64 = 0
    /// Elements of mailboxes that a budget left over.
    var leftElementCount = 0
    /// Bytes that wait to be written to all connections.
    @exclusivity(unchecked) var outputByteCount = 0  // allowed: added to and read, a number
    @exclusivity(unchecked) var tally = LoopTally()  // allowed: added to and read, numbers
    let watch: TickWatch?
    var watched = WatchedTick()

    /// The time of this tick, read once when its wait ended.
    public var now: ContinuousClock.Instant { clock.instant(atNanoseconds: nowNanoseconds) }
    /// Nanoseconds since this loop began, read from the clock now: for measuring within a tick.
    public var elapsedNanoseconds: Int64 { clock.nanoseconds() }
    /// Connections that are registered, whatever their state.
    public internal(set) var connectionCount = 0 {
        didSet { handle.core.counters.publish(connectionCount: connectionCount) }
    }
    /// Ticks so far.
    public internal(set) var tickCount: UInt64 = 0

    static let noSlot = UInt32.max
    static let wakeToken = UInt64.max
    /// Generations begin with 1.
    static let noToken: UInt64 = 0

    init(configuration: Configuration, handle: EventLoopHandle, poller: consuming Poller) throws(SystemError) {
        self.configuration = configuration.inRange
        self.handle = handle
        self.poller = poller
        let clock = LoopClock()
        self.clock = clock
        watch = configuration.watchdog.map { TickWatch($0, name: configuration.threadName, clock: clock) }
        try watch?.start()
        readBuffer = ReadBuffer(byteCount: self.configuration.readByteCountPerTick)
        spareDescriptor = Socket.spare()
    }

    /// Has `body` called at the end of every tick, when its events are handled, its output is written and its closes
    /// are done: the place to hand over what a tick gathered, all at once. It stays until the loop stops.
    public func atTickEnd(_ body: @escaping (EventLoop) -> Void) {
        tickEndActions.append(body)
    }
}

/// A loop crosses threads as its ``EventLoopHandle``.
@available(*, unavailable)
extension EventLoop: Sendable {}
