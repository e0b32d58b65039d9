internal import Glibc

/// One connection, over TCP or a ``ByteTransport``, which belongs to one loop and is touched on its thread only.
///
/// It is not `Sendable`, and neither is anything through which it can be reached: taking it to another thread does not
/// compile. What other threads may hold is a ``ConnectionID``.
public final class Connection {
    enum Phase: UInt8 {
        case connecting
        /// Connected to a proxy, and not yet through it: what is read and written is not the handler's.
        case negotiating
        case open
        /// Nothing more is queued; what waits is written, then the stream is ended and the rest of the input dropped.
        case finishing
        /// As `finishing`, with everything written and our side of the stream ended.
        case drainingInput
        case closed
    }

    /// Reached on the hot path, where counting references would show.
    unowned(unsafe) let loop: EventLoop  // allowed: it closes its connections before its thread lets go of it
    /// Absent where there is an attachment.
    var descriptor: FileDescriptor
    /// What it runs on in place of a socket of its own, until it is closed.
    var attachment: TransportAttachment?
    @exclusivity(unchecked) var handler: (any ConnectionHandler)?  // allowed: a reference, read and set
    @exclusivity(unchecked) var output: OutputQueue?  // allowed: a reference, read and set
    /// Number of this connection, unique in its loop until the number wraps after four billion uses of one slot.
    public let id: ConnectionID
    /// The address of the other side.
    public let remoteAddress: SocketAddress
    /// True when the other side made the connection.
    public let isInbound: Bool
    /// Bytes received so far.
    @exclusivity(unchecked) public internal(set) var receivedByteCount: UInt64 = 0  // allowed: a number
    /// Bytes the kernel has taken for sending so far.
    @exclusivity(unchecked) public internal(set) var sentByteCount: UInt64 = 0  // allowed: a number
    /// Whether what arrives is put where the handler wants it, which saves copying a long message; see
    /// ``ConnectionHandler/receiveDirectly(on:limit:_:)``. The handler may change it whenever it is called.
    @exclusivity(unchecked) public var readsDirectly = false  // allowed: a boolean
    /// Bytes received and dropped since it began to finish.
    var droppedByteCount: UInt64 = 0
    var timer: TimerQueue.Identifier?
    /// Nanoseconds of the loop's clock: the deadline of whoever uses it.
    var ownDeadline: Int64 = .max
    /// By when it has to be open.
    var connectDeadline: Int64 = .max
    /// The low bits of the number of the tick in which bytes were last written, and how many: it is written to after
    /// its own event and may be again in the flush phase.
    private var flushTick: UInt32 = 0
    private var flushTickByteCount: UInt32 = 0
    var phase: Phase
    var interest: Interest = []
    var isReadingPaused = false
    /// Whether the connection goes on when the other side ends its stream, so that this side can still write; see
    /// ``ConnectionHandler/inputEnded(on:)``. Otherwise it is over then, and what still waits to be written is lost.
    public var allowsHalfClose = false
    /// The other side has ended its stream while this side still has something to write.
    var hasInputEnded = false
    /// Nothing more can be queued.
    var isOutputClosed = false
    /// The memory behind what is queued is lent to whoever fills it.
    var isOutputLent = false
    /// This side's stream is to end once everything queued is written.
    var endsWriting = false
    /// This side's stream has ended.
    var hasOutputEnded = false
    /// It is among the loop's ``SlowWriters``.
    var isProgressWatched = false
    var isDirty = false
    /// The kernel had no room at the last write, and has not said since that there is some.
    var awaitsRoom = false
    /// Its socket was made elsewhere.
    var isAdopted = false
    /// Taken out of epoll because it hung up while reading was paused: a level-triggered report would spin.
    var isDetached = false
    /// Why it ended; while it is open, the failure of a write after which only reading goes on.
    var closeCause: CloseCause?
    /// Limits of its own; few connections have them.
    private var ownLimits: OwnLimits?

    init(
        loop: EventLoop, descriptor: consuming FileDescriptor, id: ConnectionID, remoteAddress: SocketAddress,
        isInbound: Bool, phase: Phase, handler: any ConnectionHandler
    ) {
        self.loop = loop
        self.descriptor = descriptor
        self.id = id
        self.remoteAddress = remoteAddress
        self.isInbound = isInbound
        self.phase = phase
        self.handler = handler
    }

    /// Bytes that wait to be written.
    public var pendingByteCount: Int { output?.byteCount ?? 0 }

    /// False while more waits than the high mark of ``writeLimits``, and until no more than the low mark waits.
    public var isWritable: Bool {
        if isOutputClosed || phase != .open { return false }
        return output.map { !$0.isOverMark } ?? true
    }

    /// What may wait to be written; those of ``EventLoop/Configuration/writeLimits`` unless set. What waits already is
    /// held against the new ones with the next write.
    public var writeLimits: WriteLimits {
        get { ownLimits?.limits ?? loop.configuration.writeLimits }
        set {
            ownLimits = OwnLimits(limits: newValue)
            guard let output else { return }
            output.limits = newValue
            loop.limitsChanged(of: self, output)
        }
    }

    private final class OwnLimits {
        let limits: WriteLimits
        init(limits: WriteLimits) { self.limits = limits }
    }

    /// Bytes that were written in this tick, however often it was tried.
    func flushed(inTick tick: UInt64) -> Int {
        flushTick == UInt32(truncatingIfNeeded: tick) ? Int(flushTickByteCount) : 0
    }

    func noteFlushed(_ count: Int, inTick tick: UInt64) {
        if count == 0 { return }
        flushTickByteCount = UInt32(clamping: flushed(inTick: tick) + count)
        flushTick = UInt32(truncatingIfNeeded: tick)
    }

    /// No write has failed.
    var isWritingIntact: Bool { closeCause == nil }
    /// What is queued can go out.
    var canStillWrite: Bool { !hasOutputEnded && isWritingIntact }

    /// True from the moment it was opened until this side finished or closed it.
    public var isOpen: Bool { phase == .open }

    /// True while reading is paused.
    public var isPaused: Bool { isReadingPaused }

    /// The loop it belongs to.
    public var eventLoop: EventLoop { loop }

    /// The local address, asked of the kernel, or of the transport it was attached to. Throws ``SystemError``.
    public func localAddress() throws(SystemError) -> SocketAddress {
        if let attachment {
            guard let address = attachment.transport.localAddress else {
                throw SystemError(.address, code: EAFNOSUPPORT)
            }
            return address
        }
        return try Socket.localAddress(of: descriptor)
    }
}

/// A ``Connection`` crosses threads as its ``ConnectionID``.
@available(*, unavailable)
extension Connection: Sendable {}

/// Names a connection of one loop, for use on any thread. Stale ones are recognised and have no effect.
public struct ConnectionID: Hashable, Sendable, BitwiseCopyable {
    let slot: UInt32
    let generation: UInt32

    var token: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
}

extension ConnectionID: CustomStringConvertible {
    /// Slot and generation.
    public var description: String { "\(slot).\(generation)" }
}
