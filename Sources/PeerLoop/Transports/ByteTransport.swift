/// A stream of bytes both ways that a ``Connection`` can run on in place of a socket of its own: the two ends of
/// something in memory, a socket behind encryption, anything that moves bytes in order.
///
/// Nothing here may block. Except ``close()`` of a transport that was never started, all of it is called on the loop's
/// thread, one call at a time. Whenever a read or a write answered `wouldBlock`, the transport owes one
/// ``TransportReadiness/notify()`` once it would answer otherwise; until then the loop does not ask again.
public protocol ByteTransport: AnyObject, Sendable {
    /// The local address, for those who ask the connection; `nil` by default.
    var localAddress: SocketAddress? { get }

    /// The loop takes the transport into use. Called once at most, before any other call but ``close()``, which may
    /// come without it.
    func start(_ readiness: TransportReadiness)

    /// Appends what has arrived to `buffer`, as much as there is and fits.
    func read(into buffer: inout OutputRawSpan) -> TransportRead

    /// Takes bytes from the beginning of `bytes`, all of them or fewer. They are lent for the duration of the call.
    func write(_ bytes: RawSpan) -> TransportWrite

    /// Ends this side of the stream once everything taken has gone out. Called once at most; no write follows.
    func shutDownWriting()

    /// Ends the transport. Called once, the last call. What was taken may still go out; nothing more is read.
    func close()
}

extension ByteTransport {
    /// None.
    public var localAddress: SocketAddress? { nil }
}

/// What one attempt to read came to.
public enum TransportRead: Hashable, Sendable, BitwiseCopyable {
    /// At least one byte was appended.
    case appended
    /// The other side has ended its stream and everything before that was read.
    case endOfStream
    /// Nothing is there now; readiness will be notified.
    case wouldBlock
    /// The transport is broken: the connection is closed with this error.
    case failed(SystemError)
}

/// What one attempt to write came to.
public enum TransportWrite: Hashable, Sendable, BitwiseCopyable {
    /// So many bytes were taken, at least one and no more than were offered.
    case taken(Int)
    /// There is no room now; readiness will be notified.
    case wouldBlock
    /// The transport is broken: what can still be read is read, then the connection is closed with this error.
    case failed(SystemError)
}

/// How a ``ByteTransport`` tells its loop that reading or writing is worth trying again.
public struct TransportReadiness: Sendable {
    private let tell: @Sendable () -> Void

    /// A readiness of one's own, for a transport that runs on another one and looks at its news first.
    public init(_ tell: @escaping @Sendable () -> Void) {
        self.tell = tell
    }

    /// Tells that there may be something to read, or room to write, or an end or a failure to hear of. Any thread;
    /// never waits. Notices that come before the loop has looked count as one; one too many does no harm, also when
    /// the connection is over.
    public func notify() {
        tell()
    }
}
