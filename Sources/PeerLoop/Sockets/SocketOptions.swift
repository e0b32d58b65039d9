/// How the kernel is to treat one socket. What is not said is left to the system's defaults.
///
/// They are given where a connection begins (``EventLoop/connect(to:from:options:within:handler:)``,
/// ``ListenOptions/socketOptions``) or set later by ``Connection/apply(_:)``. An option that was asked for and that the
/// kernel refuses is thrown as a ``SystemError`` whose ``SystemError/operation`` names it: `EINVAL` for a value out of
/// range, `EOPNOTSUPP` for an option of TCP where the socket is of another kind.
public struct SocketOptions: Hashable, Sendable {
    /// Probes of a connection on which nothing moves, which find a peer that vanished (RFC 9293, 3.8.4).
    public struct KeepAlive: Hashable, Sendable {
        /// How long nothing must have come before the first probe: whole seconds, rounded up, 1 s to 32,767 s.
        public var idle: Duration
        /// How long after a probe without an answer the next one goes out: whole seconds, rounded up, 1 s to 32,767 s.
        public var interval: Duration
        /// Probes without an answer that end the connection with `ETIMEDOUT`, 1 to 127.
        public var probeCount: Int

        /// Probes as the arguments say, which the kernel checks when they are applied.
        public init(idle: Duration, interval: Duration, probeCount: Int) {
            self.idle = idle
            self.interval = interval
            self.probeCount = probeCount
        }
    }

    /// What becomes of bytes that the kernel has and the peer has not when a connection is closed.
    ///
    /// There is no waiting for them: on Linux such a `close` would hold the loop. ``Connection/finish(within:)`` ends
    /// a connection in order and lets the loop go on.
    public enum Linger: Hashable, Sendable, BitwiseCopyable {
        /// The kernel goes on sending them.
        case background
        /// They are dropped, and the peer is sent a reset.
        case reset
    }

    /// Small writes go out at once (`TCP_NODELAY`). No more than a hint: a socket that refuses it works without.
    public var noDelay = true
    /// `nil`: no probes.
    public var keepAlive: KeepAlive?
    /// How long what was sent may go without acknowledgement before the connection ends with `ETIMEDOUT`: whole
    /// milliseconds, rounded up; `nil` or zero leaves it to the system, which tries for some 15 minutes (RFC 5482).
    public var userTimeout: Duration?
    /// Bytes of the kernel's buffer for sending, at least 1. The kernel doubles it for its own needs and holds it to
    /// `net.core.wmem_max` without a word. `nil` leaves its size to the kernel, which adapts it.
    public var sendBufferByteCount: Int?
    /// Bytes of the kernel's buffer for receiving, at least 1, held to `net.core.rmem_max`; otherwise as
    /// ``sendBufferByteCount``. It bounds the window from the first packet only when it is set before connecting or
    /// listening.
    public var receiveBufferByteCount: Int?
    /// What becomes of unsent bytes at the close.
    public var linger = Linger.background

    /// The defaults.
    public init() {}
}
