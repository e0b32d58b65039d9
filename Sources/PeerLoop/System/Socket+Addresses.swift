internal import Glibc

/// Who is at either end of a socket.
extension Socket {
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
        return address.unmapped
    }
}
