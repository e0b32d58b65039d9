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

    /// One read of at most `limit` bytes. `moved(0)` is the end of the stream.
    func fill(from transport: any ByteTransport, limit: Int) -> TransferOutcome {
        let room = UnsafeMutableRawBufferPointer(rebasing: storage[..<min(limit, storage.count)])
        var bytes = OutputRawSpan(buffer: room, initializedCount: 0)
        let outcome = transport.read(into: &bytes)
        let count = bytes.finalize(for: room)
        switch outcome {
        // Nothing at all would be taken for the end of the stream.
        case .appended: return count > 0 ? .moved(count) : .wouldBlock
        case .endOfStream: return .moved(0)
        case .wouldBlock: return .wouldBlock
        case .failed(let error): return .failed(error)
        }
    }

    /// One read straight into memory that is lent, as much as there is room for and at most `limit` bytes. `moved(0)`
    /// is the end of the stream.
    static func fill(
        _ span: inout OutputSpan<UInt8>, from descriptor: borrowing FileDescriptor, limit: Int = .max
    ) -> TransferOutcome {
        let number = descriptor.number
        return span.withUnsafeMutableBufferPointer { buffer, filled in
            let room = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[filled...]))
            let length = min(room.count, limit)
            if length == 0 { return .wouldBlock }
            let count = cepoll_read(number, room.baseAddress, length)
            if count == Int(SystemError.wouldBlock) { return .wouldBlock }
            if count < 0 { return .failed(SystemError(.read, code: Int32(-count))) }
            filled += count
            return .moved(count)
        }
    }

    /// Lends the first `count` bytes of the last read.
    @inline(__always)
    func withBytes(_ count: Int, _ body: (RawSpan) -> Void) {
        body(UnsafeRawBufferPointer(rebasing: storage[..<count]).bytes)
    }
}
