internal import Glibc

/// To the kernel's own address structure.
extension UnixAddress {
    /// Calls `body` with the kernel's form of this address.
    func withKernelAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // An abstract name begins with a zero and ends where the length says; a path ends with a zero.
        let start = space == .abstract ? 1 : 0
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            UnsafeMutableRawBufferPointer(rebasing: bytes[start...]).copyBytes(from: name.utf8)
        }
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? MemoryLayout<sa_family_t>.size
        let length = socklen_t(offset + name.utf8.count + 1)
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
