internal import Glibc

/// One end of a stream in memory, full-duplex and with bounded buffers: two of them are a connection without a socket.
///
/// The ends may be on one loop or on two. Either may also be used by hand, by one thread at a time, with the calls of
/// ``ByteTransport``.
public final class MemoryTransport: ByteTransport {
    private let incoming: MemoryPipe
    private let outgoing: MemoryPipe
    private let isStarted = Flag()

    private init(incoming: MemoryPipe, outgoing: MemoryPipe) {
        self.incoming = incoming
        self.outgoing = outgoing
    }

    /// Two ends, of which each reads what the other writes. At most `capacity` bytes, at least 1, wait in each
    /// direction; a full one answers `wouldBlock`.
    public static func pair(capacity: Int = 64 << 10) -> (MemoryTransport, MemoryTransport) {
        let (there, back) = (MemoryPipe(capacity: capacity), MemoryPipe(capacity: capacity))
        return (
            MemoryTransport(incoming: back, outgoing: there), MemoryTransport(incoming: there, outgoing: back)
        )
    }

    /// Called once, by the loop: it is told when there is something to read or room to write. A second call traps: who
    /// called first would hear nothing more.
    public func start(_ readiness: TransportReadiness) {
        precondition(!isStarted.exchange(true), "a transport has one user")
        incoming.setReader(readiness)
        outgoing.setWriter(readiness)
    }

    /// Takes what the other end wrote, as much as `buffer` has room for, and never waits.
    public func read(into buffer: inout OutputRawSpan) -> TransportRead { incoming.read(into: &buffer) }

    /// Takes as much of `bytes` as there is room for, and never waits. Fails with `EPIPE` once the other end is closed
    /// or this side of the stream has ended.
    public func write(_ bytes: RawSpan) -> TransportWrite { outgoing.write(bytes) }

    /// The other end reads what was written so far, and then the end of the stream.
    public func shutDownWriting() { outgoing.endWriting() }

    /// Ends both directions. What the other end has not read yet it still can.
    public func close() {
        outgoing.endWriting()
        incoming.abandon()
    }
}

/// One direction of a pair.
private final class MemoryPipe: Sendable {
    /// So that bytes that are not copyable can be kept behind the lock.
    private final class Bytes {
        var arena = ByteArena()
    }

    private struct State {
        let bytes = Bytes()
        var isEnded = false
        var isAbandoned = false
        var reader: TransportReadiness?
        var writer: TransportReadiness?
        var isReaderWaiting = false
        var isWriterWaiting = false
    }

    private let capacity: Int
    private let state = Lock(State())

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    func setReader(_ readiness: TransportReadiness) { state.withLock { $0.reader = readiness } }
    func setWriter(_ readiness: TransportReadiness) { state.withLock { $0.writer = readiness } }

    func read(into buffer: inout OutputRawSpan) -> TransportRead {
        var isRoomAwaited = false
        var waiting: TransportReadiness?
        let outcome = state.withLock { state -> TransportRead in
            let count = min(state.bytes.arena.count, buffer.freeCapacity)
            if count == 0 {
                if state.bytes.arena.count == 0, state.isEnded { return .endOfStream }
                state.isReaderWaiting = true
                return .wouldBlock
            }
            state.bytes.arena.withBytes(offset: 0, length: count) { buffer.append(copying: $0.bytes) }
            state.bytes.arena.consume(count)
            isRoomAwaited = state.isWriterWaiting
            state.isWriterWaiting = false
            waiting = state.writer
            return .appended
        }
        // Outside the lock: who is told may look at once.
        if isRoomAwaited { waiting?.notify() }
        return outcome
    }

    func write(_ bytes: RawSpan) -> TransportWrite {
        var isAwaited = false
        var waiting: TransportReadiness?
        let outcome = state.withLock { state -> TransportWrite in
            if state.isEnded || state.isAbandoned { return .failed(SystemError(.write, code: EPIPE)) }
            let count = min(bytes.byteCount, capacity - state.bytes.arena.count)
            if count == 0 {
                state.isWriterWaiting = true
                return .wouldBlock
            }
            state.bytes.arena.append(bytes.extracting(first: count))
            isAwaited = state.isReaderWaiting
            state.isReaderWaiting = false
            waiting = state.reader
            return .taken(count)
        }
        if isAwaited { waiting?.notify() }
        return outcome
    }

    func endWriting() {
        let reader = state.withLock { state in
            state.isEnded = true
            return state.reader
        }
        reader?.notify()
    }

    /// Nobody will read what is here.
    func abandon() {
        let writer = state.withLock { state in
            state.isAbandoned = true
            state.bytes.arena.reset()
            return state.writer
        }
        writer?.notify()
    }
}
