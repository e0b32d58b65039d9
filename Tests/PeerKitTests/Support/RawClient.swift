import PeerLoop
import PeerWire
import TestSupport

/// Runs the jobs of one actor on a thread that may block, so that a raw client never holds a thread that tasks need.
final class ThreadExecutor: SerialExecutor {
    private final class Work: WorkerPool.Work {
        private let job: UnownedJob
        private let executor: ThreadExecutor

        init(_ job: UnownedJob, _ executor: ThreadExecutor) {
            self.job = job
            self.executor = executor
        }

        func runOnWorker() -> Bool {
            job.runSynchronously(on: executor.asUnownedSerialExecutor())
            return false
        }
    }

    private let pool: WorkerPool

    init() throws {
        pool = try WorkerPool(workers: 1, name: "raw")
    }

    deinit {
        pool.stop()
    }

    func enqueue(_ job: UnownedJob) {
        pool.schedule(Work(job, self))
    }
}

/// A frame as it came over the wire, cut by hand.
struct RawFrame: Equatable, Sendable, CustomStringConvertible {
    var command: String
    var payload: [UInt8]

    var description: String { "\(command)(\(payload.count) bytes)" }
}

/// The other end of a peer, on a plain blocking socket: a view of the wire that does not pass through the code under
/// test.
actor RawClient {
    private let executor: ThreadExecutor
    private var connection: BlockingSocket?
    private(set) var sentByteCount: UInt64 = 0
    private(set) var receivedByteCount: UInt64 = 0
    private(set) var receivedFrameCount: UInt64 = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Connects to a port of 127.0.0.1.
    init(port: UInt16, receiveBuffer: Int32? = nil, sendBuffer: Int32? = nil) throws {
        executor = try ThreadExecutor()
        connection = try BlockingSocket(port: port, receiveBuffer: receiveBuffer, sendBuffer: sendBuffer)
    }

    /// Takes the next connection of a listener.
    init(acceptedBy listener: BlockingListener) async throws {
        executor = try ThreadExecutor()
        connection = nil
        // From here on this runs on the thread that may block.
        connection = try listener.accept()
    }

    private var socket: BlockingSocket {
        get throws {
            guard let connection else { throw Raw.Unexpected() }
            return connection
        }
    }

    func send(_ bytes: [UInt8]) throws {
        try socket.send(bytes)
        sentByteCount += UInt64(bytes.count)
    }

    func send(_ messages: [Message], version: ProtocolVersion = .current, network: Network = .regtest) throws {
        try send(messages.flatMap { try $0.frame(magic: network.magic, protocolVersion: version) })
    }

    func send(_ message: Message) throws {
        try send([message])
    }

    /// The next frame, `nil` when the stream ended in good order before it.
    func receiveFrame() throws -> RawFrame? {
        let header = try socket.receive(exactly: 24)
        receivedByteCount += UInt64(header.count)
        guard header.count == 24 else { return nil }
        let length = header[16..<20].reversed().reduce(0) { $0 << 8 | Int($1) }
        let payload = try socket.receive(exactly: length)
        receivedByteCount += UInt64(payload.count)
        guard payload.count == length else { return nil }
        receivedFrameCount += 1
        return RawFrame(
            command: String(decoding: header[4..<16].prefix { $0 != 0 }, as: UTF8.self), payload: payload)
    }

    func receiveFrames(_ count: Int) throws -> [RawFrame] {
        try (0..<count).compactMap { _ in try receiveFrame() }
    }

    /// The frames until the stream ends in good order; a reset is thrown.
    func receiveToEnd() throws -> [RawFrame] {
        var frames: [RawFrame] = []
        while let frame = try receiveFrame() { frames.append(frame) }
        return frames
    }

    /// Reads and forgets until the stream ends in any way.
    func drain() {
        while let part = try? connection?.receive(), !part.isEmpty { receivedByteCount += UInt64(part.count) }
    }

    func receiveBytes(_ count: Int) throws -> [UInt8] {
        let bytes = try socket.receive(exactly: count)
        receivedByteCount += UInt64(bytes.count)
        return bytes
    }

    func shutDownWriting() { connection?.shutDownWriting() }
    func close() { connection?.close() }
    func reset() { connection?.reset() }

    /// The handshake as the side that dialled, and the node's version.
    @discardableResult
    func handshake(as version: VersionMessage = Raw.version(), network: Network = .regtest) throws -> VersionMessage {
        try send([.version(version), .verack], network: network)
        return try receiveHandshake()
    }

    /// The handshake as the side that was dialled.
    @discardableResult
    func answerHandshake(as version: VersionMessage = Raw.version()) throws -> VersionMessage {
        guard let theirs = try Raw.version(in: receiveFrame()) else { throw Raw.Unexpected() }
        try send([.version(version), .verack])
        try receiveVerack()
        return theirs
    }

    private func receiveHandshake() throws -> VersionMessage {
        guard let theirs = try Raw.version(in: receiveFrame()) else { throw Raw.Unexpected() }
        try receiveVerack()
        return theirs
    }

    /// A `verack`, with or without a `sendaddrv2` before it.
    private func receiveVerack() throws {
        var command = try receiveFrame()?.command
        if command == "sendaddrv2" { command = try receiveFrame()?.command }
        guard command == "verack" else { throw Raw.Unexpected() }
    }
}

/// What raw clients say.
enum Raw {
    /// Something other than the handshake came.
    struct Unexpected: Error {}

    static func version(
        _ number: Int32 = 70016, services: Services = [.network, .bitcoinCash], nonce: UInt64 = 0x1234_5678_9abc_def0,
        height: Int32 = 77
    ) -> VersionMessage {
        VersionMessage(
            protocolVersion: ProtocolVersion(rawValue: number), services: services, timestamp: 1_700_000_000,
            nonce: nonce, userAgent: UserAgent(name: "raw", version: "1"), startHeight: height)
    }

    static func version(in frame: RawFrame?) throws -> VersionMessage? {
        guard let frame, frame.command == "version" else { return nil }
        guard case .version(let message) = try Message.decode(command: .version, payload: frame.payload) else {
            return nil
        }
        return message
    }

    /// The contents of a `reject`, `nil` for anything else.
    static func reject(in frame: RawFrame?) throws -> RejectMessage? {
        guard let frame, frame.command == "reject" else { return nil }
        guard case .reject(let message) = try Message.decode(command: .reject, payload: frame.payload) else {
            return nil
        }
        return message
    }

    /// A frame by hand, true or false to its header.
    static func frame(
        _ command: String, _ payload: [UInt8] = [], magic: UInt32 = Network.regtest.magic, length: Int? = nil,
        checksum: UInt32? = nil
    ) -> [UInt8] {
        func bytes(_ word: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        let name = Array(command.utf8)
        return bytes(magic) + name + [UInt8](repeating: 0, count: 12 - name.count)
            + bytes(UInt32(length ?? payload.count)) + bytes(checksum ?? SHA256d.checksum(payload.span.bytes)) + payload
    }
}
