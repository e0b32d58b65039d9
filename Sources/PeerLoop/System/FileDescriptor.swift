internal import Glibc

/// An open descriptor with exactly one owner; closed when its owner goes away, or earlier by ``close()``.
///
/// No bare descriptor number leaves this folder except for the duration of one system call.
struct FileDescriptor: ~Copyable, Sendable {
    private(set) var number: Int32

    /// Takes over a descriptor that nobody else will close.
    init(owning number: Int32) {
        precondition(number >= 0, "a descriptor is never negative")
        self.number = number
    }

    private init(number: Int32) {
        self.number = number
    }

    /// Stands where there is no descriptor; every call on it fails with EBADF.
    static func absent() -> FileDescriptor { FileDescriptor(number: -1) }

    deinit {
        if number >= 0 { _ = Glibc.close(number) }
    }

    /// Hands the number to somebody else who will close it.
    mutating func giveUp() -> Int32 {
        defer { number = -1 }
        return number
    }

    /// Closes now. Every later call on it fails with EBADF, which the callers treat as a broken connection.
    mutating func close() {
        // Linux frees the number even when close reports an error, so there is nothing to retry.
        if number >= 0 { _ = Glibc.close(number) }
        number = -1
    }
}
