internal import CEpollShim
internal import Glibc

/// Options of sockets that are in nobody's use yet, and of connections that are.
extension Socket {
    /// Sets what `options` say, one after the other up to the first that is refused. A new socket has the system's
    /// defaults already, so that most of them cost no call.
    static func apply(
        _ options: SocketOptions, to socket: borrowing FileDescriptor, isNew: Bool
    ) throws(SystemError) {
        // Only a hint: a socket that refuses it still works, and what is not TCP never delays.
        if options.noDelay || !isNew { setNoDelay(options.noDelay, socket) }
        if let keepAlive = options.keepAlive {
            try set(.keepAlive, socket, SOL_SOCKET, SO_KEEPALIVE, 1)
            try set(.keepAlive, socket, tcpLevel, TCP_KEEPIDLE, seconds(keepAlive.idle))
            try set(.keepAlive, socket, tcpLevel, TCP_KEEPINTVL, seconds(keepAlive.interval))
            try set(.keepAlive, socket, tcpLevel, TCP_KEEPCNT, Int32(clamping: keepAlive.probeCount))
        } else if !isNew {
            try set(.keepAlive, socket, SOL_SOCKET, SO_KEEPALIVE, 0)
        }
        if let timeout = options.userTimeout {
            try set(.userTimeout, socket, tcpLevel, TCP_USER_TIMEOUT, milliseconds(timeout))
        } else if !isNew {
            // Not asked for, and nothing that a socket of another kind would have.
            _ = cepoll_set_int(socket.number, tcpLevel, TCP_USER_TIMEOUT, 0)
        }
        if let count = options.sendBufferByteCount {
            try set(.sendBuffer, socket, SOL_SOCKET, SO_SNDBUF, try byteCount(count, .sendBuffer))
        }
        if let count = options.receiveBufferByteCount {
            try set(.receiveBuffer, socket, SOL_SOCKET, SO_RCVBUF, try byteCount(count, .receiveBuffer))
        }
        if options.linger == .reset || !isNew { try setReset(options.linger == .reset, socket) }
    }

    private static func setNoDelay(_ isOn: Bool, _ socket: borrowing FileDescriptor) {
        _ = cepoll_set_int(socket.number, tcpLevel, TCP_NODELAY, isOn ? 1 : 0)
    }

    /// Makes the close that follows send a reset instead of an orderly end.
    static func resetOnClose(_ socket: borrowing FileDescriptor) {
        // Refused only where there is no connection left to reset.
        try? setReset(true, socket)
    }

    /// A close that waits for what was sent to be acknowledged would hold up the whole loop, also with a socket that
    /// does not wait otherwise. That a close resets is left as it is.
    static func doNotWaitOnClose(_ socket: borrowing FileDescriptor) {
        var option = linger()
        var size = socklen_t(MemoryLayout<linger>.size)
        if getsockopt(socket.number, SOL_SOCKET, SO_LINGER, &option, &size) < 0 { return }
        if option.l_onoff != 0, option.l_linger > 0 { try? setReset(false, socket) }
    }

    private static func setReset(_ isOn: Bool, _ socket: borrowing FileDescriptor) throws(SystemError) {
        var option = linger(l_onoff: isOn ? 1 : 0, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        if Glibc.setsockopt(socket.number, SOL_SOCKET, SO_LINGER, &option, size) < 0 {
            throw SystemError(.linger, code: errno)
        }
    }

    private static func set(
        _ operation: SystemError.Operation, _ socket: borrowing FileDescriptor, _ level: Int32, _ name: Int32,
        _ value: Int32
    ) throws(SystemError) {
        _ = try SystemError.check(operation, cepoll_set_int(socket.number, level, name, value))
    }

    /// Rounded up; the kernel refuses what is out of range.
    private static func seconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        return Int32(clamping: attoseconds > 0 ? seconds + 1 : seconds)
    }

    /// Rounded up; the kernel refuses what is out of range.
    private static func milliseconds(_ duration: Duration) -> Int32 {
        if duration >= .milliseconds(Int32.max) { return .max }
        if duration < .zero { return -1 }
        let (seconds, attoseconds) = duration.components
        return Int32(clamping: seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    /// The kernel would take a negative size for the largest one.
    private static func byteCount(_ count: Int, _ operation: SystemError.Operation) throws(SystemError) -> Int32 {
        guard count > 0, let value = Int32(exactly: count) else { throw SystemError(operation, code: EINVAL) }
        return value
    }

    private static let tcpLevel = Int32(IPPROTO_TCP)
}
