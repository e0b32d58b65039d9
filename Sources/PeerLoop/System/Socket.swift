internal import CEpollShim
internal import Glibc

/// What one attempt to move bytes came to. Waiting is an outcome, not an error.
enum TransferOutcome {
    case moved(Int)
    case wouldBlock
    case failed(SystemError)
}

/// A socket whose connect has begun.
struct ConnectingSocket: ~Copyable {
    let descriptor: FileDescriptor
    /// True when the kernel finished at once.
    let isConnected: Bool
}

/// A connection taken from a listener's queue.
struct AcceptedSocket: ~Copyable {
    let descriptor: FileDescriptor
    let address: SocketAddress
}

/// The socket calls of the loop, each one a thin typed layer over one or two system calls.
enum Socket {
    static func listening(
        on address: SocketAddress, backlog: Int32, sharesPort: Bool = false
    ) throws(SystemError) -> FileDescriptor {
        let number = try SystemError.check(.socket, cepoll_socket(address.kernelFamily, streamType, 0))
        let socket = FileDescriptor(owning: number)
        _ = try SystemError.check(.option, cepoll_set_int(number, SOL_SOCKET, SO_REUSEADDR, 1))
        if sharesPort { _ = try SystemError.check(.option, cepoll_set_int(number, SOL_SOCKET, SO_REUSEPORT, 1)) }
        if address.family == .ipv6 {
            _ = try SystemError.check(.option, cepoll_set_int(number, ipv6Level, IPV6_V6ONLY, 0))
        }
        if address.withKernelAddress({ Glibc.bind(number, $0, $1) }) < 0 {
            throw SystemError(.bind, code: errno)
        }
        if Glibc.listen(number, backlog) < 0 { throw SystemError(.listen, code: errno) }
        return socket
    }

    /// A socket on its way to `address`.
    static func connecting(
        to address: SocketAddress, from source: SocketAddress?
    ) throws(SystemError) -> ConnectingSocket {
        let number = try SystemError.check(.socket, cepoll_socket(address.kernelFamily, streamType, 0))
        let socket = FileDescriptor(owning: number)
        if let source {
            // Without it a bound source address would take a whole port for each connection.
            _ = try SystemError.check(
                .option, cepoll_set_int(number, ipLevel, cepoll_ip_bind_address_no_port, 1))
            if source.withKernelAddress({ Glibc.bind(number, $0, $1) }) < 0 {
                throw SystemError(.bind, code: errno)
            }
        }
        let status = address.withKernelAddress { Glibc.connect(number, $0, $1) < 0 ? -errno : 0 }
        if status == 0 { return ConnectingSocket(descriptor: socket, isConnected: true) }
        // An interrupted connect goes on in the background exactly as one that was begun without waiting.
        if status == SystemError.inProgress || status == -EINTR {
            return ConnectingSocket(descriptor: socket, isConnected: false)
        }
        throw SystemError(.connect, code: -status)
    }

    /// One connection from the queue of a listener, or `nil` when it is empty.
    static func accept(
        from listener: borrowing FileDescriptor
    ) throws(SystemError) -> AcceptedSocket? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let number = cepoll_accept(listener.number, &storage, &length)
        if number >= 0 {
            let address = SocketAddress(storage) ?? .unspecified
            return AcceptedSocket(descriptor: FileDescriptor(owning: number), address: address)
        }
        switch -number {
        case EAGAIN, ECONNABORTED, EINTR, EPERM, EPROTO:
            // The connection went away before it was taken; the level-triggered loop comes back for the next.
            return nil
        default:
            throw SystemError(.accept, code: -number)
        }
    }

    /// A connected stream socket that was made elsewhere, made fit for a loop.
    static func adopting(_ number: Int32) throws(SystemError) -> FileDescriptor {
        let flags = fcntl(number, F_GETFL)
        // Not taken over: by the time it is closed, the number may be somebody else's.
        if number < 0 || flags < 0 { throw SystemError(.adopt, code: EBADF) }
        let socket = FileDescriptor(owning: number)
        var type: Int32 = 0
        _ = try SystemError.check(.adopt, cepoll_get_int(number, SOL_SOCKET, SO_TYPE, &type))
        if type != streamType { throw SystemError(.adopt, code: EPROTOTYPE) }
        do throws(SystemError) {
            _ = try remoteAddress(of: socket)
        } catch {
            // A Unix socket is connected to something that has no address of ours.
            if error.code != EAFNOSUPPORT { throw SystemError(.adopt, code: error.code) }
        }
        if fcntl(number, F_SETFL, flags | O_NONBLOCK) < 0 { throw SystemError(.adopt, code: errno) }
        if fcntl(number, F_SETFD, FD_CLOEXEC) < 0 { throw SystemError(.adopt, code: errno) }
        return socket
    }

    static func setNoDelay(_ socket: borrowing FileDescriptor) {
        // Only a latency hint: a socket that refuses it still works.
        _ = cepoll_set_int(socket.number, tcpLevel, TCP_NODELAY, 1)
    }

    /// The error that a socket keeps for whoever asks, such as that of a connect that failed; `nil` for none.
    static func pendingError(
        _ socket: borrowing FileDescriptor, of operation: SystemError.Operation = .connect
    ) -> SystemError? {
        var code: Int32 = 0
        let status = cepoll_get_int(socket.number, SOL_SOCKET, SO_ERROR, &code)
        if status < 0 { return SystemError(operation, code: -status) }
        return code == 0 ? nil : SystemError(operation, code: code)
    }

    /// What a read would come to. An error is told once, so here and not by that read.
    static func peek(_ socket: borrowing FileDescriptor) -> TransferOutcome {
        let count = cepoll_peek(socket.number)
        if count >= 0 { return .moved(count) }
        if count == Int(SystemError.wouldBlock) { return .wouldBlock }
        return .failed(SystemError(.read, code: Int32(-count)))
    }

    /// One write of at most `limit` bytes.
    static func send(_ bytes: RawSpan, to socket: borrowing FileDescriptor, limit: Int) -> TransferOutcome {
        let number = socket.number
        let count = bytes.withUnsafeBytes { cepoll_write(number, $0.baseAddress, min($0.count, limit)) }
        if count >= 0 { return .moved(count) }
        if count == Int(SystemError.wouldBlock) { return .wouldBlock }
        return .failed(SystemError(.write, code: Int32(-count)))
    }

    static func shutDownWriting(_ socket: borrowing FileDescriptor) {
        // Fails only when the connection is gone already, which the next read reports.
        _ = Glibc.shutdown(socket.number, Int32(SHUT_WR))
    }

    /// Makes the close that follows send a reset instead of an orderly end.
    static func resetOnClose(_ socket: borrowing FileDescriptor) {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = Glibc.setsockopt(
            socket.number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    static func localAddress(of socket: borrowing FileDescriptor) throws(SystemError) -> SocketAddress {
        try address(of: socket, Glibc.getsockname)
    }

    static func remoteAddress(of socket: borrowing FileDescriptor) throws(SystemError) -> SocketAddress {
        try address(of: socket, Glibc.getpeername)
    }

    private typealias Question = (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32

    private static func address(
        of socket: borrowing FileDescriptor, _ ask: Question
    ) throws(SystemError) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let number = socket.number
        let status = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask(number, $0, &length) < 0 ? -errno : 0 }
        }
        if status < 0 { throw SystemError(.address, code: -status) }
        guard let address = SocketAddress(storage) else { throw SystemError(.address, code: EAFNOSUPPORT) }
        return address
    }

    /// A descriptor that can be given up for another, `nil` when there is none to have.
    static func spare() -> FileDescriptor? {
        let number = cepoll_eventfd()
        return number >= 0 ? FileDescriptor(owning: number) : nil
    }

    private static let streamType = Int32(SOCK_STREAM.rawValue)
    private static let ipLevel = Int32(IPPROTO_IP)
    private static let ipv6Level = Int32(IPPROTO_IPV6)
    private static let tcpLevel = Int32(IPPROTO_TCP)
}

/// Limits of this process that the operating system sets.
public enum ProcessLimits {
    /// Raises the limit on open descriptors to the highest the system allows this process, and returns it.
    ///
    /// Throws ``SystemError``.
    @discardableResult
    public static func raiseDescriptorLimit() throws(SystemError) -> Int {
        let limit = cepoll_raise_descriptor_limit()
        if limit < 0 { throw SystemError(.descriptorLimit, code: Int32(-limit)) }
        return Int(clamping: limit)
    }
}
