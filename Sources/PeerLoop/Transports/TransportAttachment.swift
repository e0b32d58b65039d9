internal import Glibc

/// What a connection without a socket of its own keeps in place of one.
final class TransportAttachment {
    let transport: any ByteTransport
    /// Set by the transport on any thread, cleared by the loop before it looks.
    let isNotified = Flag()
    var isStarted = false
    /// The last read did not say that nothing is there.
    var mayRead = true
    /// The last write said that there is no room.
    var isWriteBlocked = false
    /// It is in the loop's list of transports to serve.
    var isListed = false

    init(_ transport: any ByteTransport) {
        self.transport = transport
    }

    /// One write of the bytes at the front of `queue`, at most `limit` of them.
    func write(from queue: OutputQueue, limit: Int) -> TransferOutcome {
        queue.writeFront(limit: limit) { bytes in
            switch transport.write(bytes) {
            case .taken(let count) where (1...bytes.byteCount).contains(count):
                return .moved(count)
            case .taken:
                // Its count cannot be, so what it did with the bytes is not known.
                return .failed(SystemError(.write, code: EIO))
            case .wouldBlock:
                isWriteBlocked = true
                return .wouldBlock
            case .failed(let error):
                return .failed(error)
            }
        }
    }
}
