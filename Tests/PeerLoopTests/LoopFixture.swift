import PeerLoop
import Synchronization
import Testing

/// What a handler under test saw, in order.
enum Seen: Sendable, Equatable {
    case opened
    case received([UInt8])
    case wrote(Int)
    case deadline
    case closed(CloseCause)
}

/// Records its events and lets a test wait for them.
final class Recorder: Sendable {
    private let continuation: AsyncStream<Seen>.Continuation
    private let stream: AsyncStream<Seen>

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func record(_ seen: Seen) {
        continuation.yield(seen)
    }

    /// The first event that `matches`, ignoring those before it. Not for use by two tasks at once.
    func wait(_ matches: (Seen) -> Bool) async -> Seen? {
        for await seen in stream where matches(seen) { return seen }
        return nil
    }

    func waitForClose() async -> CloseCause? {
        let seen = await wait { if case .closed = $0 { true } else { false } }
        if case .closed(let cause)? = seen { return cause }
        return nil
    }

    /// Collects received bytes until there are `count`.
    func receive(_ count: Int) async -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard case .received(let part)? = await wait({ if case .received = $0 { true } else { false } }) else {
                break
            }
            bytes += part
        }
        return bytes
    }
}

/// A handler made of closures, every event recorded.
final class TestHandler: ConnectionHandler {
    let recorder: Recorder
    let onOpen: (Connection) -> Void
    let onReceive: (RawSpan, Connection) -> Void
    let onDeadline: (Connection) -> Void
    let onInputEnd: ((Connection) -> Void)?

    init(
        _ recorder: Recorder, onOpen: @escaping (Connection) -> Void = { _ in },
        onReceive: @escaping (RawSpan, Connection) -> Void = { _, _ in },
        onDeadline: @escaping (Connection) -> Void = { _ in }, onInputEnd: ((Connection) -> Void)? = nil
    ) {
        self.recorder = recorder
        self.onOpen = onOpen
        self.onReceive = onReceive
        self.onDeadline = onDeadline
        self.onInputEnd = onInputEnd
    }

    func inputEnded(on connection: Connection) {
        if let onInputEnd { onInputEnd(connection) } else { connection.shutDownWriting() }
    }

    func opened(_ connection: Connection) {
        recorder.record(.opened)
        onOpen(connection)
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        recorder.record(.received(bytes.withUnsafeBytes { [UInt8]($0) }))
        onReceive(bytes, connection)
    }

    func wrote(_ byteCount: Int, on connection: Connection) {
        recorder.record(.wrote(byteCount))
    }

    func deadlineReached(on connection: Connection) {
        recorder.record(.deadline)
        onDeadline(connection)
    }

    func closed(_ connection: Connection, cause: CloseCause) {
        recorder.record(.closed(cause))
    }
}

/// Accepts with handlers that a closure makes.
final class TestAcceptor: AcceptHandler {
    let make: () -> (any ConnectionHandler)?

    init(_ make: @escaping () -> (any ConnectionHandler)?) {
        self.make = make
    }

    func accept(from address: SocketAddress, on loop: EventLoop) -> (any ConnectionHandler)? {
        make()
    }
}

/// A running loop with one listener on 127.0.0.1; stopped when the test ends.
struct LoopFixture {
    let handle: EventLoopHandle
    let port: UInt16

    static func with(
        _ configuration: EventLoop.Configuration = EventLoop.Configuration(),
        handler: @escaping @Sendable () -> (any ConnectionHandler)?,
        _ body: (LoopFixture) async throws -> Void
    ) async throws {
        let handle = try EventLoopHandle.start(configuration)
        let address = try await handle.submit { loop in
            try loop.listen(
                on: SocketAddress(ipv4: 127, 0, 0, 1, port: 0), handler: TestAcceptor(handler)
            ).address
        }
        do {
            try await body(LoopFixture(handle: handle, port: address.port))
        } catch {
            await handle.shutdown(within: .zero)
            throw error
        }
        await handle.shutdown(within: .zero)
    }

    /// Runs a blocking piece of a test off the cooperative threads.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await runBlocking(body)
    }
}

func runBlocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    let pool = try WorkerPool(workers: 1, name: "test")
    defer { pool.stop() }
    return try await withCheckedThrowingContinuation { continuation in
        let lane = Lane<Int> { _ in
            continuation.resume(with: Result { try body() })
        }
        if lane.append(0) { pool.schedule(lane) }
    }
}

/// A splittable random sequence with a seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
