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
        on address: SocketAddress, _ options: ListenOptions
    ) throws(SystemError) -> FileDescriptor {
        let socket = try bound(to: address, options)
        if Glibc.listen(socket.number, options.backlog) < 0 { throw SystemError(.listen, code: errno) }
        return socket
    }

    /// Throws where somebody listens on the address already, also somebody who would share it.
    static func requireFree(_ address: SocketAddress, _ options: ListenOptions) throws(SystemError) {
        var exclusive = options
        exclusive.sharesPort = false
        _ = try bound(to: address, exclusive)
    }

    private static func bound(
        to address: SocketAddress, _ options: ListenOptions
    ) throws(SystemError) -> FileDescriptor {
        let number = try SystemError.check(.socket, cepoll_socket(address.kernelFamily, streamType, 0))
        let socket = FileDescriptor(owning: number)
        _ = try SystemError.check(.option, cepoll_set_int(number, SOL_SOCKET, SO_REUSEADDR, 1))
        if options.sharesPort {
            _ = try SystemError.check(.option, cepoll_set_int(number, SOL_SOCKET, SO_REUSEPORT, 1))
        }
        if address.family == .ipv6 {
            // Said in either case: the system's default is for the administrator to change.
            let isIPv6Only: Int32 = options.isIPv6Only ? 1 : 0
            _ = try SystemError.check(.option, cepoll_set_int(number, ipv6Level, IPV6_V6ONLY, isIPv6Only))
        }
        // Linux has accepted connections inherit them all, so that they cost nothing for each; and a receive buffer
        // has to be known before the first window is announced.
        try apply(options.socketOptions, to: socket, isNew: true)
        if address.withKernelAddress({ Glibc.bind(number, $0, $1) }) < 0 {
            throw SystemError(.bind, code: errno)
        }
        return socket
    }

    /// A socket on its way to `address`.
    static func connecting(
        to address: SocketAddress, from source: SocketAddress?, _ options: SocketOptions
    ) throws(SystemError) -> ConnectingSocket {
        let number = try SystemError.check(.socket, cepoll_socket(address.kernelFamily, streamType, 0))
        let socket = FileDescriptor(owning: number)
        try apply(options, to: socket, isNew: true)
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
            // What a Unix domain socket has for an address is none of ours.
            let address = SocketAddress(storage)?.unmapped ?? .unspecified
            return AcceptedSocket(descriptor: FileDescriptor(owning: number), address: address)
        }
        if leavesNothingToAccept(-number) { return nil }
        throw SystemError(.accept, code: -number)
    }

    /// Whether after this error of an accept the queue is one shorter, or was empty: there was nothing, or it went away
    /// before it was taken, by an error of its own network, which Linux tells here. The level-triggered loop comes back
    /// for the next. What leaves the queue as it is, such as a system that forbids accepting, would have it spin.
    static func leavesNothingToAccept(_ code: Int32) -> Bool {
        switch code {
        case EAGAIN, EINTR, ECONNABORTED, EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET:
            true
        default: false
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
        doNotWaitOnClose(socket)
        return socket
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

    /// Takes what is in the socket's queue of errors, which would be reported for as long as it is there. False when
    /// there was nothing.
    static func takeErrors(of socket: borrowing FileDescriptor) -> Bool { cepoll_take_errors(socket.number) }

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

    /// A descriptor that can be given up for another, `nil` when there is none to have.
    static func spare() -> FileDescriptor? {
        let number = cepoll_eventfd()
        return number >= 0 ? FileDescriptor(owning: number) : nil
    }

    static let streamType = Int32(SOCK_STREAM.rawValue)
    private static let ipLevel = Int32(IPPROTO_IP)
    private static let ipv6Level = Int32(IPPROTO_IPV6)
}
