import PeerLoop
import Synchronization
import TestSupport
import Testing

/// What a slow listener is given, and how often it had the connection's reading held up.
private final class SlowListener: Sendable {
    static let byteLimit = 256 << 10

    let blockers = Blockers()
    let received = Collected<UInt8>()
    let pauseCount = Atomic<Int>(0)
    let resumeCount = Atomic<Int>(0)
    let pool: WorkerPool
    let handle: EventLoopHandle

    init(_ handle: EventLoopHandle) throws {
        self.handle = handle
        pool = try WorkerPool(workers: 1)
    }

    func lane(of id: ConnectionID) -> Lane<[UInt8]> {
        Lane(limits: LaneLimits(byteCount: Self.byteLimit, overflow: .admit)) { chunk in
            if self.received.count == 0 { self.blockers.block() }
            self.received.add(contentsOf: chunk)
        } whenHalfEmpty: { lane in
            self.resumeCount.wrappingAdd(1, ordering: .relaxed)
            self.handle.run { loop in
                if !lane.isFull { loop.connection(id)?.resumeReading() }
            }
        }
    }
}

/// Puts what a connection receives on a lane, as a user would.
private final class LaneHandler: ConnectionHandler {
    private let listener: SlowListener
    private var lane: Lane<[UInt8]>?

    init(_ listener: SlowListener) {
        self.listener = listener
    }

    func opened(_ connection: Connection) {
        lane = listener.lane(of: connection.id)
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        guard let lane else { return }
        let chunk = bytes.withUnsafeBytes { [UInt8]($0) }
        guard case .admitted(let mustSchedule, let mustPause) = lane.append(chunk, byteCount: chunk.count) else {
            connection.close()
            return
        }
        if mustPause {
            listener.pauseCount.wrappingAdd(1, ordering: .relaxed)
            connection.pauseReading()
        }
        if mustSchedule { listener.pool.schedule(lane) }
    }

    func closed(_ connection: Connection, cause: CloseCause) {}
}

@Suite(.timeLimit(.minutes(1))) struct LaneBackPressureTests {
    /// A listener that blocks has its connection read no further than its lane has room; nothing is lost.
    @Test func aSlowListenerSlowsItsSenderDown() async throws {
        let handle = try EventLoopHandle.start()
        let listener = try SlowListener(handle)
        let port = try await handle.submit { loop in
            try loop.listen(
                on: SocketAddress(ipv4: 127, 0, 0, 1, port: 0), handler: TestAcceptor { LaneHandler(listener) }
            ).address.port
        }
        let pattern = (0..<10_007).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let sent = Array(repeatElement(pattern, count: 150).joined())
        async let isSent: Void = runBlocking {
            let client = try BlockingSocket(port: port)
            try client.send(sent)
            client.close()
        }
        try await until { listener.pauseCount.load(ordering: .relaxed) == 1 }
        try await until { listener.blockers.count == 1 }
        // Ticks enough to read all of it, were it read.
        for _ in 0..<200 { try await handle.submit { _ in } }
        let readCount = try await handle.submit { loop in
            var count: UInt64 = 0
            loop.forEachConnection { count += $0.receivedByteCount }
            return count
        }
        // The limit, and what one tick reads at most.
        #expect(readCount <= UInt64(SlowListener.byteLimit + 64 << 10))
        listener.blockers.letGo()
        try await isSent
        try await until { listener.received.count == sent.count }
        #expect(listener.received.all == sent)
        let pauses = listener.pauseCount.load(ordering: .relaxed)
        // One was seen above; how many follow is between the listener and its sender.
        await handle.shutdown(within: .zero)
        await end(listener.pool)
        #expect(listener.resumeCount.load(ordering: .relaxed) == pauses)
    }
}
