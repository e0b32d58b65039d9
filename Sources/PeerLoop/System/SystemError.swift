internal import Glibc

/// A system call that failed: which one, and the kernel's error number.
public struct SystemError: Error, Hashable, Sendable, BitwiseCopyable {
    /// The operation that failed.
    public enum Operation: String, Sendable, Hashable, BitwiseCopyable {
        /// Making the epoll instance or changing what it watches.
        case epoll
        /// Making or signalling the descriptor that wakes the loop.
        case wakeUp
        /// Making a socket.
        case socket
        /// Setting an option of a socket that has no case of its own here.
        case option
        /// Setting ``SocketOptions/keepAlive``.
        case keepAlive = "keep-alive"
        /// Setting ``SocketOptions/userTimeout``.
        case userTimeout = "user timeout"
        /// Setting ``SocketOptions/sendBufferByteCount``.
        case sendBuffer = "send buffer"
        /// Setting ``SocketOptions/receiveBufferByteCount``.
        case receiveBuffer = "receive buffer"
        /// Setting ``SocketOptions/linger``.
        case linger
        /// Setting the permissions of the file of a Unix domain socket.
        case permissions
        /// Asking who is at the other end of a Unix domain socket.
        case credentials
        /// Binding a socket to a local address.
        case bind
        /// Listening on a bound socket.
        case listen
        /// Accepting a connection.
        case accept
        /// Connecting to an address.
        case connect
        /// Taking over a descriptor that was made elsewhere.
        case adopt
        /// Reading from a connection.
        case read
        /// Writing to a connection.
        case write
        /// Asking a socket for its address.
        case address
        /// Starting a thread.
        case thread
        /// Raising the limit on open descriptors.
        case descriptorLimit
    }

    /// The operation that failed.
    public let operation: Operation
    /// The error number of the kernel (`errno`), positive.
    public let code: Int32

    /// An error from an operation and a positive error number.
    public init(_ operation: Operation, code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// True when the process or the system has no descriptor left (EMFILE, ENFILE) or no memory for a socket.
    public var isOutOfDescriptors: Bool {
        code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM
    }

    /// True when nobody listens at the address (ECONNREFUSED).
    public var isRefused: Bool { code == ECONNREFUSED }

    /// True when the other side reset the connection (ECONNRESET, EPIPE).
    public var isReset: Bool { code == ECONNRESET || code == EPIPE }

    /// True when the kernel gave up waiting (ETIMEDOUT).
    public var isTimedOut: Bool { code == ETIMEDOUT }

    /// True when the address is taken (EADDRINUSE).
    public var isAddressInUse: Bool { code == EADDRINUSE }

    static let wouldBlock = -EAGAIN
    static let inProgress = -EINPROGRESS

    /// Turns the shim's negated error numbers into typed errors.
    @inline(__always)
    static func check(_ operation: Operation, _ result: Int32) throws(SystemError) -> Int32 {
        if result < 0 { throw SystemError(operation, code: -result) }
        return result
    }
}

extension SystemError: CustomStringConvertible {
    /// The operation and the kernel's own words, such as `connect: Connection refused`.
    public var description: String {
        // Thread-safe in every glibc since 2.32: unknown numbers are written to thread-local memory.
        "\(operation.rawValue): \(String(cString: strerror(code)))"
    }
}
