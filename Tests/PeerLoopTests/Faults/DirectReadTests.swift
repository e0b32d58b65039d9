import PeerLoop
import TestSupport
import Testing

/// Has what arrives read to where it says, and gives a ``Witness`` what came.
final class DirectReader: ConnectionHandler {
    private let witness: Witness
    private let onRead: ((DirectReader, Connection, (inout OutputSpan<UInt8>) -> Void) -> Void)?
    private let onReceive: (Connection) -> Void

    /// One that reads as much as there is room for.
    init(_ witness: Witness, received: @escaping (Connection) -> Void = { _ in }) {
        self.witness = witness
        onRead = nil
        onReceive = received
    }

    /// One that does as a test says.
    init(
        _ witness: Witness = Witness(),
        _ onRead: @escaping (DirectReader, Connection, (inout OutputSpan<UInt8>) -> Void) -> Void
    ) {
        self.witness = witness
        self.onRead = onRead
        onReceive = { _ in }
    }

    func opened(_ connection: Connection) {
        witness.note { $0.openedCount += 1 }
        connection.readsDirectly = true
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        witness.note { account in bytes.withUnsafeBytes { account.bytes.append(contentsOf: $0) } }
    }

    func receiveDirectly(on connection: Connection, limit: Int, _ read: (inout OutputSpan<UInt8>) -> Void) {
        if let onRead { return onRead(self, connection, read) }
        take(room: min(limit, 1 << 20), read)
        onReceive(connection)
    }

    /// Reads into so much room.
    func take(room: Int, _ read: (inout OutputSpan<UInt8>) -> Void) {
        witness.note { $0.bytes.append(addingCapacity: room, initializingWith: read) }
    }

    func closed(_ connection: Connection, cause: CloseCause) {
        witness.note { $0.closes.append(cause) }
    }
}

/// Reading straight to where the bytes belong keeps to the budget, and ends as any other reading.
@Suite(.timeLimit(.minutes(1))) struct DirectReadTests {
    private static let configuration = {
        var configuration = EventLoop.Configuration()
        configuration.directReadByteCountPerTick = 1_000
        return configuration
    }()

    /// Room for more than the limit, and reading twice, do not get a connection more than its share of a tick.
    @Test(arguments: [1, 2, 3]) func noHandlerTakesMoreThanItsShare(_ reads: Int) async throws {
        let witness = Witness()
        let log = TickLog()
        try await LoopFixture.with(
            Self.configuration,
            handler: {
                DirectReader(witness) { reader, connection, read in
                    let before = connection.receivedByteCount
                    for _ in 0..<reads { reader.take(room: 5_000, read) }
                    log.note(connection.eventLoop.tickCount, Int(connection.receivedByteCount - before))
                }
            }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            await witness.wait { $0.openedCount == 1 }
            let socket = Lock(client)
            try await fixture.handle.submit { _ in
                try socket.withLock { client in
                    try client.send(pattern(4_500))
                    try client.waitUntilTaken()
                }
            }
            await log.wait(for: 4_500)
            #expect(log.amounts == [1_000, 1_000, 1_000, 1_000, 500])
            #expect(witness.now.bytes == pattern(4_500))
            socket.withLock { $0.close() }
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(cause == .endOfStream)
        }
    }

    /// As long as it reads no more, a handler need not read.
    @Test(arguments: [true, false]) func aHandlerMayStopReadingInstead(_ pauses: Bool) async throws {
        let witness = Witness()
        try await LoopFixture.with(
            Self.configuration,
            handler: {
                DirectReader(witness) { _, connection, _ in
                    if pauses { connection.pauseReading() }
                    connection.readsDirectly = false
                }
            }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            try client.send([1, 2, 3])
            if pauses {
                let isPaused = try await eventually {
                    try await fixture.handle.submit { loop in
                        var isPaused = false
                        loop.forEachConnection { isPaused = $0.isPaused }
                        return isPaused
                    }
                }
                #expect(isPaused)
                try await fixture.handle.expectQuiet()
                try await fixture.handle.submit { loop in loop.forEachConnection { $0.resumeReading() } }
            }
            await witness.wait { $0.bytes == [1, 2, 3] }
        }
    }

    /// What was sent before a reset comes before it, here as well, also when each answer fails.
    @Test(arguments: [true, false]) func theTailIsRead(_ answers: Bool) async throws {
        let witness = Witness()
        try await LoopFixture.with(
            Self.configuration,
            handler: { DirectReader(witness, received: { if answers { $0.write([1]) } }) }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            await witness.wait { $0.openedCount == 1 }
            let socket = Lock<BlockingSocket?>(client)
            try await fixture.handle.submit { _ in
                try socket.withLock { client in
                    try client?.send(pattern(20_000))
                    try client?.waitUntilTaken()
                    client?.reset()
                    client = nil
                }
            }
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(cause?.isReset == true)
            #expect(witness.now.bytes == pattern(20_000))
        }
    }

    /// A peer that floods at full speed gets its share of each tick, and those beside it theirs.
    @Test(arguments: [true, false]) func aFloodLeavesRoomForTheRest(_ isDirect: Bool) async throws {
        var configuration = EventLoop.Configuration()
        configuration.readByteCountPerTick = 2_000
        configuration.directReadByteCountPerTick = 2_000
        let flood = TickLog()
        let accepted = Lock(0)
        try await LoopFixture.with(
            configuration,
            handler: {
                let isFlood = accepted.withLock { count in
                    count += 1
                    return count == 1
                }
                if !isFlood { return TestHandler(Recorder(), onReceive: { $1.write($0) }) }
                if !isDirect { return Closures(received: { flood.note($1.eventLoop.tickCount, $0) }) }
                return DirectReader { _, connection, read in
                    let before = connection.receivedByteCount
                    var bytes: [UInt8] = []
                    bytes.append(addingCapacity: 10_000, initializingWith: read)
                    flood.note(connection.eventLoop.tickCount, Int(connection.receivedByteCount - before))
                }
            }
        ) { fixture in
            let port = fixture.port
            let flooder = Lock(try BlockingSocket(port: port))
            try await fixture.handle.submit { _ in }
            async let flooded: Void = runOnThreads(1) { _ in
                try? flooder.withLock { client in
                    try client.send(pattern(400_000))
                    client.close()
                }
            }
            let isRight = try await runBlocking { try EchoClient.exchange(pattern(2_000), port: port, piece: 20) }
            #expect(isRight)
            try await flooded
            await flood.wait(for: 400_000)
            #expect(flood.amounts.max() ?? .max <= 2_000)
            #expect(flood.amounts.count >= 200)
        }
    }
}
