import Glibc

/// A page of memory with pages around it that must not be touched: reading past either end stops the process.
///
/// The memory is there as long as this object is.
final class GuardedPage {
    /// The page that may be read and written.
    let bytes: UnsafeMutableRawBufferPointer
    private let start: UnsafeMutableRawPointer

    init?() {
        let size = Int(sysconf(Int32(_SC_PAGESIZE)))
        guard let start = mmap(nil, 3 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), start != MAP_FAILED else {
            return nil
        }
        guard mprotect(start + size, size, PROT_READ | PROT_WRITE) == 0 else {
            munmap(start, 3 * size)
            return nil
        }
        self.start = start
        bytes = UnsafeMutableRawBufferPointer(start: start + size, count: size)
    }

    deinit { munmap(start, 3 * bytes.count) }
}
