internal import Synchronization

/// A connected stream socket, TCP or Unix, that was made elsewhere and is on its way to a loop. Closed with the last
/// reference to it, unless a loop took it.
public final class AdoptedSocket: Sendable {
    private let number: Atomic<Int32>

    /// Takes over a descriptor, in use nowhere else, and makes it non-blocking and closed on exec. Any thread.
    ///
    /// The descriptor is closed also when this throws, unless the number names no open descriptor at all.
    ///
    /// Throws ``SystemError`` of ``SystemError/Operation/adopt``: `EBADF` not open, `ENOTSOCK` no socket, `EPROTOTYPE`
    /// not a stream socket, `ENOTCONN` not connected.
    public init(descriptor: Int32) throws(SystemError) {
        var socket = try Socket.adopting(descriptor)
        number = Atomic(socket.giveUp())
    }

    deinit {
        var socket = take()
        socket.close()
    }

    /// The descriptor, absent when it was taken before.
    func take() -> FileDescriptor {
        let number = number.exchange(-1, ordering: .acquiringAndReleasing)
        return number < 0 ? .absent() : FileDescriptor(owning: number)
    }
}
