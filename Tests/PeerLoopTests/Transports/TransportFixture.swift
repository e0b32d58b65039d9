import PeerLoop
import Synchronization
import Testing

/// Two loops that end with the test. One of them where a test says so.
struct TwoLoops {
    let first: EventLoopHandle
    let second: EventLoopHandle

    static func with(
        _ configuration: EventLoop.Configuration = EventLoop.Configuration(), shared: Bool = false,
        _ body: (TwoLoops) async throws -> Void
    ) async throws {
        let first = try EventLoopHandle.start(configuration)
        let second = shared ? first : try EventLoopHandle.start(configuration)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(TwoLoops(first: first, second: second)))
        } catch {
            result = .failure(error)
        }
        await first.shutdown(within: .zero)
        await second.shutdown(within: .zero)
        try result.get()
    }

    /// A pair with one end on each loop.
    func connect(
        capacity: Int = 64 << 10, first: @escaping @Sendable () -> any ConnectionHandler,
        second: @escaping @Sendable () -> any ConnectionHandler
    ) {
        let (here, there) = MemoryTransport.pair(capacity: capacity)
        self.first.run { $0.attach(here, isInbound: false, handler: first()) }
        self.second.run { $0.attach(there, isInbound: true, handler: second()) }
    }
}

/// Passes on to another transport and counts.
final class CountingTransport: ByteTransport {
    let inner: MemoryTransport
    let starts = Atomic<Int>(0)
    let reads = Atomic<Int>(0)
    let writes = Atomic<Int>(0)
    let shutDowns = Atomic<Int>(0)
    let closes = Atomic<Int>(0)
    /// What the loop gave it.
    let readiness = Lock<TransportReadiness?>(nil)

    init(_ inner: MemoryTransport) {
        self.inner = inner
    }

    var localAddress: SocketAddress? { SocketAddress(ipv4: 127, 1, 2, 3, port: 4) }

    func start(_ readiness: TransportReadiness) {
        starts.wrappingAdd(1, ordering: .relaxed)
        self.readiness.withLock { $0 = readiness }
        inner.start(readiness)
    }

    func read(into buffer: inout OutputRawSpan) -> TransportRead {
        reads.wrappingAdd(1, ordering: .relaxed)
        return inner.read(into: &buffer)
    }

    func write(_ bytes: RawSpan) -> TransportWrite {
        writes.wrappingAdd(1, ordering: .relaxed)
        return inner.write(bytes)
    }

    func shutDownWriting() {
        shutDowns.wrappingAdd(1, ordering: .relaxed)
        inner.shutDownWriting()
    }

    func close() {
        closes.wrappingAdd(1, ordering: .relaxed)
        inner.close()
    }
}

/// Answers what a test says, whatever was asked.
final class FixedTransport: ByteTransport {
    let onRead: @Sendable () -> TransportRead
    let onWrite: @Sendable (Int) -> TransportWrite

    init(
        onRead: @escaping @Sendable () -> TransportRead = { .wouldBlock },
        onWrite: @escaping @Sendable (Int) -> TransportWrite = { .taken($0) }
    ) {
        self.onRead = onRead
        self.onWrite = onWrite
    }

    func start(_ readiness: TransportReadiness) {}
    func read(into buffer: inout OutputRawSpan) -> TransportRead { onRead() }
    func write(_ bytes: RawSpan) -> TransportWrite { onWrite(bytes.byteCount) }
    func shutDownWriting() {}
    func close() {}
}

/// Bytes that tell their places apart.
func pattern(_ count: Int, _ factor: Int = 7) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* factor &+ $0 >> 8) }
}

extension EventLoopHandle {
    /// A few calls take a few ticks; a loop that spins makes thousands meanwhile.
    func expectQuiet(_ comment: Comment? = nil, _ location: SourceLocation = #_sourceLocation) async throws {
        let ticks = await withCheckedContinuation { continuation in
            let isTaken = run { loop in
                let before = loop.tickCount
                loop.schedule(after: .milliseconds(20)) { continuation.resume(returning: $0.tickCount - before) }
            }
            if !isTaken { continuation.resume(returning: .max) }
        }
        #expect(ticks < 10, comment, sourceLocation: location)
    }

    func expectConnections(_ count: Int, _ location: SourceLocation = #_sourceLocation) async throws {
        let connections = try await submit { $0.connectionCount }
        #expect(connections == count, sourceLocation: location)
    }
}
