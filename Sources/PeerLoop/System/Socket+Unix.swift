internal import CEpollShim
internal import Glibc

/// A Unix domain socket that listens, and its file.
struct UnixListeningSocket: ~Copyable {
    let descriptor: FileDescriptor
    /// `nil` for an abstract name.
    let file: SocketFile?
}

/// Unix domain sockets.
extension Socket {
    static func listening(
        on address: UnixAddress, _ options: UnixListenOptions
    ) throws(SystemError) -> UnixListeningSocket {
        let socket = try unixSocket()
        if bind(socket, to: address) < 0 {
            let code = errno
            guard code == EADDRINUSE, options.replacesStaleFile, let file = staleFile(at: address) else {
                throw SystemError(.bind, code: code)
            }
            file.remove()
            if bind(socket, to: address) < 0 { throw SystemError(.bind, code: errno) }
        }
        let file = SocketFile(at: address)
        do throws(SystemError) {
            // Nobody can connect before it listens.
            if let permissions = options.permissions, let file { try file.setPermissions(permissions) }
            if Glibc.listen(socket.number, options.backlog) < 0 { throw SystemError(.listen, code: errno) }
        } catch {
            file?.remove()
            throw error
        }
        return UnixListeningSocket(descriptor: socket, file: file)
    }

    /// A socket connected to `address`, or one that is to try again because the listener's queue is full.
    static func connecting(
        to address: UnixAddress, _ options: SocketOptions
    ) throws(SystemError) -> ConnectingSocket {
        let socket = try unixSocket()
        try apply(options, to: socket, isNew: true)
        let isConnected = try connect(socket, to: address)
        return ConnectingSocket(descriptor: socket, isConnected: isConnected)
    }

    /// False when the listener's queue is full. The kernel tells nobody when it has room again.
    static func connect(_ socket: borrowing FileDescriptor, to address: UnixAddress) throws(SystemError) -> Bool {
        let number = socket.number
        let status = address.withKernelAddress { Glibc.connect(number, $0, $1) < 0 ? -errno : 0 }
        switch status {
        case 0: return true
        case -EAGAIN, -EINTR: return false
        default: throw SystemError(.connect, code: -status)
        }
    }

    /// The socket's file at `address` on which nobody listens.
    private static func staleFile(at address: UnixAddress) -> SocketFile? {
        // A file of another kind would refuse a connection too.
        guard let file = SocketFile(at: address), let probe = try? unixSocket() else { return nil }
        do throws(SystemError) {
            _ = try connect(probe, to: address)
            return nil
        } catch {
            return error.isRefused ? file : nil
        }
    }

    private static func unixSocket() throws(SystemError) -> FileDescriptor {
        FileDescriptor(owning: try SystemError.check(.socket, cepoll_socket(AF_UNIX, streamType, 0)))
    }

    private static func bind(_ socket: borrowing FileDescriptor, to address: UnixAddress) -> Int32 {
        let number = socket.number
        return address.withKernelAddress { Glibc.bind(number, $0, $1) }
    }

    /// The process at the other end, as it was when it connected or listened.
    static func peerCredentials(_ socket: borrowing FileDescriptor) throws(SystemError) -> PeerCredentials {
        // As `struct ucred` has them.
        var values: (pid_t, uid_t, gid_t) = (0, 0, 0)
        let size = socklen_t(MemoryLayout.size(ofValue: values))
        var length = size
        if getsockopt(socket.number, SOL_SOCKET, SO_PEERCRED, &values, &length) < 0 {
            throw SystemError(.credentials, code: errno)
        }
        // What every other kind of socket answers. A process that this one cannot see has the number 0, and a user.
        if length != size || values.1 == .max { throw SystemError(.credentials, code: EOPNOTSUPP) }
        return PeerCredentials(processID: values.0, userID: values.1, groupID: values.2)
    }
}

/// The file of a Unix domain socket, told from one that another process has put in its place.
struct SocketFile {
    private let path: String
    private let device: dev_t
    private let inode: ino_t

    /// The file as it is now, `nil` when there is none, or one of another kind.
    init?(at address: UnixAddress) {
        guard address.space == .path else { return nil }
        var status = stat()
        guard lstat(address.name, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        path = address.name
        device = status.st_dev
        inode = status.st_ino
    }

    /// Removes it, unless the path leads to another file by now.
    func remove() {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode else { return }
        unlink(path)
    }

    func setPermissions(_ permissions: UInt32) throws(SystemError) {
        if chmod(path, mode_t(permissions)) < 0 { throw SystemError(.permissions, code: errno) }
    }
}
