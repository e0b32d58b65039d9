internal import CEpollShim

/// The buffer into which one loop reads every connection: an idle connection owns none.
struct ReadBuffer: ~Copyable {
    private let storage: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        storage = .allocate(byteCount: byteCount, alignment: 64)
    }

    deinit {
        storage.deallocate()
    }

    /// One read of at most `limit` bytes. `moved(0)` is the end of the stream.
    func fill(from descriptor: borrowing FileDescriptor, limit: Int) -> TransferOutcome {
        let count = cepoll_read(descriptor.number, storage.baseAddress, min(limit, storage.count))
        if count >= 0 { return .moved(count) }
        if count == Int(SystemError.wouldBlock) { return .wouldBlock }
        return .failed(SystemError(.read, code: Int32(-count)))
    }

    /// Lends the first `count` bytes of the last read.
    @inline(__always)
    func withBytes(_ count: Int, _ body: (RawSpan) -> Void) {
        body(UnsafeRawBufferPointer(rebasing: storage[..<count]).bytes)
    }
}
