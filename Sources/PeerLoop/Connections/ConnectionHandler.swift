/// What becomes of one connection's events. All of it is called on the loop's thread, never while another call for the
/// same connection is under way, and nothing after ``closed(_:cause:)``.
///
/// A handler must not block: everything else on the loop waits for it.
public protocol ConnectionHandler: AnyObject {
    /// The connection is made (outbound) or accepted (inbound).
    func opened(_ connection: Connection)
    /// Bytes arrived. They are lent for the duration of the call.
    func received(_ bytes: RawSpan, on connection: Connection)
    /// Called in place of ``received(_:on:)`` while ``Connection/readsDirectly`` is set: for a handler that keeps what
    /// arrives and knows where. It calls `read` once, with a span that has room for at most `limit` bytes, and finds in
    /// it what has arrived; nothing when the stream has ended or nothing is there. A span without room traps, and so
    /// does not reading at all while reading goes on. Whoever runs on a ``ByteTransport`` is never called so.
    func receiveDirectly(on connection: Connection, limit: Int, _ read: (inout OutputSpan<UInt8>) -> Void)
    /// The kernel took `byteCount` bytes; ``Connection/pendingByteCount`` says what still waits.
    func wrote(_ byteCount: Int, on connection: Connection)
    /// ``Connection/isWritable`` has changed: it is false with more than the high mark waiting, and true again once no
    /// more than the low mark waits. Called after a write; also when it was false only in between, and when writing
    /// has failed and nothing waits any more.
    func writabilityChanged(on connection: Connection)
    /// The other side has ended its stream, on a connection that ``Connection/allowsHalfClose``: nothing more arrives,
    /// what is written still goes out. Until ``Connection/finish(within:)``, ``Connection/shutDownWriting()`` or
    /// ``Connection/close()`` the connection stays.
    func inputEnded(on connection: Connection)
    /// The deadline given to ``Connection/setDeadline(_:)`` has come.
    func deadlineReached(on connection: Connection)
    /// The connection is over. The last call.
    func closed(_ connection: Connection, cause: CloseCause)
}

extension ConnectionHandler {
    /// A handler that does not read directly is never called so.
    public func receiveDirectly(on connection: Connection, limit: Int, _ read: (inout OutputSpan<UInt8>) -> Void) {
        preconditionFailure("a handler that asked to read directly must say where to")
    }
    /// Does nothing.
    public func opened(_ connection: Connection) {}
    /// Does nothing.
    public func wrote(_ byteCount: Int, on connection: Connection) {}
    /// Does nothing.
    public func writabilityChanged(on connection: Connection) {}
    /// Ends this side's stream, too, once everything queued is written.
    public func inputEnded(on connection: Connection) { connection.shutDownWriting() }
    /// Does nothing.
    public func deadlineReached(on connection: Connection) {}
}

/// Decides about connections that a listener accepts. Called on the loop's thread.
public protocol AcceptHandler: AnyObject {
    /// The handler of a new connection, or `nil` to refuse it: it is then closed at once.
    func accept(from address: SocketAddress, on loop: EventLoop) -> (any ConnectionHandler)?
    /// The connection that a handler was given for could not be registered and is closed; the handler hears nothing.
    func discard(_ handler: any ConnectionHandler, _ error: SystemError, on loop: EventLoop)
    /// Accepting failed, most often because no descriptor is left; the listener backs off by itself.
    func acceptFailed(_ error: SystemError, on loop: EventLoop)
}

extension AcceptHandler {
    /// Does nothing.
    public func discard(_ handler: any ConnectionHandler, _ error: SystemError, on loop: EventLoop) {}
    /// Does nothing.
    public func acceptFailed(_ error: SystemError, on loop: EventLoop) {}
}
